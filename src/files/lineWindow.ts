import type { ByteSource } from '../common/byteSource';

/** Least number of bytes read at once: neighbours of a record are likely to be asked for next. */
const READ_BYTES = 1 << 18;
/** Longest line that is read as a record. A text of more than 512 MiB could not even be held. */
export const MAX_RECORD_BYTES = 64 * 2 ** 20;
/** How much of a line that is too long is kept to be shown. */
const SHOWN_BYTES = 200;

/** A line as it was found: its bytes, or why there are none. The range leaves out the line feed. */
export type LineRead =
  | { readonly start: number; readonly end: number; readonly bytes: Uint8Array }
  | { readonly start: number; readonly end: number; readonly problem: string };

/** Reads lines at known places and keeps the last bytes read, so that a run of neighbours costs one read. */
export class LineWindow {
  private start = 0;
  private bytes: Uint8Array = new Uint8Array(0);

  /** Up to `length` bytes from `offset`; fewer only where the file ends. Never to be changed by the caller. */
  async read(file: ByteSource, offset: number, length: number): Promise<Uint8Array> {
    const from = offset - this.start;
    if (from >= 0 && from + length <= this.bytes.length) return this.bytes.subarray(from, from + length);
    const bytes = await file.read(offset, Math.max(length, READ_BYTES));
    // A long line alone is not worth keeping.
    if (bytes.length <= 16 * READ_BYTES) {
      this.start = offset;
      this.bytes = bytes;
    }
    return bytes.subarray(0, length);
  }

  /**
   * The line that starts at `start`.
   * @param limit offset by which it has ended
   */
  async line(file: ByteSource, start: number, limit: number): Promise<LineRead> {
    const most = Math.min(limit - start, MAX_RECORD_BYTES + 1);
    for (let length = Math.min(most, READ_BYTES); ; length = Math.min(most, length * 8)) {
      const bytes = await this.read(file, start, length);
      const feed = bytes.indexOf(10);
      if (feed >= 0) return { start, end: start + feed, bytes: bytes.subarray(0, feed) };
      if (bytes.length < length || (length === most && limit - start === most)) {
        return {
          start,
          end: start + bytes.length,
          problem: 'The file became shorter or was changed while this record was read.',
        };
      }
      if (length === most) return tooLong(bytes, start, await this.endOf(file, start + length, limit));
    }
  }

  /** The last line of a file whose end `limit` stands where the line feed will be. */
  async unterminated(file: ByteSource, start: number, limit: number): Promise<LineRead> {
    const bytes = await this.read(file, start, Math.min(limit - start, MAX_RECORD_BYTES + 1));
    if (bytes.length > MAX_RECORD_BYTES) return tooLong(bytes, start, limit);
    return { start, end: start + bytes.length, bytes };
  }

  private async endOf(file: ByteSource, from: number, limit: number): Promise<number> {
    for (let at = from; at < limit;) {
      const bytes = await this.read(file, at, Math.min(limit - at, 4 * READ_BYTES));
      const feed = bytes.indexOf(10);
      if (feed >= 0) return at + feed;
      if (bytes.length === 0) break;
      at += bytes.length;
    }
    return limit;
  }
}

function tooLong(bytes: Uint8Array, start: number, end: number): LineRead {
  const head = new TextDecoder().decode(bytes.subarray(0, SHOWN_BYTES));
  const size = ((end - start) / 2 ** 20).toFixed(1);
  const problem =
    `The record has ${size} MiB and at most ${MAX_RECORD_BYTES / 2 ** 20} MiB are read. ` +
    `It begins: ${head}`;
  return { start, end, problem };
}
