import type { Batch, BatchHooks, BatchPlayer, BatchResult } from './batch';
import { readLoggedRollouts } from './batchLog';
import { BatchRun } from './batchRun';

/**
 * Plays a batch into a log, question by question and of each question sample by sample, and leaves out what the log has.
 * A rollout that an earlier run began and did not end is closed as cancelled and played again; one that ended without
 * its score is scored. A rollout whose picture can't be opened is recorded with an error, and the batch goes on. When
 * the model is gone for good, or fails again and again, the batch ends; what a model that is gone broke off is
 * recorded as cancelled, so that it is played again. Only one batch may write to a log at a time.
 * @throws ImcotError `usage` for a setting that may not be; `missing`, `denied`, `input` when the log can't
 *   be read, `cancelled` when it is stopped meanwhile
 */
export async function playBatch(
  batch: Batch,
  player: BatchPlayer,
  hooks: BatchHooks = {},
): Promise<BatchResult> {
  const logged = player.logged ?? (await readLoggedRollouts(player.log.place.file, player.signal));
  return new BatchRun(batch, player, hooks, logged).play();
}
