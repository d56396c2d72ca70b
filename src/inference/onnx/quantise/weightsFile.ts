import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { CHUNK_BYTES } from './manifest';

/** Writes a file from its beginning to its end, with gaps of zeros, and hashes it in chunks on the way. */
export class HashingWriter {
  private readonly hashes: string[] = [];
  private hash = createHash('sha256');
  private position = 0;

  constructor(private readonly handle: FileHandle) {}

  /** Bytes so far. */
  get length(): number {
    return this.position;
  }

  /** Writes `bytes` at `offset`, which is not before the present end. */
  async write(bytes: Uint8Array, offset: number): Promise<void> {
    if (offset > this.position) await this.append(new Uint8Array(offset - this.position));
    await this.append(bytes);
  }

  private async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.handle.write(
        bytes,
        done,
        bytes.length - done,
        this.position + done,
      );
      done += bytesWritten;
    }
    for (let done = 0; done < bytes.length;) {
      const room = CHUNK_BYTES - (this.position % CHUNK_BYTES);
      const piece = bytes.subarray(done, done + room);
      this.hash.update(piece);
      this.position += piece.length;
      done += piece.length;
      if (piece.length === room) this.closeChunk();
    }
  }

  private closeChunk(): void {
    this.hashes.push(this.hash.digest('hex'));
    this.hash = createHash('sha256');
  }

  /** Hex SHA-256 of every chunk; nothing may be written afterwards. */
  finish(): readonly string[] {
    if (this.position % CHUNK_BYTES !== 0) this.closeChunk();
    return this.hashes;
  }
}

/** Whether these chunks of the file have the hashes that they should have; a chunk that ends early has not. */
export async function chunksMatch(
  handle: FileHandle,
  bytes: number,
  hashes: readonly string[],
  indices: Iterable<number>,
  check: () => void,
): Promise<boolean> {
  const buffer = new Uint8Array(Math.min(CHUNK_BYTES, bytes));
  for (const index of indices) {
    check();
    const start = index * CHUNK_BYTES;
    const length = Math.min(CHUNK_BYTES, bytes - start);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
      if (bytesRead === 0) return false;
      filled += bytesRead;
    }
    const hash = createHash('sha256').update(buffer.subarray(0, length)).digest('hex');
    if (hash !== hashes[index]) return false;
  }
  return true;
}
