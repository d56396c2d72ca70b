/*
 * npm run torture [-- --rounds N --seed N]: hits the process of a model of some 60 million random weights in N rounds (100),
 * at random moments of loading, quantising, prefill and decode. Most blows are kill -9; every tenth round has SIGSEGV,
 * SIGABRT or SIGSTOP each. Ends with 1 when anything went wrong.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeRandomCheckpoint } from '../test/support/randomCheckpoint';
import { buildWorker } from './torture/buildWorker';
import { torture } from './torture/torture';
import type { Activity, Blow, Round } from './torture/torture';

const ACTIVITIES: readonly Activity[] = ['quantise', 'prefill', 'load', 'decode'];
const OTHER_BLOWS: Readonly<Record<number, Blow>> = { 3: 'SIGSEGV', 6: 'SIGABRT', 9: 'SIGSTOP' };

/** 68 million parameters: loading takes about a second, quantising some more, a token some hundredths. */
const MIDDLE = {
  text: {
    hiddenSize: 768,
    layers: 8,
    heads: 12,
    keyValueHeads: 2,
    intermediateSize: 2048,
    vocabularySize: 8192,
  },
  vision: { depth: 6, hiddenSize: 256, heads: 8, intermediateSize: 684, fullAttentionBlocks: [2, 5] },
  shards: 3,
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function plan(count: number): readonly Round[] {
  return Array.from({ length: count }, (_, at) => ({
    activity: ACTIVITIES[at % ACTIVITIES.length] ?? 'load',
    blow: OTHER_BLOWS[at % 10] ?? 'SIGKILL',
  }));
}

async function main(count: number, seed: number): Promise<boolean> {
  const bundles = path.join(__dirname, '../out/torture');
  await mkdir(bundles, { recursive: true });
  const bundle = await mkdtemp(path.join(bundles, 'worker-'));
  const workFolder = await mkdtemp(path.join(tmpdir(), 'imcot-torture-'));
  try {
    const workerPath = await buildWorker(bundle);
    const folder = path.join(workFolder, 'checkpoint');
    const { parameters } = await writeRandomCheckpoint(folder, MIDDLE);
    say(`${count} rounds, seed ${seed}, ${parameters} parameters`);
    const rounds = plan(count);
    const { hits, problems } = await torture({ workerPath, folder, workFolder, rounds, seed, onRound: say });
    for (const blow of ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGSTOP'])
      say(`${blow}: ${rounds.filter((round) => round.blow === blow).length} rounds`);
    for (const [phase, times] of hits) say(`hit while ${phase}: ${times}`);
    for (const problem of problems) say(problem);
    say(`${problems.length} problems`);
    return count > 0 && problems.length === 0;
  } finally {
    await rm(bundle, { recursive: true, force: true });
    await rm(workFolder, { recursive: true, force: true });
  }
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
});
main(Number(values.rounds), Number(values.seed)).then(
  (good) => (process.exitCode = good ? 0 : 1),
  (thrown: unknown) => {
    process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
    process.exitCode = 1;
  },
);
