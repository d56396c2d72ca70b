import { Decompress } from 'fzstd';

/*
 * Zstandard, RFC 8878. A frame may claim any window, and the library takes that memory at once; so every frame's header
 * is looked at first.
 */

const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;

/**
 * Unpacks Zstandard frames.
 * @param most bytes that may come out
 * @throws Error when they are damaged, or claim or give more
 */
export function unpackZstd(packed: Uint8Array, most: number): Uint8Array {
  checkFrames(packed, most);
  const pieces: Uint8Array[] = [];
  let total = 0;
  const stream = new Decompress((piece) => {
    total += piece.length;
    if (total > most) throw new Error(`it unpacks to more than ${most} bytes`);
    // The library goes on writing where the piece stands.
    pieces.push(Uint8Array.from(piece));
  });
  stream.push(packed, true);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Walks over frames and their blocks without unpacking them. */
function checkFrames(packed: Uint8Array, most: number): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 0;
  while (at < packed.length) {
    const magic = view.getUint32(at, true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      at += 8 + view.getUint32(at + 4, true);
      continue;
    }
    if (magic !== MAGIC) throw new Error('a Zstandard frame begins otherwise');
    at = frameEnd(view, at, most);
  }
}

function frameEnd(view: DataView, frame: number, most: number): number {
  const descriptor = view.getUint8(frame + 4);
  const isSingle = (descriptor & 0x20) !== 0;
  const idBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingle) : 1 << sizeFlag;
  let at = frame + 5;
  if (!isSingle) {
    const window = view.getUint8(at++);
    const base = 2 ** (10 + (window >> 3));
    const claimed = base + (base / 8) * (window & 7);
    // Encoders choose windows of up to 8 MiB for small data too.
    if (claimed > Math.max(most, 2 ** 23)) throw new Error(`it claims a window of ${claimed} bytes`);
  }
  at += idBytes;
  const content = contentSize(view, at, sizeBytes);
  if (content > most) throw new Error(`it claims to unpack to ${content} bytes, more than ${most}`);
  at += sizeBytes;
  for (;;) {
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    const isRun = ((header >> 1) & 3) === 1;
    at += 3 + (isRun ? 1 : header >> 3);
    if ((header & 1) === 1) break;
  }
  return at + ((descriptor & 4) !== 0 ? 4 : 0);
}

function contentSize(view: DataView, at: number, bytes: number): number {
  if (bytes === 1) return view.getUint8(at);
  if (bytes === 2) return view.getUint16(at, true) + 256;
  if (bytes === 4) return view.getUint32(at, true);
  return bytes === 8 ? Number(view.getBigUint64(at, true)) : 0;
}
