import path from 'node:path';
import type { ByteSource } from '../common/byteSource';
import type { ErrorCode } from '../common/errors';
import { errorCode, errorMessage, ImcotError } from '../common/errors';
import { decodeUtf8, parseJson } from '../common/json';
import { LineScanner } from '../common/lineScanner';
import type { SniffInput, TrajectoryReader } from '../readers/reader';
import { READERS } from '../readers/registry';
import { chooseReader } from '../readers/sniff';
import { headerProblem } from '../readers/trajectories/imcotEvents';
import type { OpenFile } from './fileSource';
import { beginsAsParquet, readParquetFooter } from './parquet/parquetFooter';
import { FileSource } from './fileSource';
import { beginsAsZip, walkArchive } from './zip/archiveTable';

/** Most bytes that are looked at to tell what a file is. */
const HEAD_BYTES = 1 << 20;
/** Most lines that are looked at. */
const HEAD_LINES = 32;
/** Most members of an archive that are looked at. */
const HEAD_MEMBERS = 64;
/** How many files are tried to tell what a folder holds; the first may be empty or broken. */
const SNIFFED_FILES = 8;

/** What a file is, or a sentence about why it can't be told or read. */
export type SniffResult =
  { readonly reader: TrajectoryReader } | { readonly reason: string; readonly code: ErrorCode };

/** Tells by its first bytes which reader reads a file. Never throws. */
export async function sniffFile(
  file: string,
  readers: readonly TrajectoryReader[] = READERS,
  open: (file: string) => Promise<OpenFile> = (name) => FileSource.open(name),
): Promise<SniffResult> {
  try {
    const opened = await open(file);
    try {
      return await sniffOpen(opened, await readHead(opened), file, readers);
    } finally {
      await opened.close();
    }
  } catch (thrown) {
    return { reason: errorMessage(thrown), code: errorCode(thrown) };
  }
}

/** The first bytes of a file, as many as sniffing wants. */
function readHead(file: ByteSource): Promise<Uint8Array> {
  return file.read(0, HEAD_BYTES);
}

/** Chooses the reader that is surest of a file; of equals the first. A table is known by its columns, which stand at its end. */
async function sniffOpen(
  opened: ByteSource,
  head: Uint8Array,
  file: string,
  readers: readonly TrajectoryReader[],
): Promise<SniffResult> {
  if (beginsAsZip(head)) return sniffArchive(opened, file, readers);
  if (!beginsAsParquet(head)) return sniffHead(file, head, readers);
  const found = await readParquetFooter(opened);
  if ('problem' in found) return { reason: `${file}: ${found.problem}`, code: 'input' };
  const { columns } = found.footer;
  const choice = chooseReader({ name: path.basename(file), lines: [], values: [], columns }, readers);
  return 'reader' in choice ? choice : { reason: `${file}: ${choice.reason}`, code: 'input' };
}

/** An archive is known by the names of its members; the first ones will do. */
async function sniffArchive(
  opened: ByteSource,
  file: string,
  readers: readonly TrajectoryReader[],
): Promise<SniffResult> {
  const members: string[] = [];
  const enough = new AbortController();
  const add = ({ name }: { readonly name: string }): void => {
    if (members.push(name) >= HEAD_MEMBERS) enough.abort();
  };
  const taker = { add, restart: () => void members.splice(0) };
  await walkArchive(opened, await opened.size(), taker, enough.signal).catch((thrown: unknown) => {
    if (!enough.signal.aborted) throw thrown;
  });
  const choice = chooseReader({ name: path.basename(file), lines: [], values: [], members }, readers);
  return 'reader' in choice ? choice : { reason: `${file}: ${choice.reason}`, code: 'input' };
}

function sniffHead(file: string, head: Uint8Array, readers: readonly TrajectoryReader[]): SniffResult {
  const input = toSniffInput(path.basename(file), head);
  if (input.lines.length === 0) {
    const what = head.length === 0 ? 'is empty' : 'holds nothing but blanks so far';
    return { reason: `${file} ${what}: there is no record to read.`, code: 'input' };
  }
  const choice = chooseReader(input, readers);
  if ('reason' in choice) return { reason: `${file}: ${choice.reason}`, code: 'input' };
  const refusal = choice.reader.layout === 'events' ? refusalOf(input) : undefined;
  return refusal === undefined ? choice : { reason: `${file}: ${refusal}`, code: 'input' };
}

/** An event log of a later version is refused as a whole. A log without its header is read all the same. */
function refusalOf({ values: [header] }: SniffInput): string | undefined {
  const isHeader = typeof header === 'object' && header !== null && Object.hasOwn(header, 'imcot');
  return isHeader ? headerProblem(header) : undefined;
}

function toSniffInput(name: string, head: Uint8Array): SniffInput {
  const lines: string[] = [];
  const add = (start: number, end: number): void => {
    if (lines.length < HEAD_LINES)
      lines.push(decodeUtf8(head.subarray(start, end)).replace(/^\ufeff|[\r\0]+$/g, ''));
  };
  const scanner = new LineScanner();
  scanner.push(head, add);
  if (scanner.openRecord >= 0) add(scanner.openRecord, head.length);
  const values = lines.map((line) => {
    const parsed = parseJson(line);
    return parsed.ok ? parsed.value : undefined;
  });
  return { name, lines, values };
}

/** What the files of one log are. */
export interface SniffedLog {
  readonly reader: TrajectoryReader;
  /** Which of the files told, and its first bytes. */
  readonly at: number;
  readonly head: Uint8Array;
  /** Length of that file. */
  readonly size: number;
}

/**
 * Tells what several files that belong together are: the first that tells decides.
 * @throws ImcotError with the first file's sentence when none tells
 */
export async function sniffLog(
  files: readonly string[],
  readers: readonly TrajectoryReader[],
  open: (file: string) => Promise<OpenFile>,
): Promise<SniffedLog> {
  let problem: ImcotError | undefined;
  for (const [at, name] of files.slice(0, SNIFFED_FILES).entries()) {
    try {
      const file = await open(name);
      try {
        const head = await readHead(file);
        const sniffed = await sniffOpen(file, head, name, readers);
        if ('reader' in sniffed) return { reader: sniffed.reader, at, head, size: await file.size() };
        problem ??= new ImcotError(sniffed.code, sniffed.reason);
      } finally {
        await file.close();
      }
    } catch (thrown) {
      problem ??= thrown instanceof ImcotError ? thrown : new ImcotError('input', errorMessage(thrown));
    }
  }
  throw problem ?? new ImcotError('missing', 'There is no file to open.');
}
