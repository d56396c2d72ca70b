/*
 * npm run torture [-- --rounds N --rollouts N --host N --damage N --seed N]: kills at random moments, in three parts, and
 * damages files of metrics in a fourth.
 * --rounds (100): the process of a model of some 60 million random weights while it loads, quantises, reads and writes.
 * --rollouts (100): the process of a model whose rollout is played and recorded.
 * In both most blows are kill -9; every tenth round has SIGSEGV, SIGABRT or SIGSTOP each.
 * --host (20): what plays and records: `imcot run`, and in every fifth round the extension host of a real editor. Needs
 * `npm run build`, and the editor of the integration tests; --vsix F takes the packaged extension there.
 * --damage (2000): a file of each metric format is cut at every byte, a larger one cut and flipped so many times.
 * 0 leaves a part out. Ends with 1 when anything went wrong.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeRandomCheckpoint } from '../test/support/randomCheckpoint';
import { isHostInstalled } from '../test/host/install.mjs';
import { buildWorker } from './torture/buildWorker';
import { tortureCommand } from './torture/command';
import { tortureDamage } from './torture/damage';
import { tortureEditor } from './torture/editor';
import { tortureRollouts } from './torture/rollouts';
import { torture } from './torture/torture';
import type { Activity, Blow, Round } from './torture/torture';

const ACTIVITIES: readonly Activity[] = ['quantise', 'prefill', 'load', 'decode'];
const OTHER_BLOWS: Readonly<Record<number, Blow>> = { 3: 'SIGSEGV', 6: 'SIGABRT', 9: 'SIGSTOP' };

/** One of so many host rounds is on the editor, which takes much longer to start. */
const EDITOR_EVERY = 5;

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

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '100' },
    rollouts: { type: 'string', default: '100' },
    host: { type: 'string', default: '20' },
    damage: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    vsix: { type: 'string' },
  },
});

interface Place {
  readonly programs: string;
  readonly workFolder: string;
  readonly seed: number;
}

/** Says what went wrong, and gives how much. */
function tell(problems: readonly string[]): number {
  for (const problem of problems) say(problem);
  say(`${problems.length} problems`);
  return problems.length;
}

async function model(count: number, { programs, workFolder, seed }: Place): Promise<number> {
  const workerPath = await buildWorker(programs);
  const folder = path.join(workFolder, 'checkpoint');
  const { parameters } = await writeRandomCheckpoint(folder, MIDDLE);
  say(`${count} rounds on a model alone, seed ${seed}, ${parameters} parameters`);
  const rounds = plan(count);
  const { hits, problems } = await torture({ workerPath, folder, workFolder, rounds, seed, onRound: say });
  for (const blow of ['SIGKILL', 'SIGSEGV', 'SIGABRT', 'SIGSTOP'])
    say(`${blow}: ${rounds.filter((round) => round.blow === blow).length} rounds`);
  for (const [phase, times] of hits) say(`hit while ${phase}: ${times}`);
  return tell(problems);
}

async function rollouts(count: number, { programs, workFolder, seed }: Place): Promise<number> {
  say(`${count} rounds on the model's process of a rollout, seed ${seed}`);
  const blows = plan(count).map(({ blow }) => blow);
  const workerPath = await buildWorker(programs);
  const report = await tortureRollouts({ workerPath, workFolder, blows, seed, onRound: say });
  for (const [phase, times] of report.hits) say(`hit after ${phase}: ${times}`);
  say(`${report.texts} texts were handed out before the ends`);
  return tell(report.problems);
}

async function host(count: number, { programs, workFolder, seed }: Place): Promise<number> {
  const editorRounds = isHostInstalled() ? Math.floor(count / EDITOR_EVERY) : 0;
  const commandRounds = count - editorRounds;
  say(`${commandRounds} rounds on imcot run, ${editorRounds} on an editor's extension host, seed ${seed}`);
  const options = { workFolder, seed, onRound: say };
  const command = await tortureCommand({ ...options, programs, rounds: commandRounds });
  const milliseconds = Math.round(command.longestOrphan);
  say(`${command.printed} lines were printed before the kills; models gone within ${milliseconds} ms`);
  const editor = await tortureEditor({
    ...options,
    rounds: editorRounds,
    ...(values.vsix !== undefined && { vsix: values.vsix }),
  });
  say(`${editor.shown} letters stood on pages at the kills`);
  return tell([...command.problems, ...editor.problems]);
}

async function damage(count: number, { seed }: Place): Promise<number> {
  say(`${count} rounds on files of each metric format, seed ${seed}`);
  return tell(await tortureDamage(count, seed, say));
}

const PARTS = { rounds: model, rollouts, host, damage } as const;

async function main(counts: Readonly<Record<keyof typeof PARTS, number>>, seed: number): Promise<boolean> {
  const bundles = path.join(__dirname, '../out/torture');
  await mkdir(bundles, { recursive: true });
  let problems = 0;
  let done = 0;
  for (const name of ['rounds', 'rollouts', 'host', 'damage'] as const) {
    if (!(counts[name] > 0)) continue;
    const programs = await mkdtemp(path.join(bundles, `${name}-`));
    const workFolder = await mkdtemp(path.join(tmpdir(), 'imcot-torture-'));
    try {
      problems += await PARTS[name](counts[name], { programs, workFolder, seed });
      done += counts[name];
    } finally {
      await rm(programs, { recursive: true, force: true });
      await rm(workFolder, { recursive: true, force: true });
    }
  }
  return done > 0 && problems === 0;
}

const counts = {
  rounds: Number(values.rounds),
  rollouts: Number(values.rollouts),
  host: Number(values.host),
  damage: Number(values.damage),
};
main(counts, Number(values.seed)).then(
  (good) => (process.exitCode = good ? 0 : 1),
  (thrown: unknown) => {
    process.stderr.write(`${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}\n`);
    process.exitCode = 1;
  },
);
