import { asRecord, kindOf } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord } from '../recordResult';
import type { CompletionTable } from './completionRow';
import { readCompletionRow } from './completionRow';

/*
 * TRL's completions of logged steps, `completions/completions_00001.parquet`: step, prompt, completion, one column per
 * reward function, columns that reward functions logged, advantage. Source: `log` of TRL's `grpo_trainer.py`, 1.16.
 */

const FILE = /(?:^|[/\\])completions_(\d{1,12})\.parquet$/;

const TABLE: CompletionTable = {
  advantage: 'advantage',
  zoomVariant: 'trainingV2',
  frame: 'original',
  stepOf(file) {
    const digits = FILE.exec(file)?.[1];
    return digits === undefined ? undefined : Number(digits);
  },
};

/** TRL's Parquet files of completions. */
export const trlCompletionsReader: TrajectoryReader = {
  format: 'trl-completions',
  label: 'TRL completions',
  layout: 'parquet',
  sniff({ name, columns = [] }: SniffInput): number {
    if (!columns.includes('prompt') || !columns.includes('completion')) return 0;
    if (FILE.test(name)) return 1;
    return columns.includes('step') || columns.includes('advantage') ? 0.8 : 0.5;
  },
  read(values: readonly unknown[], context: RecordContext): RecordResult {
    const row = asRecord(values[0]);
    if (!row) return badRecord(context, `A row is an object, but this is ${kindOf(values[0])}.`);
    return readCompletionRow(row, context, TABLE);
  },
};
