import type { ByteSource } from '../../common/byteSource';
import { errorMessage, ImcotError } from '../../common/errors';
import type { JsonRecord } from '../../readers/fields';
import { asyncBufferOf } from './asyncBuffer';
import { boundedCompressors, MAX_GROUP_BYTES } from './parquetGroup';
import type { ParquetFooter, ParquetGroup } from './parquetFooter';

/**
 * Reads the pictures of one row. Where the file has an index of its pages, only the row's pages are read; else the
 * columns are read up to the row, and let go of again.
 * @param row position in the group
 * @returns the columns' values; a sentence in the place of a column that is not read
 * @throws ImcotError when the file can't be read
 */
export async function readPictures(
  file: ByteSource,
  size: number,
  footer: ParquetFooter,
  group: ParquetGroup,
  row: number,
  columns: readonly string[],
): Promise<JsonRecord> {
  const { metadata } = footer;
  const say = (what: string): JsonRecord => Object.fromEntries(columns.map((name) => [name, `[${what}]`]));
  let bytes = 0;
  let isIndexed = true;
  for (const { meta_data: chunk, offset_index_offset: index } of rowGroupColumns(footer, group)) {
    if (!chunk || !columns.includes(chunk.path_in_schema[0] ?? '')) continue;
    bytes += Number(chunk.total_uncompressed_size);
    isIndexed &&= index !== undefined;
  }
  if (!isIndexed && bytes > MAX_GROUP_BYTES) {
    const megabytes = (bytes / 2 ** 20).toFixed(1);
    return say(
      `not read: the pictures of these ${group.rows} rows stand together, ${megabytes} MiB, and at most ${MAX_GROUP_BYTES / 2 ** 20} MiB are read at once`,
    );
  }
  const { parquetReadObjects } = await import('hyparquet');
  try {
    const [found]: readonly JsonRecord[] = await parquetReadObjects({
      file: asyncBufferOf(file, size),
      metadata,
      columns: [...columns],
      rowStart: group.firstRow + row,
      rowEnd: group.firstRow + row + 1,
      useOffsetIndex: true,
      compressors: await boundedCompressors(),
      utf8: false,
      geoparquet: false,
    });
    return found ?? say('not read: the row is not there');
  } catch (thrown) {
    if (thrown instanceof ImcotError) throw thrown;
    return say(`damaged: ${errorMessage(thrown)}`);
  }
}

/** The column chunks of a group; groups without rows are not among the footer's. */
function rowGroupColumns({ metadata }: ParquetFooter, group: ParquetGroup) {
  let first = 0;
  for (const { num_rows: rows, columns } of metadata.row_groups) {
    if (Number(rows) > 0 && first === group.firstRow) return columns;
    first += Number(rows);
  }
  return [];
}
