import { closeSync, openSync, readSync } from 'node:fs';
import { ImcotError } from '../../../common/errors';
import type { StoredTensor } from './checkpoint';
import { decodeFloats } from './decodeFloats';
import { readError } from './folderFiles';
import { elementCount } from './readTensor';

const SCRATCH_BYTES = 2 ** 20;

/**
 * Single rows of large stored tables, such as the token embedding, straight from the file: nothing but the rows asked for
 * is kept in memory. Synchronous, for use in a worker between two model runs. Each file is opened once, at the first row
 * read from it, until `close`.
 */
export class TensorRows {
  private readonly descriptors = new Map<string, number>();
  private readonly scratch = new Uint8Array(SCRATCH_BYTES);
  private closed = false;

  /**
   * The rows with these indices along the first axis, in this order, as float32 [rows.length, numbers per row]. Rows that
   * follow each other in the file are read together; a row asked for several times in a row is read once.
   * Errors: `usage` for an index outside the table or after `close`; `missing`, `denied`, `input` as the file gives them.
   */
  readRows(tensor: StoredTensor, rows: ArrayLike<number>): Float32Array {
    const width = elementCount(tensor.shape.slice(1));
    const values = new Float32Array(rows.length * width);
    for (let at = 0; at < rows.length;) {
      const first = checkedRow(tensor, rows[at]);
      if (at > 0 && first === rows[at - 1]) {
        values.copyWithin(at * width, (at - 1) * width, at * width);
        at++;
        continue;
      }
      let count = 1;
      while (at + count < rows.length && rows[at + count] === first + count) count++;
      checkedRow(tensor, first + count - 1);
      this.read(tensor, first * width, values.subarray(at * width, (at + count) * width));
      at += count;
    }
    return values;
  }

  /** `count` rows from `start` on. As `readRows`. */
  readRange(tensor: StoredTensor, start: number, count: number): Float32Array {
    return this.readRows(
      tensor,
      Array.from({ length: count }, (_, index) => start + index),
    );
  }

  /** Closes the files. Calling it twice does nothing the second time. */
  close(): void {
    this.closed = true;
    for (const descriptor of this.descriptors.values()) closeSync(descriptor);
    this.descriptors.clear();
  }

  private read(tensor: StoredTensor, firstNumber: number, target: Float32Array): void {
    const size = tensor.byteLength / elementCount(tensor.shape);
    const perRead = Math.floor(SCRATCH_BYTES / size);
    try {
      const descriptor = this.descriptor(tensor.file);
      for (let done = 0; done < target.length; done += perRead) {
        const bytes = this.scratch.subarray(0, Math.min(perRead, target.length - done) * size);
        fill(descriptor, bytes, tensor, tensor.offset + (firstNumber + done) * size);
        decodeFloats(bytes, tensor.type, target.subarray(done));
      }
    } catch (thrown) {
      throw readError(thrown, tensor.file);
    }
  }

  private descriptor(file: string): number {
    if (this.closed) throw new ImcotError('usage', `Rows of ${file} were asked for after it was closed.`);
    const known = this.descriptors.get(file);
    if (known !== undefined) return known;
    const descriptor = openSync(file, 'r');
    this.descriptors.set(file, descriptor);
    return descriptor;
  }
}

function fill(descriptor: number, bytes: Uint8Array, tensor: StoredTensor, offset: number): void {
  for (let filled = 0; filled < bytes.length;) {
    const count = readSync(descriptor, bytes, filled, bytes.length - filled, offset + filled);
    if (count === 0) {
      throw new ImcotError(
        'input',
        `${tensor.file} ends within ${tensor.name}: it was cut since it was opened.`,
      );
    }
    filled += count;
  }
}

function checkedRow(tensor: StoredTensor, row: number | undefined): number {
  const rows = tensor.shape[0] ?? 0;
  if (row !== undefined && Number.isInteger(row) && row >= 0 && row < rows) return row;
  throw new ImcotError(
    'usage',
    `${tensor.name} has the rows 0 to ${rows - 1}; asked for was ${String(row)}.`,
  );
}
