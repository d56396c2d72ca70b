import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseJson } from '../../../src/common/json';
import { ImcotError } from '../../../src/common/errors';
import { imcotReader } from '../../../src/readers/trajectories/imcot';
import { runRollout } from '../../../src/rollout/agentLoop';
import type { RolloutRun } from '../../../src/rollout/agentLoopPlan';
import { DEEPEYES_V2 } from '../../../src/rollout/protocols/deepEyes';
import { Recorder } from '../../../src/rollout/recorder';
import { EventLogFile } from '../../../src/rollout/recorderFile';
import { recordRollout } from '../../../src/rollout/recordRollout';
import type { RolloutEvent } from '../../../src/rollout/rolloutEvents';
import { codecs, readGood } from '../../support/readRecords';
import { ScriptedBackend } from '../../support/scriptedBackend';
import { gradient, playScript, qwenTemplate, realCutter, zoom } from './support/rolloutLog';

const TURNS = [
  { says: zoom([10, 10, 94, 66]) },
  { says: zoom([0, 0, 5, 5]) },
  { says: '<answer>B</answer>' },
];

async function scripted(): Promise<RolloutRun> {
  const backend = new ScriptedBackend(await qwenTemplate(), TURNS);
  return { backend, cutter: realCutter, protocol: DEEPEYES_V2, settings: { sampling: { temperature: 0 } } };
}

describe('recordRollout', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-rollout-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('passes each event on only when it is in the file', async () => {
    const file = path.join(folder, 'run.imcot.jsonl');
    const sink = await EventLogFile.create(file);
    const recorder = new Recorder(sink, { sha256: codecs.sha256 });
    await recorder.header();
    let heard = '';
    let observations = 0;
    for await (const event of recordRollout(
      runRollout({ question: 'q', pictures: [gradient(280, 224)] }, await scripted()),
      recorder,
    )) {
      const log = readFileSync(file, 'utf8');
      if (event.type === 'text') heard += event.text;
      if (event.type === 'observation') observations++;
      const lines = log
        .trimEnd()
        .split('\n')
        .map((line) => parseJson(line))
        .map((read) => (read.ok ? read.value : undefined) as Record<string, unknown>);
      assert.equal(
        lines.map((line) => (line['event'] === 'text' ? String(line['text']) : '')).join(''),
        heard,
      );
      assert.equal(lines.filter((line) => line['event'] === 'observation').length, observations);
      if (event.type === 'end') assert.equal(lines.at(-1)?.['event'], 'outcome');
    }
    assert.equal(observations, 2);
    await sink.close();
  });

  it('makes a file that reads back as what happened', async () => {
    const { events, trajectory } = await playScript({
      turns: TURNS,
      task: {
        id: 'a',
        groundTruth: 'B',
        boxes: [[1, 2, 3, 4]],
        group: { key: 'g', provenance: 'uid' },
        step: 3,
        split: 's',
      },
    });
    const turns = events.flatMap((event) => (event.type === 'turn' ? [event] : []));
    assert.deepEqual(
      trajectory.turns.map(({ raw }) => raw),
      turns.map(({ raw }) => raw),
    );
    for (const [index, turn] of trajectory.turns.entries()) {
      const bare = turn.parts.map(({ tokens: _tokens, ...part }) => part);
      assert.deepEqual(bare, turns[index]?.parts);
    }
    const shown = events.flatMap((event) => (event.type === 'observation' ? [event] : []));
    const observed = trajectory.turns.flatMap(({ observation }) => (observation ? [observation] : []));
    assert.deepEqual(
      observed.map(({ raw, text, error }) => [raw, text, error]),
      shown.map(({ raw, text, error }) => [raw, text, error]),
    );
    const texts = events.flatMap((event) => (event.type === 'text' ? [event] : []));
    assert.deepEqual(
      trajectory.tokens?.texts,
      texts.map(({ text }) => text),
    );
    assert.deepEqual(
      trajectory.tokens?.logProbabilities,
      texts.map(({ logProbability }) => logProbability),
    );
    assert.ok(trajectory.tokens?.actionMask.every((mine) => mine));
    const { id, groundTruth, group, step, split, prediction, outcome } = trajectory;
    assert.deepEqual(
      [id, groundTruth, group, step, split],
      ['a', 'B', { key: 'g', provenance: 'uid' }, 3, 's'],
    );
    assert.deepEqual([prediction, outcome], ['B', { status: 'finished' }]);
    assert.equal(trajectory.prompt.question, 'What is on the sign?');
    assert.deepEqual(trajectory.groundTruthBoxes, [{ x1: 1, y1: 2, x2: 3, y2: 4 }]);
    const settings = trajectory.extras.get('settings') as Record<string, unknown>;
    assert.deepEqual(
      [settings['protocol'], settings['temperature'], settings['maxTurns']],
      ['deepeyes-v2', 0, 5],
    );
  });

  it('writes the same log for the same script, and asks each turn with a seed of its own', async () => {
    const run = { turns: TURNS, settings: { sampling: { temperature: 1, seed: 40 }, topCount: 2 } };
    const [first, second] = [await playScript(run), await playScript(run)];
    assert.equal(first.text, second.text);
    assert.equal(first.sequence.context, second.sequence.context);
    assert.deepEqual(
      first.sequence.asked.map(({ sampling }) => sampling.seed),
      [40, 41, 42],
    );
    assert.ok(first.sequence.asked.every(({ topCount }) => topCount === 2));
  });

  it('lets the trajectory be added to after its end', async () => {
    const lines: string[] = [];
    const sink = {
      append: (line: string) => Promise.resolve(void lines.push(line)),
      writeImage: () => Promise.resolve('x.png'),
    };
    const recorder = new Recorder(sink, { sha256: codecs.sha256, firstTrajectory: 4 });
    const rollout = runRollout({ question: 'q', pictures: [gradient(280, 224)] }, await scripted());
    let judge: (() => Promise<void>) | undefined;
    const events = recordRollout(rollout, recorder, (trajectory) => {
      assert.equal(trajectory.trajectory, 4);
      judge = () => trajectory.record({ event: 'verdict', correct: true, provenance: 'recomputed' });
    });
    for await (const event of events) if (event.type === 'end') await judge?.();
    const values = lines.map((line) => JSON.parse(line) as unknown);
    assert.deepEqual(readGood(imcotReader, ...values).trajectory.verdict, {
      correct: true,
      provenance: 'recomputed',
    });
  });

  it('stops the model when the log can not be written any more', async () => {
    let left = 6;
    const full = new ImcotError('denied', 'The disk is full.');
    const sink = {
      append: () => (left-- > 0 ? Promise.resolve() : Promise.reject(full)),
      writeImage: () => Promise.resolve('x.png'),
    };
    const run = await scripted();
    const seen: RolloutEvent[] = [];
    const events = recordRollout(
      runRollout({ question: 'q', pictures: [] }, run),
      new Recorder(sink, { sha256: codecs.sha256 }),
    );
    await assert.rejects(async () => {
      for await (const event of events) seen.push(event);
    }, /disk is full/);
    assert.equal(seen.filter(({ type }) => type === 'text').length, 5);
    assert.equal((run.backend as ScriptedBackend).sequences[0]?.closed, true);
  });
});
