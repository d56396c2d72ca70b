import type { JsonRecord } from '../fields';
import { asRecord, field } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, lineRecord } from '../recordResult';
import type { CompletionTable } from './completionRow';
import { readCompletionRow } from './completionRow';

/*
 * ms-swift's `completions.jsonl`: a line is a table of columns with one entry per rollout: step (as text), prompt,
 * completion, one column per reward function, advantages, then others. Source: `log` of ms-swift's `grpo_trainer.py`, 4.6.
 */

const TABLE: CompletionTable = {
  advantage: 'advantages',
  zoomVariant: 'msSwift',
  // Its plugin cuts from the picture as the model saw it.
  frame: 'resized',
  stepOf: () => undefined,
};

/** How a line begins that is too long to be seen whole. */
const LINE_HEAD = /^\ufeff?\s*\{\s*"step"\s*:\s*\[/;
const HEAD_CHARACTERS = 256;

function isTable(value: unknown): boolean {
  const record = asRecord(value);
  return record !== undefined && ['prompt', 'completion'].every((name) => isColumn(record, name));
}

/** A list of texts, or of lists of messages. A list of messages itself is a conversation of another format. */
function isColumn(record: JsonRecord, name: string): boolean {
  const column = field(record, name);
  return (
    Array.isArray(column) &&
    column.length > 0 &&
    column.every((entry) => typeof entry === 'string' || Array.isArray(entry))
  );
}

/** ms-swift's completions. */
export const swiftCompletionsReader: TrajectoryReader = {
  format: 'swift-completions',
  label: 'ms-swift completions',
  layout: 'columns',
  sniff({ lines, values }: SniffInput): number {
    if (values.some(isTable)) return 1;
    const isCut = values.every((value) => value === undefined);
    return isCut && lines.some((line) => LINE_HEAD.test(line.slice(0, HEAD_CHARACTERS))) ? 0.6 : 0;
  },
  read(values: readonly unknown[], context: RecordContext): RecordResult {
    const line = lineRecord(values, {});
    if ('reason' in line) return badRecord(context, line.reason);
    return readCompletionRow(line.record, context, TABLE);
  },
};
