import { errorMessage, ImcotError } from '../../common/errors';
import type { RawLog } from '../../files/rawLog';
import { RawSearch } from '../../files/rawSearch';
import type { GoToResult, GoToTarget } from '../../protocol/logFileView';
import type { RecordPlaces } from './recordPlaces';

const figure = (value: number): string => value.toLocaleString('en');

/** Finds a place in a log. Where there is none, a sentence says why. */
export async function findPlace(
  target: GoToTarget,
  log: RawLog,
  records: RecordPlaces | undefined,
  signal: AbortSignal,
): Promise<GoToResult> {
  switch (target.kind) {
    case 'byte':
      return bytePlace(log, target.value);
    case 'line':
      return linePlace(log, target.value);
    case 'record':
      return recordPlace(records, target.value);
    case 'step':
      return stepPlace(log, target.value, signal);
  }
}

function bytePlace(log: RawLog, byte: number): GoToResult {
  const { size } = log.state;
  if (byte < size) return { start: byte, end: byte };
  return { reason: `The file has ${figure(size)} bytes, counted from 0.` };
}

async function linePlace(log: RawLog, line: number): Promise<GoToResult> {
  if (line < 1) return { reason: 'Lines are counted from 1.' };
  const start = await log.startOf(line - 1);
  const { size, counted, feeds } = log.state;
  if (start !== undefined && start < Math.max(1, size)) return { start, end: start };
  if (counted < size) {
    const share = Math.floor((100 * counted) / size);
    return {
      reason: `Line ${figure(line)} is not known yet: ${figure(feeds)} lines are counted, ${share} % of the file.`,
    };
  }
  return {
    reason: `The file has ${figure(start === undefined ? feeds + (size > 0 ? 1 : 0) : line - 1)} lines.`,
  };
}

async function recordPlace(records: RecordPlaces | undefined, index: number): Promise<GoToResult> {
  if (!records) return { reason: 'The lines of this file are no records of rollouts that are known.' };
  try {
    return await records.bytesOf(index);
  } catch (thrown) {
    return { reason: errorMessage(thrown) };
  }
}

/** What a line with a step looks like where no reader of metrics knows the file: `"step": 46`, `step:46`, `global_step=46`. */
const stepWords = (step: number): string =>
  String.raw`(?:"(?:global_?)?steps?"\s*:\s*|\b(?:global_?)?steps?\s*[:= ]\s*)${step}(?![\d.])`;

async function stepPlace(log: RawLog, step: number, signal: AbortSignal): Promise<GoToResult> {
  const rows = await log.steps(signal);
  // Of a step that was run again after a restart the last one counts, as in the curves.
  const at = rows?.steps.lastIndexOf(step) ?? -1;
  if (rows && at >= 0) return { start: rows.starts[at] as number, end: rows.ends[at] as number };
  const found = await firstMatch(log, stepWords(step), signal);
  if (found) return found;
  if (!rows)
    return { reason: `No line names step ${figure(step)}: neither as step:${step} nor as "step": ${step}.` };
  const [first, last] = [rows.steps[0], rows.steps.at(-1)].map((value) => figure(value ?? 0));
  return {
    reason: `The file has no metrics of step ${figure(step)}: the first are of step ${first}, the last of ${last}.`,
  };
}

async function firstMatch(log: RawLog, text: string, signal: AbortSignal): Promise<GoToResult | undefined> {
  const search = new RawSearch(log, { text, matchCase: false, wholeWord: false, regex: true }, 0);
  const stop = (): void => search.stop();
  signal.addEventListener('abort', stop, { once: true });
  search.onDidChange(({ count }) => count > 0 && search.stop());
  try {
    await search.ended;
    if (signal.aborted) throw new ImcotError('cancelled', 'Stopped.');
    const match = search.nearest(0, true);
    return match && { start: match.start, end: match.end };
  } finally {
    signal.removeEventListener('abort', stop);
    search.dispose();
  }
}
