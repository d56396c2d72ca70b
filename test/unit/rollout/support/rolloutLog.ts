import assert from 'node:assert/strict';
import { cutPicture } from '../../../../src/imaging/cutPicture';
import { parseJson } from '../../../../src/common/json';
import type { RgbImage } from '../../../../src/imaging/imageStore';
import { ChatTemplate } from '../../../../src/inference/onnx/text/chatTemplate';
import { imcotReader } from '../../../../src/readers/trajectories/imcot';
import { runRollout } from '../../../../src/rollout/agentLoop';
import type { RolloutRun, RolloutTask } from '../../../../src/rollout/agentLoopPlan';
import type { Picture, PictureCutter } from '../../../../src/rollout/picture';
import { DEEPEYES_V2 } from '../../../../src/rollout/protocols/deepEyes';
import type { RolloutProtocol } from '../../../../src/rollout/protocols/protocol';
import type { EventSink } from '../../../../src/rollout/recorder';
import { Recorder } from '../../../../src/rollout/recorder';
import { recordRollout } from '../../../../src/rollout/recordRollout';
import type { RolloutEvent } from '../../../../src/rollout/rolloutEvents';
import type { RolloutSettings } from '../../../../src/rollout/rolloutSettings';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { qwenPath } from '../../../support/goldenQwen';
import { codecs, readGood } from '../../../support/readRecords';
import type { ScriptedSequence, ScriptedTurn, ScriptHooks } from '../../../support/scriptedBackend';
import { ScriptedBackend } from '../../../support/scriptedBackend';

/** A picture whose every pixel is told from its place. */
export function gradient(width: number, height: number): Picture {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([x % 256, y % 256, (x + y) % 256], (y * width + x) * 3);
  }
  return asPicture({ width, height, data });
}

/** Recorded as its bare pixels: what bytes a log holds is not the loop's business. */
function asPicture(pixels: RgbImage): Picture {
  const { width, height, data: bytes } = pixels;
  const record = { kind: 'bytes', bytes, mediaType: 'image/x-pixels', size: { width, height } } as const;
  return { pixels, record, key: codecs.sha256(bytes) };
}

/** Cuts for real. */
export const realCutter: PictureCutter = {
  cut: async (source, report) => asPicture(await cutPicture(source, report)),
};

/** What a test sets; the rest is usual. */
export interface ScriptedRun {
  readonly turns: readonly ScriptedTurn[];
  readonly task?: Partial<RolloutTask>;
  readonly protocol?: RolloutProtocol;
  readonly settings?: Partial<RolloutSettings>;
  readonly hooks?: ScriptHooks;
  readonly cutter?: PictureCutter;
  readonly signal?: AbortSignal;
  readonly contextLength?: number;
}

/** A rollout that was played and recorded. */
export interface PlayedRollout {
  readonly events: readonly RolloutEvent[];
  /** The log's lines without the header, parsed. */
  readonly lines: readonly Record<string, unknown>[];
  readonly text: string;
  readonly trajectory: Trajectory;
  readonly sequence: ScriptedSequence;
}

let template: Promise<ChatTemplate> | undefined;

/** The chat template of the released Qwen2.5-VL. */
export function qwenTemplate(): Promise<ChatTemplate> {
  template ??= ChatTemplate.open(qwenPath('checkpoint'));
  return template;
}

/** Plays a script through the loop into a log, and reads the log back. */
export async function playScript(run: ScriptedRun): Promise<PlayedRollout> {
  const backend = new ScriptedBackend(await qwenTemplate(), run.turns, run.hooks, {
    ...(run.contextLength !== undefined && { contextLength: run.contextLength }),
  });
  const task: RolloutTask = { question: 'What is on the sign?', pictures: [gradient(280, 224)], ...run.task };
  const rolloutRun: RolloutRun = {
    backend,
    cutter: run.cutter ?? realCutter,
    protocol: run.protocol ?? DEEPEYES_V2,
    settings: { sampling: { temperature: 0 }, ...run.settings },
    ...(run.signal && { signal: run.signal }),
  };
  const written: string[] = [];
  const sink: EventSink = {
    append: (line) => {
      written.push(line);
      return Promise.resolve();
    },
    writeImage: (hash) => Promise.resolve(`log.images/${hash}.png`),
  };
  const recorder = new Recorder(sink, { sha256: codecs.sha256 });
  const events: RolloutEvent[] = [];
  for await (const event of recordRollout(runRollout(task, rolloutRun), recorder)) events.push(event);
  const lines = written.map((line) => {
    const parsed = parseJson(line);
    assert.ok(parsed.ok, line);
    return parsed.value as Record<string, unknown>;
  });
  const { trajectory } = readGood(imcotReader, ...lines);
  const sequence = backend.sequences[0];
  assert.ok(sequence);
  assert.ok(sequence.closed, 'the sequence is closed whatever happened');
  return { events, lines, text: written.join('\n'), trajectory, sequence };
}

/** A zoom call as models write it. */
export function zoom(box: readonly number[], label = 'sign'): string {
  const call = { name: 'image_zoom_in_tool', arguments: { bbox_2d: box, label } };
  return `<think>closer</think>\n<tool_call>\n${JSON.stringify(call)}\n</tool_call>`;
}
