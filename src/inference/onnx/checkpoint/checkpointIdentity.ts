import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { ImcotError } from '../../../common/errors';
import type { Checkpoint, StoredTensor } from './checkpoint';
import { readError } from './folderFiles';

/** Changes whenever the identity is computed in another way, so that no key means two things. */
const SCHEME = 'checkpoint identity 1';
const SAMPLE_BYTES = 16 * 1024;

/**
 * A key of the checkpoint's content for caches: 64 hexadecimal digits. It is the sha256 of the model's shape, of each
 * needed tensor's name, type and shape, and of 16 KiB at each tensor's beginning, middle and end (small tensors whole).
 *
 * Another training step changes it, since that moves numbers everywhere; a moved, copied, renamed or differently sharded
 * checkpoint keeps it. It cannot notice an edit that leaves all the sampled bytes as they were, such as a change of a few
 * rows deep inside a large matrix, and does not look at the tokenizer, sampling defaults or tensors that are not needed.
 * Errors: `cancelled`; `missing`, `denied`, `input` when a file is gone or was cut since it was opened.
 */
export async function checkpointIdentity(
  checkpoint: Checkpoint,
  options: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  const hash = createHash('sha256');
  const { text, vision } = checkpoint.config;
  hash.update(`${SCHEME}\n${sortedJson(text)}\n${sortedJson(vision)}\n`);
  const buffer = new Uint8Array(SAMPLE_BYTES);
  const handles = new Map<string, FileHandle>();
  try {
    for (const name of [...checkpoint.tensors.keys()].sort()) {
      const tensor = checkpoint.tensors.get(name);
      if (!tensor) continue;
      if (options.signal?.aborted) throw new ImcotError('cancelled', 'Reading the checkpoint was cancelled.');
      hash.update(`${name} ${tensor.type} ${tensor.shape.join('x')}\n`);
      const handle = handles.get(tensor.file) ?? (await openFile(tensor.file));
      handles.set(tensor.file, handle);
      for (const [start, length] of samples(tensor.byteLength)) {
        hash.update(await read(handle, tensor, start, buffer.subarray(0, length)));
      }
    }
  } finally {
    for (const handle of handles.values()) await handle.close();
  }
  return hash.digest('hex');
}

/** Ranges within a tensor, without overlap: all of it where it is no larger than three samples. */
function samples(byteLength: number): (readonly [start: number, length: number])[] {
  if (byteLength > 3 * SAMPLE_BYTES) {
    const middle = Math.floor((byteLength - SAMPLE_BYTES) / 2);
    return [0, middle, byteLength - SAMPLE_BYTES].map((start) => [start, SAMPLE_BYTES] as const);
  }
  return [0, SAMPLE_BYTES, 2 * SAMPLE_BYTES]
    .filter((start) => start < byteLength)
    .map((start) => [start, Math.min(SAMPLE_BYTES, byteLength - start)] as const);
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (thrown) {
    throw readError(thrown, file);
  }
}

async function read(
  handle: FileHandle,
  tensor: StoredTensor,
  start: number,
  target: Uint8Array,
): Promise<Uint8Array> {
  try {
    for (let filled = 0; filled < target.length;) {
      const position = tensor.offset + start + filled;
      const { bytesRead } = await handle.read(target, filled, target.length - filled, position);
      if (bytesRead === 0) {
        throw new ImcotError(
          'input',
          `${tensor.file} ends within ${tensor.name}: it was cut since it was opened.`,
        );
      }
      filled += bytesRead;
    }
    return target;
  } catch (thrown) {
    throw readError(thrown, tensor.file);
  }
}

/** The same text whatever order the fields were written in. */
function sortedJson(object: object): string {
  return JSON.stringify(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}
