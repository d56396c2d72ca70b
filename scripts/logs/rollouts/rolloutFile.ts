import { sniffFile } from '../../../src/files/sniffFile';
import { streamRecords } from '../../../src/files/streamRecords';
import type { TrajectoryFacts } from '../../../src/analysis/trajectoryFacts';
import { trajectoryFacts } from '../../../src/analysis/trajectoryFacts';
import type { FormatId, InlineImages } from '../../../src/readers/reader';
import type { Trajectory } from '../../../src/trajectory/trajectory';
import type { Fields } from '../comparison';
import type { Ledger } from '../ledger';

/** A record that was read, with its figures. */
export interface ReadRollout {
  readonly trajectory: Trajectory;
  readonly facts: TrajectoryFacts;
  readonly images: InlineImages;
}

/** A file of rollouts as the product reads it. */
export interface RolloutFile {
  readonly path: string;
  readonly format: FormatId;
  /** By position; a bad record is its sentence. */
  readonly records: readonly (ReadRollout | string)[];
}

/** How the entries of one form are compared with what the readers of rollouts gave. */
export interface RolloutComparison {
  /** Whether an entry of expected.json has this form, given the file's format. */
  readonly formats: readonly FormatId[];
  compare(entry: Fields, file: RolloutFile, ledger: Ledger): Promise<void> | void;
}

/** Reads all records of a file; the sentence that refuses it where no reader of rollouts takes it. */
export async function readRollouts(file: string): Promise<RolloutFile | string> {
  const sniffed = await sniffFile(file);
  if ('reason' in sniffed) return sniffed.reason;
  const records: (ReadRollout | string)[] = [];
  for await (const result of streamRecords(file)) {
    if (result.status === 'bad') records.push(result.reason);
    else {
      const { trajectory, images } = result;
      records.push({ trajectory, images, facts: trajectoryFacts(trajectory) });
    }
  }
  return { path: file, format: sniffed.reader.format, records };
}

/**
 * The record at a place.
 * @returns undefined, with the reason on the ledger, where it is bad or not there
 */
export function recordAt(file: RolloutFile, index: number, ledger: Ledger): ReadRollout | undefined {
  const record = file.records[index];
  if (typeof record === 'object') return record;
  ledger.wrong(`record ${index}: ${record ?? 'not there'}`);
  return undefined;
}

/** Says so when the file holds other records than those that are named. */
export function checkCount(file: RolloutFile, named: number, ledger: Ledger): void {
  if (file.records.length !== named) ledger.wrong(`${file.records.length} records, ${named} expected`);
}
