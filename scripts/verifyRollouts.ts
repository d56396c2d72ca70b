/*
 * npm run verify:rollouts -- <folder>: a trained checkpoint must do again what was recorded with it at temperature 0.
 * The folder holds checkpoint/ and samples/rollouts.jsonl with its pictures. Ends with 1 where a rollout differs at a
 * token whose margin is 1e-3 or more, or when there is none to compare.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeRgb, MAX_PIXELS } from '../src/imaging/decodeImage';
import { openLocalModel } from '../src/inference/onnx/localModel';
import type { LocalModel } from '../src/inference/onnx/localModel';
import { playRollout } from './quality/playRollout';
import type { PlayedRollout } from './quality/playRollout';
import { readRecordedRun } from './quality/recordedRollouts';
import type { RecordedRollout } from './quality/recordedRollouts';

/** Below this another token is a matter of rounding: in nats, between the two most likely tokens. */
const MARGIN = 1e-3;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Where two lists of token ids part; undefined when they are equal. */
function firstDifference(left: readonly number[], right: readonly number[]): number | undefined {
  const length = Math.max(left.length, right.length);
  for (let at = 0; at < length; at++) if (left[at] !== right[at]) return at;
  return undefined;
}

interface Outcome {
  readonly sameText: boolean;
  readonly sameAnswer: boolean;
  readonly sameBoxes: boolean;
  /** Of the first token that differs; absent where none does. */
  readonly margin?: number;
  readonly line: string;
}

function compare(played: PlayedRollout, recorded: RecordedRollout, model: LocalModel): Outcome {
  const { tokenizer } = model.core;
  const sameAnswer = played.answer === recorded.answer;
  const sameBoxes = JSON.stringify(played.boxes) === JSON.stringify(recorded.boxes);
  const count = played.turns.reduce((sum, turn) => sum + turn.tokens.length, 0);
  const turns = Math.max(played.turns.length, recorded.turns.length);
  for (let at = 0; at < turns; at++) {
    const mine = played.turns[at];
    const theirs = recorded.turns[at];
    if (mine?.text === theirs && mine !== undefined) continue;
    const tokens = mine?.tokens ?? [];
    const place = firstDifference(
      tokens.map(({ id }) => id),
      tokenizer.encode(theirs ?? ''),
    );
    const margin = place === undefined ? undefined : tokens[place]?.margin;
    const line =
      `turn ${at + 1}, token ${(place ?? 0) + 1}, margin ${margin?.toExponential(1) ?? 'unknown'}:\n` +
      `    recorded ${JSON.stringify(theirs)}\n    now      ${JSON.stringify(mine?.text)}`;
    return { sameText: false, sameAnswer, sameBoxes, margin: margin ?? Infinity, line };
  }
  // The same text in other tokens would be another rollout: the recorded count tells.
  if (count !== recorded.tokens) {
    const line = `the text is the same, but in ${count} tokens instead of ${recorded.tokens}`;
    return { sameText: false, sameAnswer, sameBoxes, margin: Infinity, line };
  }
  return { sameText: true, sameAnswer, sameBoxes, line: `${count} tokens, boxes and answer equal` };
}

async function main(folder: string): Promise<boolean> {
  const run = await readRecordedRun(folder);
  const cacheFolder = await mkdtemp(path.join(tmpdir(), 'imcot-rollouts-'));
  const options = { provider: 'cpu', precision: 'full', contextLength: 2048, threads: 0 } as const;
  const model = await openLocalModel(
    { ...options, folder: run.checkpoint, cacheFolder, maxCacheBytes: 1e9, sequenceMemoryBytes: 1e9 },
    { onProgress: () => undefined, signal: new AbortController().signal },
  );
  const outcomes: Outcome[] = [];
  let smallest = Infinity;
  try {
    for (const recorded of run.rollouts) {
      const picture = await decodeRgb(
        { kind: 'path', key: recorded.image, path: recorded.image },
        MAX_PIXELS,
      );
      const played = await playRollout(model, picture, recorded.question, run.setting);
      const outcome = compare(played, recorded, model);
      for (const turn of played.turns)
        for (const { margin } of turn.tokens) smallest = Math.min(smallest, margin);
      say(`${path.basename(recorded.image)}: ${outcome.line}`);
      outcomes.push(outcome);
    }
  } finally {
    model.dispose();
    await rm(cacheFolder, { recursive: true, force: true });
  }
  const of = `of ${outcomes.length}`;
  const sum = (keep: (outcome: Outcome) => boolean): string => `${outcomes.filter(keep).length} ${of}`;
  say(`identical token for token: ${sum(({ sameText }) => sameText)}`);
  say(
    `identical answers: ${sum(({ sameAnswer }) => sameAnswer)}; boxes: ${sum(({ sameBoxes }) => sameBoxes)}`,
  );
  say(`smallest margin of any token: ${smallest.toExponential(1)} nats`);
  const excused = outcomes.filter(({ margin }) => margin !== undefined && margin < MARGIN).length;
  say(`rollouts that differ first at a token with a margin under ${MARGIN}: ${excused}`);
  return outcomes.length > 0 && outcomes.every(({ margin }) => margin === undefined || margin < MARGIN);
}

const [folder] = process.argv.slice(2);
if (folder === undefined) {
  process.stderr.write(
    'Name the folder: npm run verify:rollouts -- <folder with checkpoint/ and samples/>\n',
  );
  process.exit(2);
}
main(folder).then(
  // The runtime's own threads would keep the process.
  (good) => process.exit(good ? 0 : 1),
  (thrown: unknown) => {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
    process.exit(1);
  },
);
