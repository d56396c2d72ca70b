import type { Series } from '../metrics/mergeRestarts';
import type { RawRun, RawSeries } from '../metrics/rawRun';
import { SortedPoints } from './sortedPoints';

/** Rows of part `part` before `row` are void from `step` on. */
export interface VoidRows {
  readonly part: number;
  readonly row: number;
  readonly step: number;
}

/** Where a point stands: its part of the run and its position among the key's values there, as one number. */
const PART = 2 ** 32;

/**
 * The points of a key of a run, or its rows, merged as `mergeRestarts` merges them while more come: what has been merged
 * is not looked at again, unless a run goes back in its steps. A key that never does keeps no copy of its points.
 */
export class GrowingCurve {
  /** Steps to which the key went back. */
  readonly breaks = new Set<number>();
  private readonly taken: number[] = [];
  private lastStep = -Infinity;
  /** While steps rise within one part: that part, the values in front that have no step, and the points behind them. */
  private plain: { part: number; skipped: number; count: number } | undefined;
  private merged: SortedPoints | undefined;
  private made: Series | undefined;

  /** @param key undefined: the rows themselves are the points, whatever values they have */
  constructor(private readonly key: string | undefined) {}

  /** How many points there are. */
  get points(): number {
    return this.merged?.length ?? this.plain?.count ?? 0;
  }

  /**
   * Takes what has come.
   * @param parts as before, with more in them or behind them
   * @returns whether anything had
   */
  update(parts: readonly RawRun[], voids: readonly VoidRows[]): boolean {
    const counts = parts.map((part) => this.countOf(part));
    const isNew = counts.map((count, part) => count > (this.taken[part] ?? 0));
    const first = isNew.indexOf(true);
    if (first < 0) return false;
    // What comes in a part that another one follows belongs before what that one has said.
    if (this.taken.some((count, part) => part > first && count > 0)) this.reset();
    this.made = undefined;
    const late: LatePoints = { steps: [], places: [] };
    for (const [part, count] of counts.entries()) this.take(parts, part, count, voids, late);
    if (late.steps.length > 0) this.merged?.merge(late.steps, late.places);
    return true;
  }

  /** Forgets everything: earlier rows have become void. */
  reset(): void {
    this.taken.length = 0;
    this.breaks.clear();
    this.lastStep = -Infinity;
    this.plain = this.merged = this.made = undefined;
  }

  /** The curve as it is now. Of rows, `values` are their positions. */
  series(parts: readonly RawRun[]): Series {
    return (this.made ??= this.toSeries(parts));
  }

  /** The last finite value; undefined where there is none. */
  lastFinite(parts: readonly RawRun[]): number | undefined {
    for (let at = this.points - 1; at >= 0; at--) {
      const { part, index } = this.placeOf(at);
      const value = this.rawOf(parts[part])?.values.at(index);
      if (value !== undefined && Number.isFinite(value)) return value;
    }
    return undefined;
  }

  private rawOf(part: RawRun | undefined): RawSeries | undefined {
    return this.key === undefined ? undefined : part?.series.get(this.key);
  }

  private countOf(part: RawRun): number {
    return this.key === undefined ? part.rowCount : (this.rawOf(part)?.rows.length ?? 0);
  }

  private placeOf(at: number): { part: number; index: number } {
    if (!this.merged) return { part: this.plain?.part ?? 0, index: (this.plain?.skipped ?? 0) + at };
    const place = this.merged.places[at] as number;
    return { part: Math.floor(place / PART), index: place % PART };
  }

  private take(
    parts: readonly RawRun[],
    part: number,
    count: number,
    voids: readonly VoidRows[],
    late: LatePoints,
  ): void {
    const run = parts[part] as RawRun;
    const rows = this.rawOf(run)?.rows;
    for (let index = this.taken[part] ?? 0; index < count; index++) {
      const row = rows ? rows.at(index) : index;
      const step = run.steps.at(row);
      if (Number.isNaN(step) || isVoid(voids, part, row, step)) {
        if (this.plain) this.toMerged(parts);
        continue;
      }
      // A key that goes back in its steps was written by somebody who started again from there.
      if (step < this.lastStep) this.breaks.add(step);
      this.add(parts, part, index, step, late);
      this.lastStep = step;
    }
    this.taken[part] = count;
  }

  private add(parts: readonly RawRun[], part: number, index: number, step: number, late: LatePoints): void {
    if (!this.merged) {
      this.plain ??= { part, skipped: index, count: 0 };
      if (this.plain.part === part && step > this.lastStep) {
        this.plain.count++;
        return;
      }
    }
    const merged = this.merged ?? this.toMerged(parts);
    const place = part * PART + index;
    if (step >= merged.lastStep) return merged.append(step, place);
    late.steps.push(step);
    late.places.push(place);
  }

  private toMerged(parts: readonly RawRun[]): SortedPoints {
    const merged = new SortedPoints();
    if (this.plain) {
      const { part, skipped, count } = this.plain;
      const run = parts[part] as RawRun;
      const rows = this.rawOf(run)?.rows;
      for (let index = skipped; index < skipped + count; index++)
        merged.append(run.steps.at(rows ? rows.at(index) : index), part * PART + index);
    }
    this.plain = undefined;
    return (this.merged = merged);
  }

  private toSeries(parts: readonly RawRun[]): Series {
    const count = this.points;
    const [steps, values, wallTimes] = [0, 0, 0].map(() => new Float64Array(count)) as Columns;
    const [ofParts, rows] = [0, 0].map(() => new Float64Array(count)) as [Float64Array, Float64Array];
    for (let at = 0; at < count; at++) {
      const { part, index } = this.placeOf(at);
      const run = parts[part] as RawRun;
      const raw = this.rawOf(run);
      const row = raw ? raw.rows.at(index) : index;
      steps[at] = run.steps.at(row);
      values[at] = raw ? raw.values.at(index) : row;
      wallTimes[at] = run.wallTimes.at(row);
      ofParts[at] = part;
      rows[at] = row;
    }
    return { key: this.key ?? '', steps, values, wallTimes, parts: ofParts, rows };
  }
}

type Columns = [Float64Array, Float64Array, Float64Array];

/** Points whose steps lie before others that came earlier. */
interface LatePoints {
  readonly steps: number[];
  readonly places: number[];
}

function isVoid(voids: readonly VoidRows[], part: number, row: number, step: number): boolean {
  return voids.some((one) => step >= one.step && (part < one.part || (part === one.part && row < one.row)));
}
