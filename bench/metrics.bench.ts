import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { NoPython, pythonEnvironment } from '../scripts/lib/pythonEnvironment';
import { median, report, type BenchResult } from './harness';
import type { MetricsAnswer } from './metrics/child';
import { makeConsoleLog, makeEventFile } from './metrics/logs';
import { buildProgram, CACHE, Child, ROOT } from './programs';

const ROUNDS = 11;
const EVENT_BYTES = 100_000_000;
const CONSOLE_BYTES = 1_000_000_000;
const CHILD = path.join(CACHE, 'metricsChild.js');

/** What a peer prints. */
interface PeerAnswer {
  readonly seconds: number;
  readonly values: number;
}

function runPeer(python: string, program: string, file: string): PeerAnswer {
  const ran = spawnSync(python, [path.join(ROOT, 'bench/metrics', program), file], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(`${program} ended with ${ran.status}: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as PeerAnswer;
}

interface Ours {
  readonly milliseconds: readonly number[];
  readonly values: number;
  /** Of a process that has read the file once. */
  readonly peakMib: number;
}

async function read(child: Child): Promise<MetricsAnswer> {
  const answer = (await child.ask({})) as MetricsAnswer;
  if (answer.damages > 0) throw new Error(`${answer.damages} damages in an intact file`);
  return answer;
}

/** Reads the file in a fresh process, as an editor that opens it, and again in a warm one between the peer's runs. */
async function race(
  file: string,
  peer: () => number,
): Promise<{ readonly ours: Ours; readonly peer: number }> {
  const fresh = await Child.start(CHILD, file);
  const { peakMib, values } = await read(fresh);
  await fresh.gone();
  const warm = await Child.start(CHILD, file);
  await read(warm);
  const milliseconds: number[] = [];
  const half = Math.ceil(ROUNDS / 2);
  for (let round = 0; round < half; round++) milliseconds.push((await read(warm)).milliseconds);
  const peerSeconds = peer();
  for (let round = half; round < ROUNDS; round++) milliseconds.push((await read(warm)).milliseconds);
  await warm.gone();
  return { ours: { milliseconds, values, peakMib }, peer: peerSeconds };
}

const perSecond = (bytes: number, milliseconds: number): number => bytes / 1000 / milliseconds;

function checkSame(ours: number, theirs: number): void {
  if (ours !== theirs) throw new Error(`we read ${ours} values, the peer ${theirs}`);
}

function machine(): string {
  return `${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)} when it ended.`;
}

async function eventFiles(python: string): Promise<BenchResult> {
  const file = path.join(CACHE, 'events.out.tfevents.1.bench');
  const bytes = makeEventFile(file, EVENT_BYTES);
  let theirs = 0;
  const raced = await race(file, () => {
    const { seconds, values } = runPeer(python, 'tensorboardLoader.py', file);
    theirs = values;
    return seconds;
  });
  checkSame(raced.ours.values, theirs);
  const middle = median(raced.ours.milliseconds);
  const ours = perSecond(bytes, middle);
  const peer = perSecond(bytes, raced.peer * 1000);
  return {
    name: 'TensorBoard event files',
    how: [
      `${bytes / 1e6} MB of scalars, one value per event, ${raced.ours.values.toLocaleString('en')} values under 60 tags; both check every checksum and keep every value.`,
      `Ours: median of ${ROUNDS} in a warm process, from opening the file to the last value; the peer, TensorBoard 2.21.0's own Python loader (bench/metrics/tensorboardLoader.py), once between them, since it takes minutes.`,
      machine(),
    ],
    measurements: [
      { what: 'ours', value: ours, unit: 'MB/s' },
      { what: "TensorBoard's Python loader", value: peer, unit: 'MB/s' },
      { what: 'ours, peak memory of a fresh process', value: raced.ours.peakMib, unit: 'MiB' },
    ],
    ratios: [
      { what: "ours / TensorBoard's Python loader", value: ours / peer, limit: { atLeast: 5 } },
      { what: 'ours / 150 MB/s', value: ours / 150, limit: { atLeast: 1 } },
    ],
  };
}

async function consoleLogs(python: string): Promise<BenchResult> {
  const file = path.join(CACHE, 'console.log');
  const bytes = makeConsoleLog(file, CONSOLE_BYTES);
  let theirs = 0;
  const raced = await race(file, () => {
    const { seconds, values } = runPeer(python, 'consoleLoop.py', file);
    theirs = values;
    return seconds;
  });
  checkSame(raced.ours.values, theirs);
  const ours = perSecond(bytes, median(raced.ours.milliseconds));
  const peer = perSecond(bytes, raced.peer * 1000);
  return {
    name: 'Console logs of verl',
    how: [
      `${(bytes / 1e9).toFixed(1)} GB with Ray's prefixes and colours, ${raced.ours.values.toLocaleString('en')} values under 60 keys in about 6 % of the bytes, the rest the agent's own lines and progress bars.`,
      `Ours: median of ${ROUNDS} in a warm process; the peer, a loop over the lines with Python's re (bench/metrics/consoleLoop.py), once between them. Both find the same number of values.`,
      machine(),
    ],
    measurements: [
      { what: 'ours', value: ours, unit: 'MB/s' },
      { what: 'Python loop', value: peer, unit: 'MB/s' },
    ],
    ratios: [
      { what: 'ours / Python loop', value: ours / peer, limit: { atLeast: 2 } },
      { what: 'ours / 100 MB/s', value: ours / 100, limit: { atLeast: 1 } },
    ],
    limits: [
      {
        what: 'ours, peak memory of a fresh process',
        value: raced.ours.peakMib,
        unit: 'MiB',
        atMost: 200e6 / 2 ** 20,
      },
    ],
  };
}

async function main(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(path.join(CACHE, '.gitignore'), '*\n');
  await buildProgram('bench/metrics/child.ts', CHILD);
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const { python } = await pythonEnvironment(
    'bench-metrics',
    path.join(ROOT, 'bench/metrics/requirements.txt'),
    say,
  );
  report(await eventFiles(python));
  report(await consoleLogs(python));
}

main().catch((thrown: unknown) => {
  const reason = thrown instanceof NoPython ? `${thrown.message} The peers run in Python.` : thrown;
  process.stderr.write(`${String(reason)}\n`);
  process.exitCode = 1;
});
