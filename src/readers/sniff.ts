import type { JsonRecord } from './fields';
import { asRecord, kindOf } from './fields';
import type { SniffInput, TrajectoryReader } from './reader';

/** A file's reader, or the sentence that says what it is instead. */
export type ReaderChoice = { readonly reader: TrajectoryReader } | { readonly reason: string };

/** Kinds of files that stand beside logs, by how their text begins. Bytes that are no UTF-8 have become U+FFFD. */
const SIGNATURES: readonly { readonly begins: string; readonly name: string }[] = [
  { begins: 'PAR1', name: 'a Parquet file' },
  { begins: 'PK\x03\x04', name: 'a ZIP archive' },
  { begins: '\x1f\uFFFD', name: 'a gzip file: unpack it first' },
  { begins: '(\uFFFD/\uFFFD', name: 'a Zstandard file: unpack it first' },
  { begins: 'SQLite format 3', name: 'an SQLite database' },
  { begins: ':W&B', name: 'a W&B run' },
  { begins: '\uFFFDPNG', name: 'a PNG picture' },
  { begins: '\uFFFD\uFFFD\uFFFD', name: 'a binary file, such as a JPEG picture' },
  { begins: '%PDF', name: 'a PDF document' },
];

/** Kinds of JSON records that no reader here is for, by the fields that all of them have. */
const OTHER_RECORDS: readonly { readonly fields: readonly string[]; readonly name: string }[] = [
  { fields: ['step', 'data'], name: "verl's metrics, which are curves and hold no rollouts" },
  { fields: ['log_history'], name: 'a trainer state of Transformers, which holds curves and no rollouts' },
  { fields: ['target_object', 'bbox'], name: 'the annotation of a V* picture' },
  { fields: ['direct_attributes', 'relative_position'], name: "the totals of DeepEyes' evaluation" },
];

const MAX_NAMED_KEYS = 6;
const MAX_KEY_LENGTH = 40;

function describeRecord(record: JsonRecord): string {
  const known = OTHER_RECORDS.find((kind) => kind.fields.every((name) => Object.hasOwn(record, name)));
  if (known) return `These lines look like ${known.name}.`;
  const keys = Object.keys(record);
  if (keys.length === 0) return 'These lines are JSON, yet the first object is empty.';
  return `These lines are JSON, yet their fields (${named(keys)}) are those of no format that is read here.`;
}

function named(keys: readonly string[]): string {
  const first = keys.slice(0, MAX_NAMED_KEYS).map((key) => `"${key.slice(0, MAX_KEY_LENGTH)}"`);
  return first.join(', ') + (keys.length > first.length ? ` and ${keys.length - first.length} more` : '');
}

function isBinary(text: string): boolean {
  for (let index = 0; index < Math.min(text.length, 1024); index++) {
    const unit = text.charCodeAt(index);
    if (unit < 9 || (unit > 13 && unit < 32 && unit !== 27)) return true;
  }
  return false;
}

/** What a file is that has no lines of text. Asked first: a Parquet file may well hold lines that are JSON. */
function describeBinary(first: string): string | undefined {
  const signature = SIGNATURES.find(({ begins }) => first.startsWith(begins));
  if (signature) return `This looks like ${signature.name}.`;
  return isBinary(first) ? 'This looks like a binary file.' : undefined;
}

function describeText(first: string): string {
  if (/^\s*\[\s*$/.test(first)) {
    return 'This looks like one JSON list over many lines; each record must stand on a line of its own.';
  }
  if (/^\s*\{\s*$/.test(first)) {
    return 'This looks like one JSON object over many lines; each record must stand on a line of its own.';
  }
  // A console line may begin with a bracket too, as in "[rank0]".
  return /^\s*(\[\s*)?\{\s*"/.test(first)
    ? 'The first lines are damaged JSON.'
    : 'This looks like plain text, not like JSON lines.';
}

/** A sentence about what a file is that no reader reads. */
export function describeContent(input: SniffInput): string {
  if (input.columns) {
    return `This is a Parquet file, yet its columns (${named(input.columns)}) are those of no format that is read here.`;
  }
  if (input.members) {
    const what = input.members.length === 0 ? 'nothing of it is whole' : `it holds ${named(input.members)}`;
    return `This is a ZIP archive, yet ${what}.`;
  }
  const first = input.lines.find((line) => line.trim() !== '');
  if (first === undefined) return 'There is nothing in it.';
  const binary = describeBinary(first);
  if (binary !== undefined) return binary;
  const record = input.values.map(asRecord).find((value) => value !== undefined);
  if (record) return describeRecord(record);
  const other = input.values.find((value) => value !== undefined);
  return other === undefined ? describeText(first) : `These lines are JSON, yet each holds ${kindOf(other)}.`;
}

/** Chooses the reader that is surest of a file; of equally sure ones the first. */
export function chooseReader(input: SniffInput, readers: readonly TrajectoryReader[]): ReaderChoice {
  let best: TrajectoryReader | undefined;
  let surest = 0;
  for (const reader of readers) {
    if ((reader.layout === 'parquet') !== (input.columns !== undefined)) continue;
    if ((reader.layout === 'archive') !== (input.members !== undefined)) continue;
    const sure = reader.sniff(input);
    if (sure > surest) [best, surest] = [reader, sure];
  }
  if (best) return { reader: best };
  const labels = readers.map((reader) => reader.label).join(', ');
  return {
    reason: `This is no log that is read here. ${describeContent(input)} Expected is one of: ${labels}.`,
  };
}
