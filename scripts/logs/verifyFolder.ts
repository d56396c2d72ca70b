import { existsSync, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage } from '../../src/common/errors';
import { walkFolder } from '../../src/files/walkFolder';
import { eventsComparison } from './compareEvents';
import { csvComparison } from './compareCsv';
import { mlflowComparison } from './compareMlflow';
import { rowsComparison } from './compareRows';
import { wandbComparison } from './compareWandb';
import type { Comparison, Fields } from './comparison';
import { fieldsOf } from './comparison';
import type { Tally } from './ledger';
import { Ledger } from './ledger';
import { verifyRollouts } from './rollouts/verifyRollouts';
import type { ToldFile } from './told';
import { readTold } from './told';

/** The forms of entries about metrics; the first that fits counts. */
const COMPARISONS: readonly Comparison[] = [
  wandbComparison,
  csvComparison,
  eventsComparison,
  mlflowComparison,
  rowsComparison,
];

/** What came of one entry of an expected.json. */
export interface Verified {
  /** As it is named there, with the folder. */
  readonly name: string;
  readonly outcome:
    | { readonly kind: 'compared'; readonly format: string; readonly tally: Tally }
    /** Rollouts that were not wanted. */
    | { readonly kind: 'leftOut'; readonly named: number }
    /** Nothing reads the file, or it is not there. */
    | { readonly kind: 'unread'; readonly named: number; readonly reason: string };
}

/**
 * Compares every file that an `expected.json` below the folder names.
 * @param onlyMetrics leaves out files of rollouts
 */
export async function* verifyFolder(root: string, onlyMetrics = false): AsyncGenerator<Verified> {
  const walk = await walkFolder(root);
  for (const { path: folder, files } of walk.folders) {
    if (!files.includes('expected.json')) continue;
    const expected = fieldsOf(JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8')));
    const where = path.relative(root, folder);
    yield { name: path.join(where, '(the folder itself)'), outcome: verifyRest(expected) };
    for (const [name, entry] of Object.entries(fieldsOf(expected['files'])))
      yield {
        name: path.join(where, name),
        outcome: await verifyEntry(folder, name, withTable(fieldsOf(entry), expected), onlyMetrics),
      };
  }
}

/** An entry that counts the rows which its file has of the folder's one table: with these rows. */
function withTable(entry: Fields, { table }: Fields): Fields {
  const { rows } = entry;
  return Array.isArray(table) && typeof rows === 'number' ? { ...entry, table: table.slice(0, rows) } : entry;
}

/** What stands beside the files: how they were made. */
function verifyRest({ files, ...rest }: Fields): Verified['outcome'] {
  const ledger = new Ledger(rest);
  const isShared = Object.values(fieldsOf(files)).some(
    (entry) => 'table' in withTable(fieldsOf(entry), rest),
  );
  for (const key of Object.keys(rest)) {
    if (key === 'table' && isShared) ledger.except([key], 'comparedWithFiles');
    else if (key === 'intended' || key === 'table') ledger.except([key], 'givenToWriter');
    else if (key === 'note') ledger.except([key], 'noteOnly');
    else if (key === 'writers' || key === 'bad_crc') ledger.except([key], 'describesWriting');
  }
  return { kind: 'compared', format: '-', tally: ledger.tally() };
}

async function verifyEntry(
  folder: string,
  name: string,
  entry: Fields,
  onlyMetrics: boolean,
): Promise<Verified['outcome']> {
  const ledger = new Ledger(entry);
  const { named } = ledger.tally();
  if (isSkipped(entry)) {
    ledger.except(['skipped'], 'writerSkipped');
    return { kind: 'compared', format: '-', tally: ledger.tally() };
  }
  const file = await locate(folder, name);
  if (file === undefined) return { kind: 'unread', named, reason: 'there is no such file' };
  if ((await stat(file)).isFile()) {
    const rollouts = await verifyRollouts(file, entry, ledger, onlyMetrics);
    if (rollouts) return rollouts;
  }
  const comparison = COMPARISONS.find(({ fits }) => fits(entry));
  const told = await readAny(file, entry).catch((thrown: unknown) => errorMessage(thrown));
  if (typeof told === 'string') return { kind: 'unread', named, reason: told };
  if (!told) return { kind: 'unread', named, reason: 'no reader of metrics or rollouts takes it' };
  if (!comparison) return { kind: 'unread', named, reason: 'its form in expected.json is not known here' };
  comparison.compare(entry, told, ledger);
  return { kind: 'compared', format: told.format, tally: ledger.tally() };
}

/** Whether the entry says why there is nothing to read, and names no value. */
const isSkipped = (entry: Fields): boolean =>
  typeof entry['skipped'] === 'string' && Object.keys(entry).length === 1;

/** An entry is a path, or the name of a store somewhere below the folder, with a word behind a comma. */
async function locate(folder: string, name: string): Promise<string | undefined> {
  const direct = path.join(folder, name);
  if (existsSync(direct)) return direct;
  const store = name.split(', ')[0] ?? name;
  const { folders } = await walkFolder(folder);
  for (const { path: inner, files } of folders) {
    if (files.includes(store)) return path.join(inner, store);
    if (path.basename(inner) === store) return inner;
  }
  return undefined;
}

/** Reads a file, or of a store that is a folder the runs that the entry names. */
async function readAny(file: string, entry: Fields): Promise<ToldFile | undefined> {
  const marks = await runMarks(file);
  if (!marks) return readTold(file);
  const wanted = [entry['run_id'], entry['child_run_id']];
  const told: ToldFile[] = [];
  for (const mark of marks) {
    if (!wanted.includes(path.basename(path.dirname(mark)))) continue;
    const one = await readTold(mark);
    if (one) told.push(one);
  }
  const [first] = told;
  return first && { ...first, runs: told.flatMap(({ runs }) => runs) };
}

/** The files in a folder that mark runs; undefined for a file. */
async function runMarks(file: string): Promise<string[] | undefined> {
  if (path.extname(file) !== '' || !existsSync(path.join(file, '.'))) return undefined;
  const { folders } = await walkFolder(file);
  return folders.flatMap(({ path: inner, files }) =>
    files.includes('meta.yaml') ? [path.join(inner, 'meta.yaml')] : [],
  );
}
