import type { ByteSource } from '../../common/byteSource';
import type { ZipMember } from './zipMembers';

/*
 * What stands before each member of a ZIP archive. Source: PKWARE's APPNOTE.TXT 4.3.7, 4.3.9, 4.5.3.
 */

const HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const FIXED_BYTES = 30;
const IN_EXTRA = 0xffffffff;
const ZIP64 = 1;
const ENCRYPTED = 1;
const SIZES_BEHIND = 8;

/** Where a member's data begin; undefined where no local header stands. */
export async function dataStart(file: ByteSource, header: number): Promise<number | undefined> {
  const bytes = await file.read(header, FIXED_BYTES);
  if (bytes.length < FIXED_BYTES) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== HEADER) return undefined;
  return header + FIXED_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}

/** A member by its local header, and where the next one begins. */
export interface WalkedMember {
  readonly member: ZipMember;
  readonly next: number;
}

/**
 * Reads the local header at a place, for archives that have no directory (yet).
 * @returns undefined where none stands or the member is not whole
 */
export async function localMember(
  file: ByteSource,
  at: number,
  size: number,
): Promise<WalkedMember | undefined> {
  const start = await dataStart(file, at);
  if (start === undefined || start > size) return undefined;
  const bytes = await file.read(at, start - at);
  if (bytes.length < start - at) return undefined;
  const view = viewOf(bytes);
  const nameEnd = FIXED_BYTES + view.getUint16(26, true);
  const flags = view.getUint16(6, true);
  const common = {
    name: new TextDecoder().decode(bytes.subarray(FIXED_BYTES, nameEnd)),
    header: at,
    method: view.getUint16(8, true),
    encrypted: (flags & ENCRYPTED) !== 0,
  };
  const [packed, unpacked] = sizesOf(view, nameEnd);
  if ((flags & SIZES_BEHIND) !== 0 && packed === 0) {
    const found = await descriptor(file, start, size);
    return found && { member: { ...common, ...found }, next: start + found.packed + found.bytes };
  }
  if (start + packed > size) return undefined;
  return { member: { ...common, packed, unpacked, crc: view.getUint32(14, true) }, next: start + packed };
}

/** Packed and unpacked size, from the extra field where they need 64 bits. */
function sizesOf(view: DataView, extra: number): readonly [number, number] {
  let packed = view.getUint32(18, true);
  let unpacked = view.getUint32(22, true);
  for (let at = extra; at + 4 <= view.byteLength;) {
    const length = view.getUint16(at + 2, true);
    const end = Math.min(view.byteLength, at + 4 + length);
    if (view.getUint16(at, true) === ZIP64) {
      let from = at + 4;
      if (unpacked === IN_EXTRA && from + 8 <= end) {
        unpacked = Number(view.getBigUint64(from, true));
        from += 8;
      }
      if (packed === IN_EXTRA && from + 8 <= end) packed = Number(view.getBigUint64(from, true));
    }
    at += 4 + length;
  }
  return [packed, unpacked];
}

const SEARCH_BYTES = 1 << 18;

/** The sizes behind a member that was written as a stream: a descriptor whose packed size is the way to it. */
async function descriptor(file: ByteSource, start: number, size: number) {
  for (let at = start; at + 16 <= size; at += SEARCH_BYTES) {
    const bytes = await file.read(at, SEARCH_BYTES + 16);
    const view = viewOf(bytes);
    for (let i = bytes.indexOf(0x50); i >= 0 && i + 16 <= bytes.length; i = bytes.indexOf(0x50, i + 1)) {
      if (view.getUint32(i, true) !== DESCRIPTOR) continue;
      const packed = view.getUint32(i + 8, true);
      if (packed !== at + i - start) continue;
      return { packed, unpacked: view.getUint32(i + 12, true), crc: view.getUint32(i + 4, true), bytes: 16 };
    }
  }
  return undefined;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
