import type { Compressors } from 'hyparquet';
import type { ByteSource } from '../../common/byteSource';
import { errorMessage, ImcotError } from '../../common/errors';
import type { JsonRecord } from '../../readers/fields';
import { asyncBufferOf } from './asyncBuffer';
import type { ParquetFooter, ParquetGroup } from './parquetFooter';

/** What a row group may take when it is unpacked, in bytes; a row can't be read without its group. */
export const MAX_GROUP_BYTES = 128 * 2 ** 20;

/** What stands for the value of a column that is not read. */
export const UNREAD_BYTES = '[bytes, not read]';

/** The rows of a group, or the sentence that says why there are none. */
export type GroupRows = { readonly rows: readonly JsonRecord[] } | { readonly problem: string };

/** Why a group is not read; undefined when it is. */
export function groupProblem(group: ParquetGroup): string | undefined {
  if (group.unpackedBytes <= MAX_GROUP_BYTES) return undefined;
  const megabytes = (group.unpackedBytes / 2 ** 20).toFixed(1);
  return (
    `The rows ${group.firstRow} to ${group.firstRow + group.rows - 1} stand in one row group of ${megabytes} MiB, ` +
    `and at most ${MAX_GROUP_BYTES / 2 ** 20} MiB are read at once. Write the file anew with smaller row groups.`
  );
}

/**
 * Reads the rows of one group as objects of their columns. 64-bit integers are `bigint` there, and columns of raw bytes
 * are named and not read.
 * @param size length of the file when its footer was read
 * @throws ImcotError when the file can't be read
 */
export async function readGroup(
  file: ByteSource,
  size: number,
  footer: ParquetFooter,
  group: ParquetGroup,
): Promise<GroupRows> {
  const problem = groupProblem(group);
  if (problem !== undefined) return { problem };
  const { columns, binaryColumns, metadata } = footer;
  const { parquetReadObjects } = await import('hyparquet');
  try {
    const found: readonly JsonRecord[] = await parquetReadObjects({
      file: asyncBufferOf(file, size),
      metadata,
      columns: columns.filter((name) => !binaryColumns.has(name)),
      rowStart: group.firstRow,
      rowEnd: group.firstRow + group.rows,
      compressors: await boundedCompressors(),
      utf8: false,
      geoparquet: false,
    });
    if (found.length !== group.rows) {
      return { problem: `This row group should have ${group.rows} rows and has ${found.length}.` };
    }
    const unread = [...binaryColumns].map((name) => [name, UNREAD_BYTES] as const);
    return {
      rows: unread.length === 0 ? found : found.map((row) => ({ ...row, ...Object.fromEntries(unread) })),
    };
  } catch (thrown) {
    if (thrown instanceof ImcotError) throw thrown;
    return { problem: `This row group is damaged: ${errorMessage(thrown)}.` };
  }
}

let bounded: Promise<Compressors> | undefined;

/** The unpackers, made to refuse lengths that only a damaged page can claim, before any memory is taken for them. */
export function boundedCompressors(): Promise<Compressors> {
  bounded ??= import('hyparquet-compressors').then(({ compressors }) =>
    Object.fromEntries(
      Object.entries(compressors).map(([codec, unpack]) => [
        codec,
        (input: Uint8Array, length: number) => {
          if (!(length >= 0 && length <= MAX_GROUP_BYTES)) throw new Error(`a page claims ${length} bytes`);
          return unpack(input, length);
        },
      ]),
    ),
  );
  return bounded;
}
