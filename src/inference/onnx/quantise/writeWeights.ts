import { open, stat, type FileHandle } from 'node:fs/promises';
import { throwIfCancelled } from '../../../common/cancel';
import { errorMessage, ImcotError } from '../../../common/errors';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint';
import { BYTES_PER_NUMBER } from '../checkpoint/decodeFloats';
import type { QuantisedBlocks } from './blocks';
import type { BlockQuantiser } from './blockQuantiser';
import type { QuantisedLayout, QuantisedTensor } from './layout';
import { HashingWriter } from './weightsFile';

/** Weights of one job: some 5 ms of work, so that a stop and other work of this thread never wait longer. */
const JOB_WEIGHTS = 256 * 1024;

/** What writing needs. */
export interface WriteOptions {
  readonly quantiser: BlockQuantiser;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Quantises the matrices of a checkpoint into a file, one after the other, some rows at a time. Never holds more than a
 * few jobs and the scales of one matrix.
 * @returns hex SHA-256 of each chunk of the file
 * @throws ImcotError `input` when the checkpoint can't be read, changes meanwhile or holds a weight that is not finite;
 *   `cancelled`; and what writing to `target` throws, as it is
 */
export async function writeWeights(
  checkpoint: Checkpoint,
  layout: QuantisedLayout,
  target: FileHandle,
  options: WriteOptions,
): Promise<readonly string[]> {
  const files = [...new Set(layout.sources.map(({ file }) => file))];
  const before = await statesOf(files);
  const writer = new HashingWriter(target);
  const tensors = [...layout.tensors.values()];
  for (const [index, source] of layout.sources.entries()) {
    const tensor = tensors[index];
    if (!tensor) throw new Error('a layout has as many tensors as sources');
    await writeTensor(source, tensor, writer, options, layout.bytes);
  }
  if ((await statesOf(files)) !== before)
    throw new ImcotError('input', `${checkpoint.folder} changed while it was quantised. Open it again.`);
  return writer.finish();
}

async function writeTensor(
  source: StoredTensor,
  tensor: QuantisedTensor,
  writer: HashingWriter,
  options: WriteOptions,
  total: number,
): Promise<void> {
  const { quantiser, signal, onProgress } = options;
  const scales = new Float32Array(tensor.scales.length / Float32Array.BYTES_PER_ELEMENT);
  let known = 0;
  let packedEnd = tensor.packed.offset;
  const running: Promise<QuantisedBlocks>[] = [];
  const takeOldest = async (): Promise<void> => {
    const blocks = await running.shift();
    throwIfCancelled(signal);
    if (!blocks) return;
    scales.set(blocks.scales, known);
    known += blocks.scales.length;
    await writer.write(blocks.packed, packedEnd);
    packedEnd += blocks.packed.length;
    onProgress?.(writer.length, total);
  };
  const { k, bits, blockSize } = tensor;
  await forRows(source, tensor, async (bytes) => {
    throwIfCancelled(signal);
    const blocks = quantiser.quantise({ bytes, type: source.type, k, bits, blockSize });
    // It is waited for later, maybe after another one has failed.
    const named = blocks.catch((thrown: unknown) => Promise.reject(nameSource(thrown, source)));
    named.catch(() => undefined);
    running.push(named);
    if (running.length >= quantiser.width) await takeOldest();
  });
  while (running.length > 0) await takeOldest();
  await writer.write(new Uint8Array(scales.buffer), tensor.scales.offset);
  onProgress?.(writer.length, total);
}

async function forRows(
  source: StoredTensor,
  { n, k }: QuantisedTensor,
  take: (bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const rowBytes = k * BYTES_PER_NUMBER[source.type];
  const rowsAtOnce = Math.max(1, Math.floor(JOB_WEIGHTS / k));
  const handle = await open(source.file, 'r').catch((thrown: unknown) => {
    throw unreadable(source, errorMessage(thrown));
  });
  try {
    for (let row = 0; row < n; row += rowsAtOnce) {
      const bytes = new Uint8Array(Math.min(rowsAtOnce, n - row) * rowBytes);
      for (let filled = 0; filled < bytes.length;) {
        const at = source.offset + row * rowBytes + filled;
        const { bytesRead } = await handle
          .read(bytes, filled, bytes.length - filled, at)
          .catch((thrown: unknown) => {
            throw unreadable(source, errorMessage(thrown));
          });
        if (bytesRead === 0) throw unreadable(source, 'the file ends too early');
        filled += bytesRead;
      }
      await take(bytes);
    }
  } finally {
    await handle.close();
  }
}

function unreadable({ name, file }: StoredTensor, why: string): ImcotError {
  return new ImcotError('input', `${name} could not be read from ${file}: ${why}.`);
}

function nameSource(thrown: unknown, { name, file }: StoredTensor): unknown {
  if (!(thrown instanceof ImcotError) || thrown.code !== 'input') return thrown;
  return new ImcotError('input', `${name} in ${file} can't be quantised. ${thrown.message}`);
}

/** Tells by size and time whether files were written to. */
async function statesOf(files: readonly string[]): Promise<string> {
  const states = await Promise.all(
    files.map(async (file) => {
      const stats = await stat(file).catch(() => undefined);
      return [stats?.size, stats?.mtimeMs, stats?.ino];
    }),
  );
  return JSON.stringify(states);
}
