import type { FileMetaData, SchemaTree } from 'hyparquet';
import type { ByteSource } from '../../common/byteSource';
import { errorMessage } from '../../common/errors';
import { asyncBufferOf } from './asyncBuffer';

/** Largest footer that is read, in bytes. */
const MAX_FOOTER_BYTES = 64 * 2 ** 20;
/** Most rows of one row group: what pyarrow puts into one. A damaged footer may claim any number. */
const MAX_GROUP_ROWS = 2 ** 20;
/** Bytes behind the footer: its length and the mark. */
const END_BYTES = 8;
const MARK = [0x50, 0x41, 0x52, 0x31];

/** A stretch of rows that is stored together. */
export interface ParquetGroup {
  /** Position of its first row in the file. */
  readonly firstRow: number;
  readonly rows: number;
  /** Where its column chunks stand in the file, half-open. */
  readonly bytes: { readonly start: number; readonly end: number };
  /** What the columns that are read take when unpacked, in bytes. */
  readonly unpackedBytes: number;
}

/** What a Parquet file says about itself. */
export interface ParquetFooter {
  /** Names of all columns, in file order. */
  readonly columns: readonly string[];
  /** Those that hold raw bytes (pictures, mostly) at any depth: they are not read with the rows. */
  readonly binaryColumns: ReadonlySet<string>;
  readonly groups: readonly ParquetGroup[];
  readonly rows: number;
  readonly metadata: FileMetaData;
}

/** The footer, or the sentence that says why there is none. */
export type FooterResult = { readonly footer: ParquetFooter } | { readonly problem: string };

/** Whether a file begins as Parquet files do. */
export function beginsAsParquet(head: Uint8Array): boolean {
  return MARK.every((byte, index) => head[index] === byte);
}

/**
 * Reads what stands at the end of a Parquet file. Nothing in it is believed unseen: places and numbers that the file
 * can't hold make it a damaged one.
 * @throws ImcotError when the file can't be read
 */
export async function readParquetFooter(file: ByteSource): Promise<FooterResult> {
  const size = await file.size();
  const end = await file.read(Math.max(0, size - END_BYTES), END_BYTES);
  if (size < 2 * END_BYTES || !beginsAsParquet(end.subarray(4))) {
    return { problem: 'This Parquet file has no end: it was cut off, or it is still being written.' };
  }
  const length = new DataView(end.buffer, end.byteOffset).getUint32(0, true);
  if (length > size - END_BYTES) return damaged(`it should have ${length} bytes, more than the file has`);
  if (length > MAX_FOOTER_BYTES) {
    const megabytes = (length / 2 ** 20).toFixed(1);
    return {
      problem: `The footer of this Parquet file has ${megabytes} MiB, and at most ${MAX_FOOTER_BYTES / 2 ** 20} MiB are read.`,
    };
  }
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet');
  const buffer = asyncBufferOf(file, size);
  // Before the parsing: an error of the file system is no damage.
  const bytes = await buffer.slice(size - END_BYTES - length, size);
  try {
    const options = { geoparquet: false, initialFetchSize: bytes.byteLength };
    const metadata = await parquetMetadataAsync({ byteLength: size, slice: () => bytes }, options);
    return footerOf(metadata, parquetSchema(metadata), size);
  } catch (thrown) {
    return damaged(errorMessage(thrown));
  }
}

function damaged(what: string): FooterResult {
  return { problem: `The footer of this Parquet file is damaged: ${what}.` };
}

function footerOf(metadata: FileMetaData, schema: SchemaTree, size: number): FooterResult {
  const columns = schema.children.map(({ element }) => element.name);
  if (new Set(columns).size < columns.length) return damaged('two columns have one name');
  const binaryColumns = new Set(schema.children.filter(holdsBytes).map(({ element }) => element.name));
  const leaves = leavesOf(schema);
  const groups: ParquetGroup[] = [];
  let rows = 0;
  for (const group of metadata.row_groups) {
    // The library begins to read columns before it meets one that the schema does not have, and then nobody waits for them.
    if (!fitsSchema(group, leaves)) return damaged('its columns are not those of its schema');
    const count = Number(group.num_rows);
    if (!(count >= 0 && count <= MAX_GROUP_ROWS)) {
      return {
        problem: `A row group of this Parquet file has ${count} rows, and at most ${MAX_GROUP_ROWS} are read.`,
      };
    }
    const place = placeOf(group, binaryColumns, count, size);
    if (!place) return damaged('it names places that the file does not have');
    if (count > 0) groups.push({ firstRow: rows, rows: count, ...place });
    rows += count;
  }
  if (rows !== Number(metadata.num_rows)) return damaged('its row groups have other rows than it says');
  return { footer: { columns, binaryColumns, groups, rows, metadata } };
}

/** Where a group stands; undefined where that is outside the file, or where a column has fewer values than rows. */
function placeOf(
  group: FileMetaData['row_groups'][number],
  unread: ReadonlySet<string>,
  rows: number,
  size: number,
): Pick<ParquetGroup, 'bytes' | 'unpackedBytes'> | undefined {
  let [start, end, unpackedBytes] = [size, 0, 0];
  for (const { meta_data: chunk } of group.columns) {
    if (!chunk) return undefined;
    const data = Number(chunk.data_page_offset);
    // Some writers say 0 where there is no dictionary.
    const from = Math.min(data, Number(chunk.dictionary_page_offset ?? 0) || data);
    const to = from + Number(chunk.total_compressed_size);
    if (!(from >= 0 && to >= from && to <= size) || Number(chunk.num_values) < rows) return undefined;
    [start, end] = [Math.min(start, from), Math.max(end, to)];
    if (!unread.has(chunk.path_in_schema[0] ?? '')) unpackedBytes += Number(chunk.total_uncompressed_size);
  }
  return { bytes: { start: Math.min(start, end), end }, unpackedBytes };
}

function leavesOf(tree: SchemaTree): SchemaTree[] {
  return tree.children.flatMap((child) => (child.children.length === 0 ? [child] : leavesOf(child)));
}

/** Whether a group has the schema's leaves, in order. */
function fitsSchema({ columns }: FileMetaData['row_groups'][number], leaves: readonly SchemaTree[]): boolean {
  return (
    columns.length === leaves.length &&
    leaves.every(({ path, element }, at) => {
      const chunk = columns[at]?.meta_data;
      return (
        chunk !== undefined &&
        chunk.type === element.type &&
        chunk.path_in_schema.length === path.length &&
        path.every((name, depth) => chunk.path_in_schema[depth] === name)
      );
    })
  );
}

/** Whether a column has bytes somewhere that no annotation calls text or number. */
function holdsBytes({ element, children }: SchemaTree): boolean {
  const { type, converted_type, logical_type } = element;
  const isBytes = type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY';
  return (isBytes && converted_type === undefined && logical_type === undefined) || children.some(holdsBytes);
}
