import { errorMessage } from '../../../src/common/errors';
import { sniffFile } from '../../../src/files/sniffFile';
import type { Fields } from '../comparison';
import { listOf } from '../comparison';
import type { Ledger } from '../ledger';
import type { Verified } from '../verifyFolder';
import { completionsComparison } from './compareCompletions';
import { dumpsComparison } from './compareDumps';
import { inspectComparison } from './compareInspect';
import { trainingDataComparison } from './compareTrainingData';
import type { RolloutComparison } from './rolloutFile';
import { readRollouts } from './rolloutFile';

const COMPARISONS: readonly RolloutComparison[] = [
  dumpsComparison,
  completionsComparison,
  inspectComparison,
  trainingDataComparison,
];

/** What came of a file of rollouts; undefined for a file of another kind. */
export async function verifyRollouts(
  file: string,
  entry: Fields,
  ledger: Ledger,
  onlyMetrics: boolean,
): Promise<Verified['outcome'] | undefined> {
  const { named } = ledger.tally();
  const sniffed = await sniffFile(file);
  if ('reason' in sniffed) {
    if (!isRefused(entry)) return undefined;
    if (onlyMetrics) return { kind: 'leftOut', named };
    // It was cut off: that a sentence says so is what is to be seen.
    ledger.check(['rows'], /cut off/.test(sniffed.reason), sniffed.reason);
    if ('note' in entry) ledger.except(['note'], 'noteOnly');
    return { kind: 'compared', format: 'refused', tally: ledger.tally() };
  }
  if (onlyMetrics) return { kind: 'leftOut', named };
  const read = await readRollouts(file).catch((thrown: unknown) => errorMessage(thrown));
  if (typeof read === 'string') return { kind: 'unread', named, reason: read };
  const comparison = COMPARISONS.find(({ formats }) => formats.includes(read.format));
  if (!comparison)
    return { kind: 'unread', named, reason: `no comparison is known for the format ${read.format}` };
  await comparison.compare(entry, read, ledger);
  if (listOf(entry['rows']).length === 0 && read.records.length === 0) ledger.wrong('no record was read');
  return { kind: 'compared', format: read.format, tally: ledger.tally() };
}

/** Whether expected.json says that the file has no rows that can be read. */
function isRefused(entry: Fields): boolean {
  return 'rows' in entry && entry['rows'] === null;
}
