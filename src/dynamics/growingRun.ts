import type { Series } from '../metrics/mergeRestarts';
import type { RawRun } from '../metrics/rawRun';
import { firstAt } from '../analysis/thinning';
import { GrowingCurve, type VoidRows } from './growingCurve';

/** The curves of a run while its files grow: what `mergeRestarts` would give, at the cost of what has come. */
export class GrowingRun {
  /** Grows with every change. */
  version = 0;
  private parts: readonly RawRun[] = [];
  private readonly curves = new Map<string, GrowingCurve>();
  private readonly rows = new GrowingCurve(undefined);
  private voidCount = 0;

  /**
   * Takes what has come.
   * @param parts of the run in the order in which they were written; other parts than before begin it anew
   * @returns whether anything had
   */
  update(parts: readonly RawRun[]): boolean {
    if (this.parts.some((part, at) => parts[at] !== part)) {
      this.curves.clear();
      this.rows.reset();
      this.version++;
    }
    this.parts = [...parts];
    const voids = voidRowsOf(parts);
    if (voids.length !== this.voidCount)
      for (const curve of [this.rows, ...this.curves.values()]) curve.reset();
    this.voidCount = voids.length;
    let changed = this.rows.update(parts, voids);
    for (const part of parts)
      for (const key of part.series.keys())
        if (!this.curves.has(key)) this.curves.set(key, new GrowingCurve(key));
    for (const curve of this.curves.values()) changed = curve.update(parts, voids) || changed;
    if (changed) this.version++;
    return changed;
  }

  /** Keys that have a point at a step, in the order in which they appeared. */
  get keys(): string[] {
    return [...this.curves].filter(([, curve]) => curve.points > 0).map(([key]) => key);
  }

  /** How many points a key has. */
  pointsOf(key: string): number {
    return this.curves.get(key)?.points ?? 0;
  }

  lastFinite(key: string): number | undefined {
    return this.curves.get(key)?.lastFinite(this.parts);
  }

  /** The curve of a key; undefined without a point. Made when it is asked for, and kept until something comes. */
  series(key: string): Series | undefined {
    const curve = this.curves.get(key);
    return curve && curve.points > 0 ? curve.series(this.parts) : undefined;
  }

  /** Steps at which a restart wrote anew, ascending. */
  get breaks(): number[] {
    const told = this.parts.flatMap((part) => part.breaks.flatMap(({ step }) => step ?? []));
    const seen = [...this.curves.values()].flatMap((curve) => [...curve.breaks]);
    return [...new Set([...told, ...seen])].sort((a, b) => a - b);
  }

  /** All steps of the run with the wall time of each, NaN where it tells none. */
  get clock(): Pick<Series, 'steps' | 'wallTimes'> {
    return this.rows.series(this.parts);
  }
}

/** The wall time of a step: its own, or between its neighbours by their distance; NaN beyond the ends. */
export function wallTimeAt({ steps, wallTimes }: Pick<Series, 'steps' | 'wallTimes'>, step: number): number {
  const at = firstAt(steps, step);
  if (steps[at] === step) return wallTimes[at] as number;
  if (at === 0 || at === steps.length) return NaN;
  const [left, right] = [steps[at - 1] as number, steps[at] as number];
  const [from, to] = [wallTimes[at - 1] as number, wallTimes[at] as number];
  return from + ((to - from) * (step - left)) / (right - left);
}

function voidRowsOf(parts: readonly RawRun[]): VoidRows[] {
  return parts.flatMap((run, part) =>
    run.breaks.flatMap(({ kind, row, step }) =>
      kind === 'purge' && step !== undefined ? [{ part, row, step }] : [],
    ),
  );
}
