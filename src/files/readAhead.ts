import { allocateBytes } from './fileSource';

/** Fills `target` from `offset`; fewer bytes than it holds only at the end of the file. */
export type ReadInto = (target: Uint8Array, offset: number) => Promise<number>;

/**
 * Bytes read at once. Copying a gigabyte out of the page cache takes longer than searching it, so what helps is that
 * the system copies the next pieces while one is searched; measured from 512 KiB to 8 MiB.
 */
export const CHUNK_BYTES = 1 << 22;
/** Pieces on their way at a time. Node reads files on four threads, shared by all: one stays free for other reads. */
const CHUNKS_AHEAD = 3;

/** Reads a file from front to back in pieces, the next ones while the last one is worked on. */
export class ReadAhead {
  private readonly pending: Promise<Uint8Array>[] = [];
  private readonly free: Uint8Array[] = [];
  private lent: Uint8Array | undefined;
  private atEnd = false;

  /** @param offset where the first piece begins */
  constructor(
    private readonly read: ReadInto,
    private offset: number,
    private readonly chunkBytes: number = CHUNK_BYTES,
  ) {}

  /**
   * The next bytes, valid until the next call; shorter than a chunk only at the end of the file, empty behind it.
   * @throws whatever reading throws, once nothing is being read any more
   */
  async next(): Promise<Uint8Array> {
    if (this.lent) this.free.push(this.lent);
    this.lent = undefined;
    if (this.pending.length === 0) this.order();
    try {
      const chunk = await (this.pending.shift() as Promise<Uint8Array>);
      this.lent = chunk;
      this.atEnd ||= chunk.length < this.chunkBytes;
      // Only behind a full piece is there more: a small file takes one piece of memory and one read.
      while (!this.atEnd && this.pending.length < CHUNKS_AHEAD) this.order();
      return chunk;
    } catch (thrown) {
      await this.settle();
      throw thrown;
    }
  }

  /** Resolves when nothing is being read any more: only then may the file be closed. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.pending);
    this.pending.length = 0;
  }

  private order(): void {
    const recycled = this.free.pop();
    const target = recycled?.length === this.chunkBytes ? recycled : allocateBytes(this.chunkBytes);
    const ordered = this.read(target, this.offset).then((got) =>
      got === target.length ? target : target.subarray(0, got),
    );
    // Whoever waits for it sees the failure; until then it must not count as unhandled.
    ordered.catch(() => undefined);
    this.pending.push(ordered);
    this.offset += this.chunkBytes;
  }
}
