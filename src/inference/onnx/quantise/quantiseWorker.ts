import { parentPort } from 'node:worker_threads';
import { errorCode, errorMessage, type ErrorCode } from '../../../common/errors';
import { quantiseRows, type RowsJob } from './blockQuantiser';
import type { QuantisedBlocks } from './blocks';

/** What a thread answers to a `RowsJob`: jobs are answered in their order. */
export type RowsAnswer =
  | { readonly ok: true; readonly blocks: QuantisedBlocks }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/*
 * Entry of a thread that quantises rows.
 */

function answer(job: RowsJob): void {
  try {
    const blocks = quantiseRows(job);
    const reply: RowsAnswer = { ok: true, blocks };
    parentPort?.postMessage(reply, [
      blocks.packed.buffer as ArrayBuffer,
      blocks.scales.buffer as ArrayBuffer,
    ]);
  } catch (thrown) {
    const reply: RowsAnswer = { ok: false, code: errorCode(thrown), message: errorMessage(thrown) };
    parentPort?.postMessage(reply);
  }
}

parentPort?.on('message', answer);
