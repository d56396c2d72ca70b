import type { Disposable } from '../../../common/disposable';
import type { TensorType } from '../checkpoint/checkpoint';
import { BYTES_PER_NUMBER, decodeFloats } from '../checkpoint/decodeFloats';
import { quantiseBlocks, type QuantisedBlocks, type WeightBits } from './blocks';

/** Some rows of a stored matrix that are to be quantised. */
export interface RowsJob {
  /** Row-major as stored, whole rows; not to be used by the caller any more. */
  readonly bytes: Uint8Array;
  readonly type: TensorType;
  readonly k: number;
  readonly bits: WeightBits;
  readonly blockSize: number;
}

/** Somebody who quantises rows. */
export interface BlockQuantiser extends Disposable {
  /** Jobs that it has use for at a time. */
  readonly width: number;
  /** @throws ImcotError `input` when a weight is not finite */
  quantise(job: RowsJob): Promise<QuantisedBlocks>;
}

/** Does a job right here. */
export function quantiseRows({ bytes, type, k, bits, blockSize }: RowsJob): QuantisedBlocks {
  const weights = new Float32Array(bytes.length / BYTES_PER_NUMBER[type]);
  decodeFloats(bytes, type, weights);
  return quantiseBlocks(weights, k, bits, blockSize);
}

/** Quantises on the thread that asks; the event loop turns between two jobs. */
export class InProcessQuantiser implements BlockQuantiser {
  readonly width = 1;

  async quantise(job: RowsJob): Promise<QuantisedBlocks> {
    await new Promise((resolve) => setImmediate(resolve));
    return quantiseRows(job);
  }

  dispose(): void {
    // Nothing is held.
  }
}
