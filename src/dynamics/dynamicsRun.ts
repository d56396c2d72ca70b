import type { ZoomDistribution } from '../analysis/alarms';
import type { MetricRun } from '../files/metricRuns';
import { conceptKeysOf, type Concept, type ConceptKey } from '../metrics/concepts';
import type { MergedRun, Series } from '../metrics/mergeRestarts';
import type { XMode } from '../protocol/dynamicsView';
import { GrowingRun, wallTimeAt } from './growingRun';
import type { LinkedRollouts } from './linkedRollouts';

/** What a run is called and where it comes from. */
export interface RunOrigin {
  /** The same over growth and reloads. */
  readonly id: string;
  /** The file or folder it was read from: a link to rollouts is remembered by it. */
  readonly sourcePath: string;
  readonly name: string;
  /** The format for people. */
  readonly label: string;
}

/** A run with everything that is known of it: curves of its log, and curves worked out from its rollouts. */
export class DynamicsRun {
  rollouts: LinkedRollouts | undefined;
  /** Absent where there is only a log of rollouts. */
  metrics: MetricRun | undefined;
  private readonly growing = new GrowingRun();
  private concepts: { readonly version: string; readonly keys: ConceptKeys } | undefined;
  private timed = new WeakMap<Series, { readonly clock: object; readonly series: Series }>();
  private started: { readonly clock: object; readonly time: number } | undefined;

  constructor(public origin: RunOrigin) {}

  /** Takes what has come to its log. @returns whether anything had */
  take(metrics: MetricRun, origin: RunOrigin): boolean {
    this.metrics = metrics;
    this.origin = origin;
    return this.growing.update(metrics.parts);
  }

  /** Changes with every change of points. */
  get version(): string {
    return `${this.growing.version} ${this.rollouts?.logPath ?? ''} ${this.rollouts?.version ?? 0}`;
  }

  /** Keys with points, those of the log first. */
  get keys(): string[] {
    const own = this.growing.keys;
    const computed = [...(this.rollouts?.run?.series.keys() ?? [])];
    return [...own, ...computed.filter((key) => this.growing.pointsOf(key) === 0)];
  }

  isComputed(key: string): boolean {
    return this.growing.pointsOf(key) === 0 && this.rollouts?.run?.series.has(key) === true;
  }

  pointsOf(key: string): number {
    return this.growing.pointsOf(key) || (this.rollouts?.run?.series.get(key)?.steps.length ?? 0);
  }

  lastFinite(key: string): number | undefined {
    if (this.growing.pointsOf(key) > 0) return this.growing.lastFinite(key);
    return this.rollouts?.run?.series.get(key)?.values.findLast(Number.isFinite);
  }

  /** The curve of a key. Computed ones have the wall times that the log tells of their steps. */
  series(key: string): Series | undefined {
    const own = this.growing.series(key);
    if (own) return own;
    const computed = this.rollouts?.run?.series.get(key);
    return computed && this.withTimes(computed);
  }

  /** Which keys stand for what, the one that is drawn at first first. */
  get conceptKeys(): ConceptKeys {
    const { version } = this;
    if (this.concepts?.version !== version) this.concepts = { version, keys: conceptKeysOf(this.keys) };
    return this.concepts.keys;
  }

  /** The curves of its concepts alone: what stages and alarms look at. */
  get ofConcepts(): MergedRun {
    const keys = [...this.conceptKeys.values()].flatMap(([first]) => (first ? [first.key] : []));
    const series = keys.flatMap((key) => {
      const found = this.series(key);
      return found ? [[key, found] as const] : [];
    });
    return { series: new Map(series), breaks: this.breaks };
  }

  get breaks(): readonly number[] {
    return this.growing.breaks;
  }

  get zoomDistributions(): readonly ZoomDistribution[] {
    return this.rollouts?.run?.zoomDistributions ?? [];
  }

  /** All steps of its log, or of its rollouts where the log has none, and the wall time of each where that is told. */
  get clock(): Pick<Series, 'steps' | 'wallTimes'> {
    const { clock } = this.growing;
    if (clock.steps.length > 0) return clock;
    const [first] = this.rollouts?.run?.series.values() ?? [];
    return first ?? clock;
  }

  /** Seconds since 1970 of its first wall time; NaN where it tells none. */
  get startTime(): number {
    const { clock } = this;
    if (this.started?.clock !== clock) {
      const time = clock.wallTimes.reduce((least, at) => (at < least ? at : least), Infinity);
      this.started = { clock, time: Number.isFinite(time) ? time : NaN };
    }
    return this.started.time;
  }

  /** Where a step stands on an axis; NaN where it has no place there. */
  placeOf(step: number, mode: XMode): number {
    if (mode === 'step') return step;
    const time = wallTimeAt(this.clock, step);
    return mode === 'wall' ? time : time - this.startTime;
  }

  private withTimes(computed: Series): Series {
    const { clock } = this.growing;
    if (clock.steps.length === 0 || !computed.wallTimes.every(Number.isNaN)) return computed;
    const known = this.timed.get(computed);
    if (known?.clock === clock) return known.series;
    const series = { ...computed, wallTimes: computed.steps.map((step) => wallTimeAt(clock, step)) };
    this.timed.set(computed, { clock, series });
    return series;
  }
}

type ConceptKeys = ReadonlyMap<Concept, readonly ConceptKey[]>;
