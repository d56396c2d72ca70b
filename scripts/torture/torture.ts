import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage, ImcotError } from '../../src/common/errors';
import type { ProcessLimits } from '../../src/inference/onnx/process/inferenceProcess';
import { MANIFEST_FILE, WEIGHTS_FILE } from '../../src/inference/onnx/quantise/manifest';
import { seededNumbers } from '../../src/inference/randomNumbers';
import { Subject } from './subject';
import type { Phase, Scene, Words } from './subject';
import { digestOf, isThere, listing, processesWith } from './traces';

/** What a process is at when it is hit: loading without or with quantised weights in the cache, reading, writing. */
export type Activity = 'quantise' | 'load' | 'prefill' | 'decode';

/** How it is hit. SIGSTOP freezes it: nothing ends then unless the silence is noticed. */
export type Blow = 'SIGKILL' | 'SIGSEGV' | 'SIGABRT' | 'SIGSTOP';

/** One round. */
export interface Round {
  readonly activity: Activity;
  readonly blow: Blow;
}

/** What to torture, and where. */
export interface TortureOptions {
  readonly workerPath: string;
  /** The checkpoint folder; nothing may change in it. */
  readonly folder: string;
  /** Made and filled; the caller removes it. */
  readonly workFolder: string;
  readonly rounds: readonly Round[];
  readonly seed: number;
  readonly onRound?: (line: string) => void;
}

/** What came of it. */
export interface TortureReport {
  /** How often each phase was hit. */
  readonly hits: ReadonlyMap<Phase, number>;
  /** Sentences, one per thing that went wrong. */
  readonly problems: readonly string[];
}

/** Silence, in milliseconds, after which a frozen process is ended: short, and long enough for a busy machine. */
export const SHORT: Partial<ProcessLimits> = { start: 8000, silentLoad: 4000, silentRun: 4000 };

/** What a caller is told after each blow. */
export const SAYS: Readonly<Record<Blow, RegExp>> = {
  SIGKILL: /ended while (starting|loading|running): it was killed \(SIGKILL\)/,
  SIGSEGV: /ended while (starting|loading|running): it crashed \(SIGSEGV\)/,
  SIGABRT: /ended while (starting|loading|running): it crashed \(SIGABRT\)/,
  SIGSTOP: /gave no sign of life for \d+ s while (starting|loading|running)/,
};

/**
 * Hits a model's process round after round, at random moments, and looks after each whether the caller was told, the
 * process is gone, the next start says the same words as an untouched one, and nothing was left behind.
 */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  const temporary = path.join(options.workFolder, 'temporary');
  await mkdir(temporary, { recursive: true });
  const before = await listing(options.folder);
  const scene = { workerPath: options.workerPath, folder: options.folder, temporary };
  const sample = await takeSample({ ...scene, cacheFolder: path.join(options.workFolder, 'untouched') });
  const chamber = new Chamber(
    { ...scene, cacheFolder: path.join(options.workFolder, 'cache') },
    sample,
    options.seed,
  );
  const hits = new Map<Phase, number>();
  try {
    for (const [index, round] of options.rounds.entries()) {
      const phase = await chamber.run(round);
      hits.set(phase, (hits.get(phase) ?? 0) + 1);
      const count = chamber.problems.length;
      options.onRound?.(
        `${index + 1}: ${round.blow} while ${phase} (${round.activity}); ${count} problems so far`,
      );
    }
  } finally {
    await chamber.end();
  }
  const problems = [...chamber.problems];
  const left = await listing(temporary);
  if (left.length > 0) problems.push(`Temporary files are left: ${left.join(', ')}.`);
  if ((await listing(options.folder)).join() !== before.join())
    problems.push(`The checkpoint folder holds other files than before.`);
  const alive = await processesWith(options.workerPath);
  if (alive && alive.length > 0) problems.push(`Processes are left: ${alive.join(', ')}.`);
  return { hits, problems };
}

/** What an untouched process does. */
interface Sample {
  readonly words: Words;
  /** Of the quantised weights. */
  readonly digest: string;
  /** How long each activity takes, in milliseconds. */
  readonly durations: Readonly<Record<Activity, number>>;
}

async function takeSample(scene: Scene): Promise<Sample> {
  const timed = async (task: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await task();
    return performance.now() - start;
  };
  const maker = new Subject(scene);
  const quantise = await timed(() => maker.open());
  await maker.end();
  const subject = new Subject(scene);
  try {
    const load = await timed(() => subject.open());
    const prefill = await timed(() => subject.prefill());
    let words: Words = { ids: [], logProbabilities: [] };
    const decode = await timed(async () => (words = await subject.decode()));
    const digest = (await weightsIn(scene.cacheFolder)).join();
    return { words, digest, durations: { quantise, load, prefill, decode } };
  } finally {
    await subject.end();
  }
}

/** Digests of the quantised weights of every finished entry. */
async function weightsIn(cacheFolder: string): Promise<readonly string[]> {
  const files = (await listing(cacheFolder)).filter((name) => path.basename(name) === WEIGHTS_FILE);
  return Promise.all(files.map((name) => digestOf(path.join(cacheFolder, name))));
}

/** Hits one process after the other. */
class Chamber {
  readonly problems: string[] = [];
  private readonly random: { uniform(): number };
  private subject: Subject | undefined;
  private rounds = 0;

  constructor(
    private readonly scene: Scene,
    private readonly sample: Sample,
    seed: number,
  ) {
    this.random = seededNumbers(seed);
  }

  /** @returns what the process was at when it was hit */
  async run(round: Round): Promise<Phase> {
    this.rounds++;
    const { subject, task } = await this.begin(round);
    const outcome = task.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    await delay(this.random.uniform() * this.sample.durations[round.activity]);
    const { phase } = subject;
    const { pid } = subject.process;
    if (pid !== undefined) process.kill(pid, round.blow);
    // What was over before the blow says nothing of it; the next call does.
    const thrown = (await outcome) ?? (await subject.prefill().catch((later: unknown) => later));
    if (!(thrown instanceof ImcotError)) this.problem(`${phase}: no error came, but ${String(thrown)}`);
    else if (!SAYS[round.blow].test(thrown.message)) this.problem(`${phase}: "${thrown.message}"`);
    await subject.process.gone;
    if (pid !== undefined && isThere(pid)) this.problem(`${phase}: process ${pid} is still there`);
    await this.recover();
    return phase;
  }

  async end(): Promise<void> {
    await this.subject?.end();
    this.subject = undefined;
  }

  private async begin({ activity, blow }: Round): Promise<{ subject: Subject; task: Promise<unknown> }> {
    const loads = activity === 'quantise' || activity === 'load';
    if (loads || blow === 'SIGSTOP') await this.end();
    if (activity === 'quantise') await rm(this.scene.cacheFolder, { recursive: true, force: true });
    const subject = (this.subject ??= new Subject(this.scene, blow === 'SIGSTOP' ? SHORT : {}));
    if (loads) return { subject, task: subject.open() };
    if (subject.phase === 'starting') await subject.open();
    if (activity === 'decode') await subject.prefill();
    return { subject, task: activity === 'decode' ? subject.decode() : subject.prefill() };
  }

  /** The next start must be as if nothing had happened. */
  private async recover(): Promise<void> {
    const subject = (this.subject = new Subject(this.scene));
    try {
      await subject.open();
      await subject.prefill();
      const { ids, logProbabilities } = await subject.decode();
      const { words } = this.sample;
      if (ids.join() !== words.ids.join()) this.problem(`other words: ${ids.join()}`);
      const same = logProbabilities.every((value, at) => value === words.logProbabilities[at]);
      if (!same) this.problem('other log-probabilities');
    } catch (thrown) {
      this.problem(`the next start failed: ${errorMessage(thrown)}`);
    }
    const digests = await weightsIn(this.scene.cacheFolder);
    if (digests.join() !== this.sample.digest) this.problem('other quantised weights in the cache');
    const names = (await listing(this.scene.cacheFolder)).map((name) => path.basename(name));
    const expected = [WEIGHTS_FILE, MANIFEST_FILE];
    const others = names.filter((name) => !expected.includes(name));
    // The entry's folder, and the lease of the process that has it open.
    if (others.length !== 2) this.problem(`left in the cache: ${others.join(', ')}`);
  }

  private problem(sentence: string): void {
    this.problems.push(`Round ${this.rounds}: ${sentence}.`);
  }
}
