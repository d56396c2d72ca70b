import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ImcotError } from '../../src/common/errors';
import { seededNumbers } from '../../src/inference/randomNumbers';
import type { PlayEvent } from '../../src/launch/playRollout';
import type { RolloutLog } from '../../src/launch/rolloutLog';
import { createRolloutLog } from '../../src/launch/rolloutLog';
import { readLog } from '../../test/support/demoModel';
import { writePicture } from '../../test/integration/support/samples';
import type { Moment } from './moments';
import { drawMoment } from './moments';
import { endOf, pictureProblems, readPlainLog, textsOf } from './plainLog';
import type { Play } from './rolloutSubject';
import { DEMO_PLAY, randomPlay, RolloutSubject } from './rolloutSubject';
import type { Blow } from './torture';
import { SAYS, SHORT } from './torture';
import { isThere, processesWith } from './traces';

/** What to torture, and where. */
export interface RolloutTorture {
  readonly workerPath: string;
  /** Made and filled; the caller removes it. */
  readonly workFolder: string;
  /** One rollout that is struck for each. The demo's model and random weights take turns. */
  readonly blows: readonly Blow[];
  readonly seed: number;
  readonly onRound?: (line: string) => void;
}

/** What came of it. */
export interface RolloutTortureReport {
  /**
   * How often a rollout was struck after each kind of event. The model is quicker than the recorder that flushes every
   * word: where it had said all, the rollout ends as if nothing had happened.
   */
  readonly hits: ReadonlyMap<string, number>;
  /** Texts that were handed out before the ends, all rounds together. */
  readonly texts: number;
  readonly problems: readonly string[];
}

const ALL_SAID = 'all was said';

/** An untouched rollout. */
interface Sample {
  readonly texts: readonly string[];
  readonly times: readonly number[];
}

/**
 * Strikes the process of a model while a rollout is played and recorded, and looks after each blow whether everything
 * that was handed out is in the file, the log says what happened, and the next rollout says what an untouched one does.
 */
export async function tortureRollouts(options: RolloutTorture): Promise<RolloutTortureReport> {
  await mkdir(options.workFolder, { recursive: true });
  const image = path.join(options.workFolder, 'picture.png');
  await writePicture(image, 120, 90);
  const arena = new Arena(options);
  const plays = [DEMO_PLAY, randomPlay(image)];
  for (const [index, blow] of options.blows.entries()) {
    const play = plays[index % plays.length] ?? DEMO_PLAY;
    const hit = await arena.run(play, blow);
    options.onRound?.(
      `${index + 1}: ${blow}, ${play.name}, after ${hit}; ${arena.problems.length} problems so far`,
    );
  }
  await arena.end();
  const { hits, texts, problems } = arena;
  const alive = await processesWith(options.workerPath);
  if (alive && alive.length > 0) problems.push(`Processes are left: ${alive.join(', ')}.`);
  return { hits, texts, problems };
}

class Arena {
  readonly problems: string[] = [];
  readonly hits = new Map<string, number>();
  texts = 0;
  private readonly random: { uniform(): number };
  private readonly samples = new Map<Play, Sample>();
  private readonly subjects = new Map<Play, RolloutSubject>();
  private rounds = 0;

  constructor(private readonly options: RolloutTorture) {
    this.random = seededNumbers(options.seed);
  }

  /** @returns the kind of the last event before the blow, and how many there were */
  async run(play: Play, blow: Blow): Promise<string> {
    this.rounds++;
    const sample = this.samples.get(play) ?? (await this.takeSample(play));
    if (blow === 'SIGSTOP') await this.drop(play);
    const subject = await this.subject(play, blow === 'SIGSTOP');
    const log = await this.newLog(`round-${this.rounds}`);
    try {
      const { events, hit } = await struck(subject, log, drawMoment(sample.times, this.random), blow);
      this.hits.set(hit, (this.hits.get(hit) ?? 0) + 1);
      await subject.process.gone;
      const { pid } = subject.process;
      if (pid !== undefined && isThere(pid)) this.problem(`process ${pid} is still there`);
      this.subjects.delete(play);
      await this.checkLog(log.place.file, events, hit === ALL_SAID ? undefined : blow, sample);
      await this.playNext(play, sample, log);
      return `${hit} (${events.length} events)`;
    } finally {
      await log.close();
    }
  }

  async end(): Promise<void> {
    for (const play of [...this.subjects.keys()]) await this.drop(play);
  }

  private newLog(name: string): Promise<RolloutLog> {
    const { workFolder } = this.options;
    const place = { file: path.join(workFolder, `${name}.imcot.jsonl`), root: workFolder };
    return createRolloutLog(place, 'torture');
  }

  private async subject(play: Play, impatient = false): Promise<RolloutSubject> {
    const known = this.subjects.get(play);
    if (known) return known;
    const subject = new RolloutSubject(this.options.workerPath, play, impatient ? SHORT : {});
    this.subjects.set(play, subject);
    await subject.open();
    return subject;
  }

  private async drop(play: Play): Promise<void> {
    await this.subjects.get(play)?.end();
    this.subjects.delete(play);
  }

  private async takeSample(play: Play): Promise<Sample> {
    const log = await this.newLog(`untouched-${this.samples.size}`);
    const times: number[] = [];
    const texts: string[] = [];
    const subject = await this.subject(play);
    const begin = performance.now();
    for await (const event of subject.rollout(log)) {
      if (event.type === 'text') texts.push(event.text);
      // The moment of the last event is after the end.
      if (event.type !== 'end' && event.type !== 'score') times.push(performance.now() - begin);
    }
    await log.close();
    const sample = { texts, times };
    this.samples.set(play, sample);
    return sample;
  }

  /** The file, read without the code under test and then by it, against what was handed out. */
  private async checkLog(
    file: string,
    events: readonly PlayEvent[],
    blow: Blow | undefined,
    sample: Sample,
  ): Promise<void> {
    const log = await readPlainLog(file);
    if (log.damaged.length > 0 || log.tail !== '') this.problem('a line is torn');
    const seen = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
    this.texts += seen.length;
    const written = textsOf(log.events, 0);
    if (JSON.stringify(written) !== JSON.stringify(seen))
      this.problem(`${seen.length} texts were handed out, and the file has ${written.length} or others`);
    for (const kind of ['toolCall', 'observation'] as const) {
      const handed = events.filter(({ type }) => type === kind).length;
      const kept = log.events.filter(({ event }) => event === kind).length;
      if (handed !== kept) this.problem(`${handed} of ${kind} were handed out, and the file has ${kept}`);
    }
    for (const problem of await pictureProblems(file, log.events)) this.problem(problem);
    const end = endOf(log.events, 0);
    if (blow) this.checkEnd(events, end?.event === 'error' ? end.message : undefined, blow);
    else if (end?.event !== 'outcome' || JSON.stringify(seen) !== JSON.stringify(sample.texts))
      this.problem(`a rollout that was said to its end is not whole: ${end?.event ?? 'it has no end'}`);
    await this.checkReader(file, seen.join(''), blow ? 'error' : end?.status);
  }

  private checkEnd(events: readonly PlayEvent[], message: string | undefined, blow: Blow): void {
    const told = events.at(-1);
    if (told?.type !== 'end' || told.status !== 'error' || !(told.thrown instanceof ImcotError))
      return this.problem(`no error was told, but ${JSON.stringify(told?.type)}`);
    if (!SAYS[blow].test(message ?? '')) this.problem(`the log ends with "${message ?? ''}"`);
    if (message !== told.reason) this.problem('the log tells another reason');
  }

  private async checkReader(file: string, text: string, status: string | undefined): Promise<void> {
    const { trajectories, damage } = await readLog(file);
    const [trajectory, ...more] = trajectories;
    if (!trajectory || more.length > 0 || damage.length > 0)
      return this.problem(`the reader finds ${trajectories.length} rollouts, ${damage.join(' ')}`);
    if (trajectory.outcome.status !== status)
      this.problem(`the reader finds the outcome ${trajectory.outcome.status}`);
    if (trajectory.turns.map(({ raw }) => raw).join('') !== text) this.problem('the reader finds other text');
  }

  /** A rollout on a new process, behind the one that was struck, must be as if nothing had happened. */
  private async playNext(play: Play, sample: Sample, log: RolloutLog): Promise<void> {
    try {
      const subject = await this.subject(play);
      for await (const event of subject.rollout(log))
        if (event.type === 'end' && event.status === 'error') throw event.thrown;
    } catch (thrown) {
      return this.problem(`the next rollout failed: ${errorMessage(thrown)}`);
    }
    const { events, tail } = await readPlainLog(log.place.file);
    if (JSON.stringify(textsOf(events, 1)) !== JSON.stringify(sample.texts) || tail !== '')
      this.problem('the next rollout says something else than an untouched one');
  }

  private problem(sentence: string): void {
    this.problems.push(`Rollout round ${this.rounds}: ${sentence}.`);
  }
}

/** Plays and strikes; what is over before its moment is struck at its end. */
async function struck(
  subject: RolloutSubject,
  log: RolloutLog,
  moment: Moment,
  blow: Blow,
): Promise<{ readonly events: readonly PlayEvent[]; readonly hit: string }> {
  const { pid } = subject.process;
  if (pid === undefined) throw new Error('The process has no number.');
  const events: PlayEvent[] = [];
  let hit: string | undefined;
  const strike = (): void => {
    hit = events.at(-1)?.type ?? 'nothing';
    process.kill(pid, blow);
  };
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    if (events.length === moment.after) timer = setTimeout(strike, moment.wait);
  };
  arm();
  for await (const event of subject.rollout(log)) {
    events.push(event);
    arm();
  }
  clearTimeout(timer);
  if (hit === undefined) strike();
  const failed = events.some((event) => event.type === 'end' && event.status === 'error');
  return { events, hit: failed && hit !== undefined ? hit : ALL_SAID };
}
