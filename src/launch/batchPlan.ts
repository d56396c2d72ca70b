import { ImcotError } from '../common/errors';
import type { GroupKey } from '../trajectory/group';
import type { Batch } from './batch';
import type { LoggedRollout, LoggedRollouts } from './batchLog';
import { endedByItself } from './batchLog';
import type { Question } from './question';
import { QuestionIds, questionKey } from './questionsId';

/** A rollout that is to be played. */
export interface PlannedRollout {
  /** `<question id>.<sample>` */
  readonly id: string;
  readonly question: Question;
  /** From 0. */
  readonly sample: number;
  /** The rollouts of one question, where it has several. */
  readonly group?: GroupKey;
}

/** How many rollouts of a batch a log has. */
export interface EarlierRollouts {
  /** Not to be played again. */
  readonly done: number;
  /** Of those, ended by a fault. */
  readonly failed: number;
  readonly judged: number;
  readonly correct: number;
}

/** Which rollouts a batch has, which of them are in the log, and in which order the others are played. */
export class BatchPlan {
  private readonly ids: readonly string[];

  /** @throws ImcotError `usage` for counts that are not whole numbers from 1 */
  constructor(
    private readonly batch: Batch,
    private readonly logged: LoggedRollouts,
  ) {
    const { perQuestion, concurrency, questions } = batch;
    for (const [name, count] of Object.entries({ perQuestion, concurrency })) {
      if (Number.isSafeInteger(count) && count >= 1) continue;
      throw new ImcotError('usage', `${name} is ${count}; it must be a whole number from 1.`);
    }
    const ids = new QuestionIds();
    this.ids = questions.map(({ id, image, question }) => ids.take(id ?? questionKey(image, question)));
  }

  get total(): number {
    return this.ids.length * this.batch.perQuestion;
  }

  /**
   * What is to be played, question by question and of each question sample by sample: the rollouts of a group come
   * together and share their picture.
   */
  *missing(): Generator<PlannedRollout, undefined, undefined> {
    for (const planned of this.all()) if (!this.isDone(planned.id)) yield planned;
  }

  earlier(): EarlierRollouts {
    const { ended, verdicts } = this.logged;
    let [done, failed, judged, correct] = [0, 0, 0, 0];
    for (const { id } of this.all()) {
      if (!this.isDone(id)) continue;
      done++;
      if (ended.get(id) === 'error') failed++;
      const verdict = verdicts.get(id);
      if (verdict === undefined) continue;
      judged++;
      if (verdict) correct++;
    }
    return { done, failed, judged, correct };
  }

  /** Begun by an earlier run and to be played again. */
  interrupted(): readonly LoggedRollout[] {
    if (this.logged.interrupted.length === 0) return [];
    const missing = new Set([...this.missing()].map(({ id }) => id));
    return this.logged.interrupted.filter(({ id }) => missing.has(id));
  }

  /** Ended in an earlier run that came to no score. */
  unscored(): readonly LoggedRollout[] {
    if (this.logged.unscored.length === 0) return [];
    const known = new Set([...this.all()].map(({ id }) => id));
    return this.logged.unscored.filter(({ id }) => known.has(id));
  }

  private *all(): Generator<PlannedRollout, void, undefined> {
    const { questions, perQuestion } = this.batch;
    for (const [index, question] of questions.entries()) {
      const key = this.ids[index] ?? '';
      for (let sample = 0; sample < perQuestion; sample++) {
        const planned = { id: `${key}.${sample}`, question, sample };
        yield perQuestion > 1 ? { ...planned, group: { key, provenance: 'uid' } } : planned;
      }
    }
  }

  private isDone(id: string): boolean {
    const status = this.logged.ended.get(id);
    return endedByItself(status) || (status === 'error' && this.batch.retryErrors !== true);
  }
}
