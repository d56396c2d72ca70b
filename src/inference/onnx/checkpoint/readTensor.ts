import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { ImcotError } from '../../../common/errors';
import type { StoredTensor } from './checkpoint';
import { decodeFloats } from './decodeFloats';
import { readError } from './folderFiles';

/** Small enough to stay in the processor's cache between read and conversion, and to notice a signal soon. */
const CHUNK_BYTES = 4 * 2 ** 20;

/** Numbers in a tensor. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

/**
 * A tensor's numbers, row-major, as float32 (exact: each stored type is a subset of it).
 * Errors: `cancelled`; `missing`, `denied`, `input` when the file is gone or was cut since it was opened.
 */
export async function readTensor(
  tensor: StoredTensor,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const numbers = new Float32Array(elementCount(tensor.shape));
  let filled = 0;
  for await (const chunk of readChunks(tensor)) {
    if (options.signal?.aborted) throw new ImcotError('cancelled', `Reading ${tensor.name} was cancelled.`);
    filled += decodeFloats(chunk, tensor.type, numbers.subarray(filled));
  }
  return numbers;
}

/** True when two tensors hold the same bytes as the same type. Reads until the first difference. Errors: as `readTensor`. */
export async function sameBytes(a: StoredTensor, b: StoredTensor): Promise<boolean> {
  if (a.type !== b.type || a.byteLength !== b.byteLength) return false;
  const others = readChunks(b);
  try {
    for await (const chunk of readChunks(a)) {
      const other = await others.next();
      if (other.done === true || Buffer.compare(chunk, other.value) !== 0) return false;
    }
    return true;
  } finally {
    await others.return();
  }
}

/** The tensor's bytes, in order; each chunk is valid until the next one is asked for. */
async function* readChunks(tensor: StoredTensor): AsyncGenerator<Uint8Array, void, void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(tensor.file, 'r');
    const buffer = new Uint8Array(Math.min(CHUNK_BYTES, tensor.byteLength));
    for (let done = 0; done < tensor.byteLength; done += buffer.length) {
      const chunk = buffer.subarray(0, Math.min(buffer.length, tensor.byteLength - done));
      await fill(handle, chunk, tensor, tensor.offset + done);
      yield chunk;
    }
  } catch (thrown) {
    throw readError(thrown, tensor.file);
  } finally {
    await handle?.close();
  }
}

async function fill(
  handle: FileHandle,
  chunk: Uint8Array,
  tensor: StoredTensor,
  offset: number,
): Promise<void> {
  for (let filled = 0; filled < chunk.length;) {
    const { bytesRead } = await handle.read(chunk, filled, chunk.length - filled, offset + filled);
    if (bytesRead === 0) {
      throw new ImcotError(
        'input',
        `${tensor.file} ends within ${tensor.name}: it was cut since it was opened.`,
      );
    }
    filled += bytesRead;
  }
}
