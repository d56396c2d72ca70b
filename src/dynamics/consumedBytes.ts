import type { ByteSource } from '../common/byteSource';
import { copyBytes, joinBytes } from '../common/copyBytes';
import { nodeCodecs } from '../files/codecs';
import { FINGERPRINT_BYTES, type Fingerprint } from '../files/fingerprint';

/** The first and the last bytes of what was read of a file: what its fingerprint is taken of, without reading it again. */
export class ConsumedBytes {
  private constructor(
    private head: Uint8Array,
    private tail: Uint8Array,
    private length: number,
  ) {}

  /** Nothing was read yet. */
  static none(): ConsumedBytes {
    return new ConsumedBytes(new Uint8Array(0), new Uint8Array(0), 0);
  }

  /** Goes on where a fingerprint ends; undefined when the file does not begin with the bytes that it was taken of. */
  static async resume(file: ByteSource, known: Fingerprint): Promise<ConsumedBytes | undefined> {
    const length = Math.min(FINGERPRINT_BYTES, known.end);
    const head = await file.read(0, length);
    const tail = await file.read(known.end - length, length);
    const consumed = new ConsumedBytes(head, tail, known.end);
    const { head: headNow, tail: tailNow } = consumed.print;
    return tail.length === length && headNow === known.head && tailNow === known.tail ? consumed : undefined;
  }

  /** How many bytes were read. */
  get end(): number {
    return this.length;
  }

  /** Adds what was read next. */
  add(piece: Uint8Array): void {
    const missing = FINGERPRINT_BYTES - this.head.length;
    if (missing > 0) this.head = joinBytes([this.head, piece.subarray(0, missing)]);
    const both = piece.length >= FINGERPRINT_BYTES ? piece : joinBytes([this.tail, piece]);
    this.tail = copyBytes(both, Math.max(0, both.length - FINGERPRINT_BYTES));
    this.length += piece.length;
  }

  get print(): Fingerprint {
    return { end: this.length, head: nodeCodecs.sha256(this.head), tail: nodeCodecs.sha256(this.tail) };
  }
}
