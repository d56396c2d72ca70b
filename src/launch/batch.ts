import type { Backend } from '../inference/backend';
import type { PictureCutter } from '../rollout/picture';
import type { ScoreOptions } from '../rollout/rewards/scoreRollout';
import type { RolloutConfig } from '../rollout/rolloutConfig';
import type { LoggedRollouts } from './batchLog';
import type { PlayEvent } from './playRollout';
import type { Question } from './question';
import type { RolloutChoices } from './rolloutChoices';
import type { RolloutLog } from './rolloutLog';

/** Many rollouts: some of each question. */
export interface Batch {
  readonly questions: readonly Question[];
  /** Rollouts of each question, from 1; more than one are a group. */
  readonly perQuestion: number;
  /** The most that run at a time, from 1. */
  readonly concurrency: number;
  /** What the checkpoint says about its rollouts. */
  readonly config: RolloutConfig;
  /** Without a temperature: 0 for one rollout of a question, 1 for several. */
  readonly choices: RolloutChoices;
  /** Plays those again that the log says ended by a fault. Default false. */
  readonly retryErrors?: boolean;
}

/** With what a batch is played. */
export interface BatchPlayer {
  readonly backend: Backend;
  readonly cutter: PictureCutter;
  readonly log: RolloutLog;
  /** What the log has already, from `readLoggedRollouts`; absent: it is read. */
  readonly logged?: LoggedRollouts;
  /** Who judges, and by which formula. */
  readonly score?: ScoreOptions;
  /** Stops all that run; they are recorded as cancelled. */
  readonly signal?: AbortSignal;
}

/** Who wants to know how it goes. Neither may throw. */
export interface BatchHooks {
  /** Each event of each rollout, when it is in the log. @param id the rollout's, `<question id>.<sample>` */
  onEvent?(id: string, event: PlayEvent): void;
  /** At the beginning, at every start and end of a rollout, and some times a second in between. */
  onProgress?(progress: BatchProgress): void;
}

/** How far a batch is. Counts of rollouts, those of earlier runs in the same log included. */
export interface BatchProgress {
  readonly total: number;
  /** Not to be played any more: ended by themselves or by a fault. */
  readonly done: number;
  /** Of those, the ones that the log had already. */
  readonly resumed: number;
  readonly running: number;
  readonly judged: number;
  readonly correct: number;
  /** Ended by a fault. */
  readonly failed: number;
  /** Tokens that the model wrote in this run. */
  readonly tokens: number;
  /** Of the last seconds, all rollouts together; absent until there is something to measure. */
  readonly tokensPerSecond?: number;
}

/** How a batch ended. */
export interface BatchResult extends BatchProgress {
  /** `done`: nothing is left to play. `cancelled`: by the signal. `fault`: it could not go on, `reason` says why. */
  readonly end: 'done' | 'cancelled' | 'fault';
  /** A sentence. */
  readonly reason?: string;
}
