import { errorMessage } from '../common/errors';
import { decodeUtf8, parseJson } from '../common/json';
import type { RecordContext, RecordResult, TrajectoryReader } from '../readers/reader';
import { nodeCodecs } from './codecs';
import type { RecordPart } from './recordTable';

/** Where a record stands. */
export interface RecordPlace {
  readonly file: string;
  /** Position among the source's records; -1 where it is not known yet. */
  readonly index: number;
  /** See `RecordContext.figuresOnly`. */
  readonly figuresOnly?: boolean;
}

/**
 * Makes a record of its lines. Never throws: what can't be read is a result with status `bad`. Of an event log, damaged
 * lines arrive at the reader as `undefined`, in their place; only a record of nothing else is bad.
 * @param lines at least one
 */
export function readRecord(
  reader: TrajectoryReader,
  lines: readonly RecordPart[],
  { file, index, figuresOnly = false }: RecordPlace,
): RecordResult {
  const bytes = { start: lines[0]?.start ?? 0, end: lines.at(-1)?.end ?? 0 };
  const context: RecordContext = { file, index, bytes, codecs: nodeCodecs, figuresOnly };
  const values: unknown[] = [];
  let problem: string | undefined;
  for (const line of lines) {
    const parsed = parseLine(line);
    if (!('problem' in parsed)) values.push(parsed.value);
    else {
      values.push(undefined);
      problem ??= parsed.problem;
    }
  }
  if (problem !== undefined && values.every((value) => value === undefined)) {
    return { status: 'bad', reason: problem, file, index, bytes };
  }
  try {
    return reader.read(values, context);
  } catch (thrown) {
    const reason = `The reader of ${reader.label} failed on this record: ${errorMessage(thrown)}`;
    return { status: 'bad', reason, file, index, bytes };
  }
}

/** The JSON value of a line, or the sentence that says why there is none. */
export function parseLine(line: RecordPart): { readonly value: unknown } | { readonly problem: string } {
  if (!('bytes' in line)) return line;
  try {
    const parsed = parseJson(decodeUtf8(line.bytes));
    if (parsed.ok) return parsed;
    return { problem: `A line of JSON was expected here, and it is damaged: ${parsed.error}.` };
  } catch (thrown) {
    return { problem: `This line could not be read: ${errorMessage(thrown)}.` };
  }
}

/** Whether an unterminated last line is a whole record already. */
export function isWholeLine(bytes: Uint8Array): boolean {
  return parseJson(decodeUtf8(bytes)).ok;
}
