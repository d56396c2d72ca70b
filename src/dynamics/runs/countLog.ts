import { errorMessage } from '../../common/errors';
import { readMetricFile, type AnyMetricReader } from '../../files/metricFile';
import { streamRecords } from '../../files/streamRecords';
import { ContentDigest, type SourceContent } from '../../files/supersession';
import { RowCounter } from '../../metrics/rowCounter';
import { stepRange } from '../../metrics/stepRange';
import type { Trajectory } from '../../trajectory/trajectory';
import type { LogCount, StepRollouts } from './runLogs';

/** Steps that are told one by one; a log with more has its range alone. */
const MOST_STEPS = 5000;
/** Pieces of a step, which lie in one piece or a few where a run was taken up again. */
const MOST_RANGES = 200;

/** A log that was read from end to end. */
export interface CountedLog {
  readonly count: LogCount;
  /** What its rollouts are compared by; absent for metrics. */
  readonly content?: SourceContent;
}

type GrowingStep = Omit<StepRollouts, 'ranges'> & { readonly ranges: [number, number][] };

class StepBook {
  private readonly byStep = new Map<number, GrowingStep>();

  add(step: number, index: number, verdict: Trajectory['verdict']): void {
    const known: GrowingStep = this.byStep.get(step) ?? { step, records: 0, judged: 0, right: 0, ranges: [] };
    const last = known.ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else known.ranges.push([index, index + 1]);
    this.byStep.set(step, {
      ...known,
      records: known.records + 1,
      judged: known.judged + (verdict ? 1 : 0),
      right: known.right + (verdict?.correct === true ? 1 : 0),
    });
  }

  get steps(): Iterable<number> {
    return this.byStep.keys();
  }

  rollouts(): readonly StepRollouts[] {
    const all = [...this.byStep.values()].sort((a, b) => a.step - b.step);
    const isTooMuch = all.length > MOST_STEPS || all.some(({ ranges }) => ranges.length > MOST_RANGES);
    return isTooMuch ? [] : all;
  }
}

/**
 * Counts the rollouts of a log.
 * @param name what it is called where logs are compared
 * @throws ImcotError when it can't be read; `cancelled` when the signal fires
 */
export async function countRollouts(
  name: string,
  files: readonly string[],
  signal: AbortSignal,
): Promise<CountedLog> {
  const book = new StepBook();
  const digest = new ContentDigest();
  let records = 0;
  let badRecords = 0;
  for await (const result of streamRecords(files, { signal, figuresOnly: true })) {
    if (result.status === 'bad') badRecords++;
    else {
      const { step, verdict } = result.trajectory;
      if (step !== undefined) book.add(step, records + badRecords, verdict);
      records++;
      digest.add(result.trajectory);
    }
  }
  const steps = stepRange(book.steps);
  return {
    count: { records, badRecords, steps, stepRollouts: book.rollouts() },
    content: digest.content(name),
  };
}

/**
 * Counts the rows of metrics.
 * @throws ImcotError when they can't be read; `cancelled` when the signal fires
 */
export async function countRows(
  files: readonly string[],
  reader: AnyMetricReader,
  signal: AbortSignal,
): Promise<CountedLog> {
  const counter = new RowCounter();
  let badRecords = 0;
  for (const file of files) {
    counter.damages.length = 0;
    let whole: number | undefined;
    // A last row that is still being written is nobody's mistake.
    const onTail = (): void => void (whole = counter.damages.length);
    await readMetricFile(file, reader, counter, { signal, onTail });
    badRecords += counter.damages.slice(0, whole).length;
  }
  return { count: { records: counter.rows, badRecords, steps: stepRange(counter.steps), stepRollouts: [] } };
}

/** Why a log could not be counted, for people. */
export const whyUncounted = (thrown: unknown): string => `Not counted: ${errorMessage(thrown)}`;
