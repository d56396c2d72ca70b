import { deflateRawSync } from 'node:zlib';
import { crc32ByTable } from '../../src/files/metricCodecs';

/** A member to be packed; what is given beside its data is written as it is, right or wrong. */
export interface MemberToPack {
  readonly name: string;
  readonly data: string;
  readonly method?: 'stored' | 'deflated' | { readonly number: number; readonly packed: Uint8Array };
  readonly unpacked?: number;
  readonly crc?: number;
  readonly flags?: number;
  /** Sizes stand in a descriptor behind the data, as a writer that can't go back leaves them. */
  readonly streamed?: boolean;
}

/**
 * A ZIP archive.
 * @param end `directory`, or `none`: cut off right before it, as one that is being written
 */
export function makeZip(
  members: readonly MemberToPack[],
  end: 'directory' | 'none' = 'directory',
): Uint8Array {
  const pieces: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  const push = (piece: Buffer): void => {
    pieces.push(piece);
    at += piece.length;
  };
  for (const { name, data, method = 'stored', streamed = false, ...given } of members) {
    const bytes = Buffer.from(data);
    const title = Buffer.from(name);
    const [number, packed] =
      method === 'stored'
        ? [0, bytes]
        : method === 'deflated'
          ? [8, deflateRawSync(bytes as Uint8Array)]
          : [method.number, Buffer.from(method.packed)];
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE((given.flags ?? 0) | (streamed ? 8 : 0), 2);
    common.writeUInt16LE(number, 4);
    common.writeUInt32LE(given.crc ?? crc32ByTable(bytes as Uint8Array), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(given.unpacked ?? bytes.length, 18);
    common.writeUInt16LE(title.length, 22);
    const local = Buffer.from(common as Uint8Array);
    if (streamed) local.fill(0, 10, 22);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.set(common as Uint8Array, 6);
    entry.writeUInt32LE(at, 42);
    entries.push(entry, title);
    push(Buffer.from('PK\u0003\u0004'));
    push(local);
    push(title);
    push(packed as Buffer);
    if (streamed) {
      push(Buffer.from('PK\u0007\u0008'));
      push(Buffer.from(common.subarray(10, 22) as Uint8Array));
    }
  }
  if (end === 'directory') {
    const start = at;
    for (const piece of entries) push(piece);
    const last = Buffer.alloc(22);
    last.writeUInt32LE(0x06054b50, 0);
    last.writeUInt16LE(members.length, 8);
    last.writeUInt16LE(members.length, 10);
    last.writeUInt32LE(at - start, 12);
    last.writeUInt32LE(start, 16);
    push(last);
  }
  return Uint8Array.from(Buffer.concat(pieces as readonly Uint8Array[] as Uint8Array[]));
}
