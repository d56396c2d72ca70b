import { copyBytes, joinBytes } from '../../common/copyBytes';

/** The end of what was read so far of a file that comes in pieces: bytes that make nothing whole yet. */
export class HeldBytes {
  private pieces: Uint8Array[] = [];
  private needed = 0;
  private held = 0;

  get length(): number {
    return this.held;
  }

  /** Adds a piece. @returns everything that is held, valid until the piece is; undefined while it is too little */
  add(piece: Uint8Array): Uint8Array | undefined {
    this.held += piece.length;
    // What comes in small pieces is put together once, not with each of them.
    if (this.held < this.needed) {
      this.pieces.push(copyBytes(piece));
      return undefined;
    }
    return this.joinedWith(piece);
  }

  /** Keeps the bytes from `from` on. @param needed how many there must be before it is worth looking at them again */
  keep(bytes: Uint8Array, from: number, needed: number): void {
    this.pieces = from < bytes.length ? [copyBytes(bytes, from)] : [];
    this.held = bytes.length - from;
    this.needed = needed;
  }

  /** Everything, however little it is. */
  all(): Uint8Array {
    return this.joinedWith(new Uint8Array(0));
  }

  private joinedWith(last: Uint8Array): Uint8Array {
    if (this.pieces.length === 0) return last;
    return joinBytes([...this.pieces, last]);
  }
}
