import { ImcotError } from '../common/errors';
import type { OutcomeStatus } from '../trajectory/trajectory';
import type { LogPlace } from './loadPicture';
import type { RolloutLog } from './rolloutLog';

/** What a log has of earlier rollouts. */
export interface LoggedRollouts {
  /** Above every trajectory's number. */
  readonly nextTrajectory: number;
  /** How each rollout ended, by its id. Of several with one id: one that came to an end of its own, else the last. */
  readonly ended: ReadonlyMap<string, OutcomeStatus>;
  /** Whether the answer was right, by id, where it was judged. */
  readonly verdicts: ReadonlyMap<string, boolean>;
  /** Begun and never ended, as after a crash. */
  readonly interrupted: readonly { readonly trajectory: number; readonly id: string }[];
  /** Lines that could not be read. */
  readonly damaged: number;
}

/**
 * Reads what a log has, in one pass and in memory that grows with its rollouts alone.
 * @throws ImcotError `missing`, `denied`, `input` (no event log), `cancelled`
 */
export function readLoggedRollouts(file: string, _signal?: AbortSignal): Promise<LoggedRollouts> {
  return Promise.reject(new ImcotError('internal', `${file} can't be read yet.`));
}

/**
 * Opens a log for a batch: goes on with the file where there is one, else makes it.
 * @param writer name and version of the program
 * @throws ImcotError as `readLoggedRollouts` and `createRolloutLog`
 */
export function openBatchLog(
  place: LogPlace,
  _writer: string,
  _signal?: AbortSignal,
): Promise<{ readonly log: RolloutLog; readonly logged: LoggedRollouts }> {
  return Promise.reject(new ImcotError('internal', `${place.file} can't be read yet.`));
}
