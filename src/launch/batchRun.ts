import { cancelled } from '../common/cancel';
import { errorCode, errorMessage, ImcotError } from '../common/errors';
import type { Picture } from '../rollout/picture';
import type { TrajectoryRecorder, TrajectoryStart } from '../rollout/recorder';
import type { RolloutEnd } from '../rollout/rolloutEvents';
import type { Batch, BatchHooks, BatchPlayer, BatchResult } from './batch';
import type { LoggedRollouts } from './batchLog';
import { BatchPictures } from './batchPictures';
import type { PlannedRollout } from './batchPlan';
import { BatchPlan } from './batchPlan';
import { scoreEarlier } from './batchScores';
import type { RolloutTally } from './batchTally';
import { BatchTally } from './batchTally';
import { loadPicture } from './loadPicture';
import type { PlayEvent } from './playRollout';
import { playRollout } from './playRollout';
import type { SettledChoices } from './rolloutChoices';
import { settleChoices } from './rolloutChoices';

/** What the log says of a rollout that an earlier run did not end. */
export const INTERRUPTED = 'Interrupted; played again.';

/** Faults of the model in a row, over all rollouts, after which going on makes no sense; more where more run at a time. */
const FAULTS_IN_A_ROW = 8;
/** Faults that lie with one question rather than with the model: its picture is too large, its prompt too long. */
const OF_THE_QUESTION = ['input', 'limit', 'usage'];

/** One run of a batch, from what the log lacks to its end. */
export class BatchRun {
  private readonly plan: BatchPlan;
  private readonly tally: BatchTally;
  private readonly pictures: BatchPictures;
  /** One for each that runs: on a single signal so many listeners would look like a leak. */
  private readonly running = new Set<AbortController>();
  private stopped = false;
  /** Why it can't go on. */
  private fault: { readonly thrown: unknown } | undefined;
  private faultsInARow = 0;

  constructor(
    private readonly batch: Batch,
    private readonly player: BatchPlayer,
    private readonly hooks: BatchHooks,
    private readonly logged: LoggedRollouts,
  ) {
    this.plan = new BatchPlan(batch, logged);
    const { plan } = this;
    this.tally = new BatchTally(plan.total, plan.earlier(), (progress) => hooks.onProgress?.(progress));
    this.pictures = new BatchPictures((file) => loadPicture(file, player.log.place));
    // A protocol that does not exist is told before anything is written.
    this.choicesFor(0);
  }

  async play(): Promise<BatchResult> {
    const { signal } = this.player;
    const stop = (): void => this.stop();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      this.tally.report();
      if (!this.stopped) await this.settleEarlier();
      const missing = this.plan.missing();
      const runners = Array.from({ length: this.batch.concurrency }, () => this.playFrom(missing));
      await Promise.all(runners);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    return this.result();
  }

  private result(): BatchResult {
    const { fault, tally } = this;
    if (fault && errorCode(fault.thrown) === 'usage') throw fault.thrown;
    if (fault) return { ...tally.progress, end: 'fault', reason: errorMessage(fault.thrown) };
    return { ...tally.progress, end: tally.isComplete ? 'done' : 'cancelled' };
  }

  /** Closes what an earlier run left open, and scores what it left without a score. */
  private async settleEarlier(): Promise<void> {
    const { log } = this.player;
    try {
      if (!this.logged.hasHeader) await log.recorder.header({ created: new Date().toISOString() });
      const closing = this.plan
        .interrupted()
        .map(({ trajectory }) => log.recorder.amend(trajectory, { event: 'cancelled', reason: INTERRUPTED }));
      await Promise.all(closing);
      await scoreEarlier(this.plan.unscored(), this.choicesFor(0), this.player, (correct) =>
        this.tally.addVerdict(correct),
      );
    } catch (thrown) {
      if (this.player.signal?.aborted !== true) this.breakOff(thrown);
    }
  }

  /** Takes one after the other; several of these share the plan, which is what bounds how many run at a time. */
  private async playFrom(missing: Generator<PlannedRollout, undefined>): Promise<void> {
    while (!this.stopped) {
      const planned = missing.next().value;
      if (!planned) return;
      try {
        await this.playOne(planned);
      } catch (thrown) {
        this.breakOff(thrown);
      }
    }
  }

  private async playOne(planned: PlannedRollout): Promise<void> {
    const { image } = planned.question;
    const stopper = new AbortController();
    this.running.add(stopper);
    const tally = this.tally.begin();
    try {
      const picture = await this.pictureOf(image, stopper.signal);
      if (stopper.signal.aborted) return;
      if (picture instanceof Error) await this.recordUnplayed(planned, picture, tally);
      else await this.playSeen(planned, picture, tally, stopper.signal);
    } finally {
      this.pictures.release(image);
      this.running.delete(stopper);
      tally.end();
    }
  }

  /** Waits no longer than the signal: a large picture takes its time to decode. */
  private pictureOf(file: string, signal: AbortSignal): Promise<Picture | Error> {
    const opened = this.pictures
      .acquire(file)
      .catch((thrown: unknown) => (thrown instanceof Error ? thrown : new Error(errorMessage(thrown))));
    return new Promise((resolve) => {
      const leave = (): void => resolve(cancelled(signal));
      signal.addEventListener('abort', leave, { once: true });
      void opened.then((picture) => {
        signal.removeEventListener('abort', leave);
        resolve(picture);
      });
    });
  }

  private async playSeen(
    planned: PlannedRollout,
    picture: Picture,
    tally: RolloutTally,
    signal: AbortSignal,
  ): Promise<void> {
    const { backend, cutter, log, score } = this.player;
    const { id, question, group } = planned;
    let trajectory: TrajectoryRecorder | undefined;
    const recorder = {
      start: (start: TrajectoryStart) => (trajectory = log.recorder.start(start)),
    };
    const rollout = { question, picture, choices: this.choicesFor(planned.sample), id };
    const player = { backend, cutter, recorder, signal, ...(score && { score }) };
    let end: RolloutEnd | undefined;
    for await (const event of playRollout({ ...rollout, ...(group && { group }) }, player)) {
      if (event.type === 'end') end = event;
      this.tell(id, event, tally);
    }
    if (end && trajectory) await this.lookAtEnd(end, trajectory, tally);
  }

  private tell(id: string, event: PlayEvent, tally: RolloutTally): void {
    tally.take(event);
    this.hooks.onEvent?.(id, event);
  }

  private async lookAtEnd(
    { status, thrown }: RolloutEnd,
    trajectory: TrajectoryRecorder,
    tally: RolloutTally,
  ): Promise<void> {
    if (status === 'cancelled') return;
    const gone = thrown === undefined ? undefined : await this.whyGone();
    if (gone) {
      // Not a fault of this rollout: it shall be played again.
      await trajectory.record({ event: 'cancelled', reason: gone.message });
      tally.status = 'cancelled';
      return this.breakOff(gone);
    }
    if (thrown === undefined || OF_THE_QUESTION.includes(errorCode(thrown))) {
      this.faultsInARow = 0;
      return;
    }
    if (++this.faultsInARow < Math.max(FAULTS_IN_A_ROW, 2 * this.batch.concurrency)) return;
    const sentence = `${this.faultsInARow} rollouts in a row failed. The last one: ${errorMessage(thrown)}`;
    this.breakOff(new ImcotError('internal', sentence, { cause: thrown }));
  }

  /** A model that begins no conversation any more is gone; one that only failed in one begins the next. */
  private async whyGone(): Promise<Error | undefined> {
    try {
      const sequence = await this.player.backend.start();
      await sequence.close();
      return undefined;
    } catch (thrown) {
      return thrown instanceof Error ? thrown : new Error(errorMessage(thrown));
    }
  }

  /** A rollout without a picture is in the log like any other, so that whoever counts them finds it. */
  private async recordUnplayed(planned: PlannedRollout, why: Error, tally: RolloutTally): Promise<void> {
    const { id, question, group, sample } = planned;
    const { backend, log } = this.player;
    const { protocol } = this.choicesFor(sample);
    const { groundTruth, boxes, split } = question;
    const start: TrajectoryStart = {
      id,
      prompt: {
        ...(protocol.system !== undefined && { system: protocol.system }),
        user: protocol.userText(question),
        question: question.question,
        images: [{ kind: 'blank' }],
      },
      model: backend.capabilities.model,
      ...(groundTruth !== undefined && { groundTruth }),
      ...(boxes && { boxes }),
      ...(group && { group }),
      ...(split !== undefined && { split }),
      semantics: protocol.semantics,
    };
    const trajectory = log.recorder.start(start);
    await trajectory.started;
    this.tell(id, { type: 'start', start }, tally);
    await trajectory.record({ event: 'error', message: why.message });
    this.tell(id, { type: 'end', status: 'error', reason: why.message, thrown: why }, tally);
  }

  private choicesFor(sample: number): SettledChoices {
    const { config, choices, perQuestion } = this.batch;
    return settleChoices(config, choices, sample, perQuestion);
  }

  private breakOff(thrown: unknown): void {
    this.fault ??= { thrown };
    this.stop();
  }

  private stop(): void {
    this.stopped = true;
    for (const stopper of this.running) stopper.abort();
  }
}
