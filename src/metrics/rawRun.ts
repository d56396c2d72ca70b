import { NumberColumn } from './columns';
import type { BreakKind, MetricSink, RunDescription, RunState } from './metricSink';

/** A piece of a metric file that could not be read. */
export interface DamagedPiece {
  readonly reason: string;
  readonly start: number;
  readonly end: number;
}

/** Values began anew before row `row`. */
export interface RunBreak {
  readonly kind: BreakKind;
  readonly step?: number;
  readonly row: number;
}

/** All values of one key, in file order. */
export interface RawSeries {
  /** Position of each value's row among the run's rows. */
  readonly rows: NumberColumn;
  readonly values: NumberColumn;
}

interface LinkedSeries extends RawSeries {
  readonly key: string;
  /** The one that got a value after this one the last time. */
  next?: LinkedSeries;
}

/** Most words that are kept of a key; logs of text would fill the memory. */
const MAX_TEXTS = 100;

/** One run of one file, as written: nothing merged, nothing sorted. */
export class RawRun {
  /** Of each row; NaN where it has none. */
  readonly steps = new NumberColumn();
  /** Seconds since 1970; NaN where the row has none. */
  readonly wallTimes = new NumberColumn();
  readonly starts = new NumberColumn();
  readonly ends = new NumberColumn();
  readonly texts = new Map<string, string[]>();
  readonly settings = new Map<string, unknown>();
  readonly breaks: RunBreak[] = [];
  state: RunState | undefined;
  private readonly byKey = new Map<string, LinkedSeries>();
  /** The one that got the last value. */
  private last: LinkedSeries | undefined;

  constructor(readonly description: RunDescription) {}

  get series(): ReadonlyMap<string, RawSeries> {
    return this.byKey;
  }

  get rowCount(): number {
    return this.steps.length;
  }

  /** Adds a value to the row that was begun last; before any row, one without a step is begun. */
  value(key: string, value: number): void {
    if (this.rowCount === 0) this.row(undefined, undefined, 0, 0);
    const { last } = this;
    // Writers repeat their keys in one order, which saves looking them up: an eighth of the time of an event file.
    const series = last?.next?.key === key ? last.next : this.seriesOf(key);
    if (last) last.next = series;
    this.last = series;
    series.rows.push(this.rowCount - 1);
    series.values.push(value);
  }

  row(step: number | undefined, wallTime: number | undefined, start: number, end: number): void {
    this.steps.push(step ?? NaN);
    this.wallTimes.push(wallTime ?? NaN);
    this.starts.push(start);
    this.ends.push(end);
  }

  private seriesOf(key: string): LinkedSeries {
    const known = this.byKey.get(key);
    if (known) return known;
    const series = { key, rows: new NumberColumn(), values: new NumberColumn() };
    this.byKey.set(key, series);
    return series;
  }

  text(key: string, value: string): void {
    const texts = this.texts.get(key) ?? [];
    if (texts.length < MAX_TEXTS) texts.push(value);
    this.texts.set(key, texts);
  }
}

/** Collects what a reader tells, run by run. */
export class RawRuns implements MetricSink {
  /** In the order in which the file first named them. */
  readonly runs: RawRun[] = [];
  readonly damages: DamagedPiece[] = [];
  private readonly byId = new Map<string, RawRun>();
  private current: RawRun | undefined;

  run(description: RunDescription): void {
    const id = description.id ?? description.name;
    const known = id === undefined ? undefined : this.byId.get(id);
    if (known) {
      this.current = known;
      return;
    }
    this.current = new RawRun(description);
    this.runs.push(this.current);
    if (id !== undefined) this.byId.set(id, this.current);
  }

  row(step: number | undefined, wallTime: number | undefined, start: number, end: number): void {
    this.here().row(step, wallTime, start, end);
  }

  value(key: string, value: number): void {
    this.here().value(key, value);
  }

  text(key: string, value: string): void {
    this.here().text(key, value);
  }

  setting(key: string, value: unknown): void {
    this.here().settings.set(key, value);
  }

  break(kind: BreakKind, step: number | undefined): void {
    const run = this.here();
    run.breaks.push({ kind, row: run.rowCount, ...(step !== undefined && { step }) });
  }

  state(state: RunState): void {
    this.here().state = state;
  }

  damaged(reason: string, start: number, end: number): void {
    this.damages.push({ reason, start, end });
  }

  /** The run that values belong to; a file that names none has one without a name. */
  private here(): RawRun {
    if (!this.current) this.run({});
    return this.current as RawRun;
  }
}
