import { isDeepStrictEqual } from 'node:util';
import { FileSource } from '../../../src/files/fileSource';
import { readParquetFooter } from '../../../src/files/parquet/parquetFooter';
import type { Fields } from '../comparison';
import { fieldsOf, listOf } from '../comparison';
import type { Ledger, Path } from '../ledger';
import { wantedNumber } from '../numbers';
import type { ReadRollout, RolloutComparison, RolloutFile } from './rolloutFile';
import { checkCount, recordAt } from './rolloutFile';

/** Packing methods that pyarrow, whose words expected.json has, calls otherwise than the format does. */
const ARROW_NAMES: ReadonlyMap<string, string> = new Map([['LZ4_RAW', 'LZ4']]);

/**
 * Training data: what stands in the file's footer, and of the folder's one table (`table` beside `files`) as many rows
 * as the file has. The table's values are counted with each file.
 */
export const trainingDataComparison: RolloutComparison = {
  formats: ['training-data'],
  async compare(entry, file, ledger) {
    const table = listOf(entry['table']).map(fieldsOf);
    ledger.compare(['rows'], file.records.length);
    checkCount(file, table.length, ledger);
    // pandas has one word for null and NaN.
    const isPandas = await compareFooter(entry, file, ledger);
    for (const [index, row] of table.entries()) {
      const record = recordAt(file, index, ledger);
      if (record) compareRow(row, ['table', index], record, isPandas, ledger);
    }
    if ('note' in entry) ledger.except(['note'], 'noteOnly');
  },
};

function compareRow(row: Fields, path: Path, record: ReadRollout, isPandas: boolean, ledger: Ledger): void {
  const { trajectory } = record;
  const { prompt, extras } = trajectory;
  for (const [key, wanted] of Object.entries(row)) {
    const here = [...path, key];
    if (key === 'data_source') ledger.compare(here, trajectory.split ?? null);
    else if (key === 'prompt')
      for (const [at, { role, content }] of listOf(wanted).map(fieldsOf).entries()) {
        const got = role === 'system' ? prompt.system : prompt.user;
        ledger.check([...here, at, 'role'], got !== undefined, got);
        ledger.check([...here, at, 'content'], got === String(content).replaceAll('<image>', ''), got);
      }
    else if (key === 'images') comparePictures(wanted, here, record, ledger);
    else if (key === 'reward_model') {
      const got = { ...fieldsOf(extras.get('reward_model')), ground_truth: trajectory.groundTruth };
      compareValue(wanted, here, got, ledger);
    } else if (typeof wanted === 'string' && wantedNumber(wanted) === undefined)
      // A whole number that a double can't hold is a text of its digits on both sides.
      ledger.check(here, String(extras.get(key)) === wanted, extras.get(key));
    else if (isPandas && (wanted === null || wanted === 'NaN'))
      ledger.check(here, extras.get(key) === null || Number.isNaN(extras.get(key)), extras.get(key));
    else compareValue(wanted, here, extras.get(key), ledger);
  }
}

/** Every leaf at and below a place. */
function compareValue(wanted: unknown, path: Path, got: unknown, ledger: Ledger): void {
  if (Array.isArray(wanted)) {
    const list = listOf(got);
    if (list.length !== wanted.length)
      ledger.wrong(`${path.join(' > ')}: ${list.length} entries, ${wanted.length} expected`);
    wanted.forEach((inner: unknown, at) => compareValue(inner, [...path, at], list[at], ledger));
  } else if (typeof wanted === 'object' && wanted !== null) {
    for (const [key, inner] of Object.entries(wanted))
      compareValue(inner, [...path, key], fieldsOf(got)[key], ledger);
  } else {
    const number = typeof got === 'number' ? wantedNumber(wanted) : undefined;
    ledger.compare(path, got ?? null, number ?? wanted);
  }
}

function comparePictures(
  wanted: unknown,
  path: Path,
  { trajectory, images }: ReadRollout,
  ledger: Ledger,
): void {
  const got = trajectory.prompt.images.filter(({ kind }) => kind !== 'blank');
  if (wanted === null) return ledger.check(path, got.length === 0, got.length);
  const list = listOf(wanted).map(fieldsOf);
  if (list.length !== got.length)
    ledger.wrong(`${path.join(' > ')}: ${got.length} pictures, ${list.length} expected`);
  for (const at of list.keys()) {
    const image = got[at];
    const hash = image?.kind === 'inline' ? image.hash : undefined;
    ledger.compare([...path, at, 'sha256'], hash);
    ledger.compare([...path, at, 'length'], images.get(hash ?? '')?.length);
    ledger.except([...path, at, 'path'], 'pictureName');
  }
}

/** @returns whether pandas wrote the file */
async function compareFooter(entry: Fields, { path: file }: RolloutFile, ledger: Ledger): Promise<boolean> {
  const source = await FileSource.open(file);
  try {
    const read = await readParquetFooter(source);
    if ('problem' in read) {
      ledger.wrong(read.problem);
      return false;
    }
    const { metadata } = read.footer;
    ledger.compare(['created_by'], metadata.created_by);
    ledger.compare(['row_groups'], metadata.row_groups.length);
    const columns = metadata.row_groups[0]?.columns ?? [];
    for (const [index, column] of listOf(entry['columns']).entries()) {
      const chunk = columns[index]?.meta_data;
      const [, , encodings] = listOf(column);
      ledger.compare(['columns', index, 0], chunk?.path_in_schema.join('.'));
      ledger.compare(['columns', index, 1], chunk && (ARROW_NAMES.get(chunk.codec) ?? chunk.codec));
      const got = chunk && [...chunk.encodings].sort();
      ledger.checkAll(['columns', index, 2], isDeepStrictEqual(got, encodings), got);
    }
    return metadata.key_value_metadata?.some(({ key }) => key === 'pandas') ?? false;
  } finally {
    await source.close();
  }
}
