/** The training steps that the records of a log carry. */
export interface StepRange {
  /** Different ones. */
  readonly count: number;
  readonly first: number;
  readonly last: number;
}

/** The different steps of a log as a range. Null when there are none. */
export function stepRange(steps: Iterable<number>): StepRange | null {
  let count = 0;
  let first = Infinity;
  let last = -Infinity;
  for (const step of new Set(steps)) {
    count++;
    first = Math.min(first, step);
    last = Math.max(last, step);
  }
  return count === 0 ? null : { count, first, last };
}
