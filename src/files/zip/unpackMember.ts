import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { ByteSource } from '../../common/byteSource';
import { errorMessage, ImcotError } from '../../common/errors';
import { MAX_RECORD_BYTES } from '../lineWindow';
import { crc32 } from '../metricCodecs';
import { dataStart } from './localHeader';
import type { ZipMember } from './zipMembers';
import { unpackZstd } from './zstd';

const inflate = promisify(inflateRaw) as (
  bytes: Uint8Array,
  options: { readonly maxOutputLength: number },
) => Promise<Uint8Array>;

const STORED = 0;
const DEFLATED = 8;
const ZSTANDARD = 93;

/** A member's bytes, or the sentence that says why there are none. */
export type UnpackedMember = { readonly bytes: Uint8Array } | { readonly problem: string };

/**
 * Reads and unpacks one member. Neither what it declares nor what comes out may be above `MAX_RECORD_BYTES`.
 * @throws ImcotError when the file can't be read
 */
export async function unpackMember(
  file: ByteSource,
  member: Omit<ZipMember, 'name'>,
  most = MAX_RECORD_BYTES,
): Promise<UnpackedMember> {
  const larger = Math.max(member.packed, member.unpacked);
  if (larger > most) {
    const problem = `This member of the archive has ${megabytes(larger)} MiB, and a record may have ${megabytes(most)} MiB (the record limit).`;
    return { problem };
  }
  if (member.encrypted) return { problem: 'This member of the archive is encrypted.' };
  const start = await dataStart(file, member.header);
  if (start === undefined)
    return { problem: 'Where the directory names a member of the archive none stands.' };
  const packed = await file.read(start, member.packed);
  if (packed.length < member.packed) return { problem: 'The archive ends inside of this member.' };
  try {
    const bytes = await unpack(packed, member);
    if (bytes.length !== member.unpacked || crc32(bytes) !== member.crc)
      return { problem: 'This member of the archive is damaged: its checksum does not fit.' };
    return { bytes };
  } catch (thrown) {
    if (thrown instanceof ImcotError) throw thrown;
    return { problem: `This member of the archive is damaged: ${errorMessage(thrown)}.` };
  }
}

async function unpack(
  packed: Uint8Array,
  { method, unpacked }: Omit<ZipMember, 'name'>,
): Promise<Uint8Array> {
  switch (method) {
    case STORED:
      return packed;
    case DEFLATED:
      // A limit of 0 means none to the library.
      return inflate(packed, { maxOutputLength: Math.max(1, unpacked) });
    case ZSTANDARD:
      return unpackZstd(packed, unpacked);
    default:
      throw new Error(
        `it is packed by method ${method}, and 0 (stored), 8 (deflate) and 93 (Zstandard) are read`,
      );
  }
}

const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
