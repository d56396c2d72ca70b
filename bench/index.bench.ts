import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { median, report, type BenchResult } from './harness';
import type { ChildAnswer } from './index/child';
import { makeMetricLog, makeRolloutLog, makeSparseLog } from './index/logs';
import type { Timed } from './index/peerChild';
import { findRipgrep } from './index/peers';
import { buildProgram, CACHE, Child, ROOT } from './programs';

const ROUNDS = 5;
const GIGABYTE = 1_000_000_000;

const inCache = (name: string): string => path.join(CACHE, name);
const WORKER = inCache('indexWorker.js');
const CHILD = inCache('child.js');
const EDGES = inCache('edgesChild.js');
const PEERS = inCache('peerChild.js');

async function buildPrograms(): Promise<void> {
  for (const [entry, outfile] of [
    ['src/files/indexWorker.ts', WORKER],
    ['bench/index/child.ts', CHILD],
    ['bench/index/edgesChild.ts', EDGES],
    ['bench/index/peerChild.ts', PEERS],
  ] as const) {
    await buildProgram(entry, outfile);
  }
}

type Mode = 'worker' | 'inProcess';

const startIndexing = (mode: Mode, file: string): Promise<Child> => Child.start(CHILD, mode, file, WORKER);

/** Milliseconds that a program takes from its start to its end. */
async function timeProgram(timer: Child, program: Timed): Promise<number> {
  const answer = (await timer.ask(program)) as { milliseconds: number } | { failed: string };
  if ('failed' in answer) throw new Error(answer.failed);
  return answer.milliseconds;
}

interface Raced {
  readonly worker: number;
  readonly workerWithStart: number;
  readonly inProcess: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly records: number;
  readonly peakMib: Readonly<Record<Mode, number>>;
}

/** All contenders in turn, so that a busy moment of the machine meets them all; a round before warms cache and code. */
async function race(
  file: string,
  peers: Readonly<Record<string, readonly [string, ...string[]]>>,
): Promise<Raced> {
  const empty = inCache('empty');
  writeFileSync(empty, '');
  const fresh = { worker: await peak('worker', file), inProcess: await peak('inProcess', file) };
  const ours = {
    worker: await startIndexing('worker', file),
    inProcess: await startIndexing('inProcess', file),
  };
  const timer = await Child.start(PEERS);
  const times: Record<string, number[]> = { worker: [], inProcess: [] };
  const note = (name: string, taken: number): unknown => (times[name] ??= []).push(taken);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const mode of ['worker', 'inProcess'] as const) {
      const { milliseconds } = (await ours[mode].ask('go')) as ChildAnswer;
      if (round > 0) note(mode, milliseconds);
    }
    for (const [name, [command, ...args]] of Object.entries(peers)) {
      const started = await timeProgram(timer, [command, ...args, empty]);
      const taken = await timeProgram(timer, [command, ...args, file]);
      if (round === 0) continue;
      note(`${name} start`, started);
      note(name, taken);
    }
  }
  ours.worker.end();
  ours.inProcess.end();
  timer.end();
  const of = (name: string): number => median(times[name] ?? []);
  return {
    worker: of('worker'),
    workerWithStart: fresh.worker.milliseconds,
    inProcess: of('inProcess'),
    peers: Object.fromEntries(Object.keys(peers).map((name) => [name, of(name) - of(`${name} start`)])),
    records: fresh.worker.records,
    peakMib: { worker: fresh.worker.peakMib, inProcess: fresh.inProcess.peakMib },
  };
}

/** One run in a process that has done nothing else. */
async function peak(mode: Mode, file: string): Promise<ChildAnswer> {
  const indexing = await startIndexing(mode, file);
  const answer = (await indexing.ask('go')) as ChildAnswer;
  indexing.end();
  return answer;
}

function describe(
  name: string,
  file: string,
  raced: Raced,
  how: readonly string[],
  isGoal: boolean,
): BenchResult {
  const { peers, peakMib } = raced;
  const megabytes = statSync(file).size / 1e6;
  const faster = Math.min(peers['rg -c .'] ?? Infinity, peers['rg -c --no-mmap .'] ?? Infinity);
  const milliseconds = (what: string, value: number) => ({ what, value, unit: 'ms' });
  const goal = (atLeast: number) => (isGoal ? { limit: { atLeast } } : {});
  return {
    name,
    how: [`${megabytes.toFixed(0)} MB, ${raced.records.toLocaleString('en')} records.`, ...how],
    measurements: [
      milliseconds('index in the worker', raced.worker),
      milliseconds('index in the worker, first time, thread start included', raced.workerWithStart),
      milliseconds('index in process', raced.inProcess),
      ...Object.entries(peers).map(([peer, value]) => milliseconds(`${peer}, start subtracted`, value)),
    ],
    ratios: [
      { what: 'speed of the worker / the faster rg', value: faster / raced.worker, ...goal(0.75) },
      { what: 'speed in process / the faster rg', value: faster / raced.inProcess, ...goal(0.9) },
      { what: 'speed in process / wc -l', value: (peers['wc -l'] ?? NaN) / raced.inProcess },
    ],
    limits: [
      { what: 'peak memory with the worker', value: peakMib.worker, unit: 'MiB', atMost: 150 },
      { what: 'peak memory in process', value: peakMib.inProcess, unit: 'MiB', atMost: 150 },
    ],
  };
}

/** Each time in a new process, from before the file is opened until both records are parsed. */
function edges(file: string): BenchResult {
  const times = Array.from({ length: ROUNDS }, () => {
    const done = spawnSync(process.execPath, [EDGES, file, WORKER], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
    return (JSON.parse(done.stdout) as { milliseconds: number }).milliseconds;
  });
  return {
    name: 'First and last record of 10 GB',
    how: [
      'A sparse file of 10 GB with real lines at both ends; opened, sniffed, first and last record parsed.',
      `Median of ${ROUNDS} new processes with cold code; the start of the process is not counted.`,
    ],
    measurements: [],
    ratios: [],
    limits: [{ what: 'open, first and last record', value: median(times), unit: 'ms', atMost: 50 }],
  };
}

async function main(): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  await buildPrograms();
  const rollouts = inCache('rollouts.jsonl');
  const metrics = inCache('metrics.jsonl');
  const sparse = inCache('sparse.jsonl');
  makeRolloutLog(rollouts, GIGABYTE);
  makeMetricLog(metrics, GIGABYTE);
  makeSparseLog(sparse, 10 * GIGABYTE);
  const ripgrep = findRipgrep(ROOT);
  const peers = {
    'rg -c .': [ripgrep.command, '-c', '.'],
    'rg -c --no-mmap .': [ripgrep.command, '-c', '--no-mmap', '.'],
    'wc -l': ['wc', '-l'],
  } as const;
  const how = [
    `Warm page cache, median of ${ROUNDS} rounds in which all take turns; the files were generated before.`,
    'Of rg and wc, started by a small process, the median time of the same command on an empty file is subtracted; ours is timed inside a running process.',
    `Load of the machine at the start: ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores; ratios mean something on a quiet one only.`,
    `rg is ${ripgrep.what}; the faster of plain (memory-mapped) and --no-mmap is the peer.`,
  ];
  report(
    describe(
      'Index of 1 GB of rollouts (RL Logging Board, about 20 KB a line)',
      rollouts,
      await race(rollouts, peers),
      how,
      true,
    ),
  );
  report(
    describe(
      'Index of 1 GB of short metric lines (every 64th offset kept)',
      metrics,
      await race(metrics, peers),
      how,
      false,
    ),
  );
  report(edges(sparse));
  if (process.env['KEEP'] === undefined) rmSync(CACHE, { recursive: true, force: true });
}

void main();
