import { copyBytes } from '../../common/copyBytes';
import { decodeUtf8 } from '../../common/json';

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
  /** The name that came after this one the last time. */
  next?: Known;
}

/** Names that come again and again as bytes: each is decoded once. */
export class Names {
  private readonly known = new Map<number, Known[]>();
  private last: Known | undefined;

  /** The text of `bytes[from..to)`. */
  read(bytes: Uint8Array, from: number, to: number): string {
    const { last } = this;
    // Writers repeat their keys in one order, which saves looking them up.
    const guess = last?.next;
    if (guess && isEqual(guess.bytes, bytes, from, to)) {
      this.last = guess;
      return guess.text;
    }
    const found = this.find(bytes, from, to);
    if (last) last.next = found;
    this.last = found;
    return found.text;
  }

  private find(bytes: Uint8Array, from: number, to: number): Known {
    let hash = to - from;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const candidates = this.known.get(hash) ?? [];
    const found = candidates.find((known) => isEqual(known.bytes, bytes, from, to));
    if (found) return found;
    const own = copyBytes(bytes, from, to);
    const added: Known = { bytes: own, text: decodeUtf8(own) };
    this.known.set(hash, [...candidates, added]);
    return added;
  }
}

function isEqual(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[from + at]) return false;
  return true;
}
