import { decodeUtf8 } from '../../../common/json';

interface Known {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Names that come again and again as bytes: each is decoded once. */
export class Names {
  private readonly known = new Map<number, Known[]>();

  /** The text of `bytes[from..to)`. */
  read(bytes: Uint8Array, from: number, to: number): string {
    let hash = to - from;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const candidates = this.known.get(hash) ?? [];
    for (const { bytes: same, text } of candidates) if (isEqual(same, bytes, from, to)) return text;
    const own = bytes.slice(from, to);
    const text = decodeUtf8(own);
    this.known.set(hash, [...candidates, { bytes: own, text }]);
    return text;
  }
}

function isEqual(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[from + at]) return false;
  return true;
}
