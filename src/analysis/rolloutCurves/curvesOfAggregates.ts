import type { Series } from '../../metrics/mergeRestarts';
import type { ZoomDistribution } from '../alarms';
import type { RolloutAggregate, StepAggregate } from './rolloutAggregate';
import { addToRanges } from './rolloutAggregate';
import { ROLLOUT_KEY_PREFIX, ROLLOUT_MEASURES, STEP_MEASURES } from './rolloutMeasures';

/** The rollouts of one step: how many, and where they stand in the log, `[start, end)`, ascending. */
export interface RolloutsOfStep {
  readonly step: number;
  readonly rollouts: number;
  readonly judged: number;
  readonly correct: number;
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

/** Curves of a log, and what else is known of its steps; steps ascend. */
export interface CurvesOfRollouts {
  readonly series: ReadonlyMap<string, Series>;
  readonly zoomDistributions: readonly ZoomDistribution[];
  readonly steps: readonly RolloutsOfStep[];
  readonly records: number;
  readonly badRecords: number;
  readonly withoutStep: number;
}

/** One step over all files. */
interface JoinedStep {
  rollouts: number;
  judged: number;
  correct: number;
  readonly ranges: number[];
  readonly amounts: Map<string, [amount: number, weight: number]>;
  readonly zooms: number[];
  groups: number;
  deadGroups: number;
}

/** `row`: the position of the step among all steps of the log. */
interface Point {
  readonly step: number;
  readonly value: number;
  readonly row: number;
}

/**
 * The curves of a log's files, one aggregate for each, in the order in which their records are numbered. Groups are told
 * apart file by file.
 */
export function curvesOfAggregates(files: readonly RolloutAggregate[]): CurvesOfRollouts {
  const joined = new Map<number, JoinedStep>();
  let [records, badRecords, withoutStep] = [0, 0, 0];
  for (const file of files) {
    for (const [step, aggregate] of file.steps) join(joined, step, aggregate, file, records);
    records += file.records;
    badRecords += file.badRecords;
    withoutStep += file.withoutStep;
  }
  const ordered = [...joined].sort(([a], [b]) => a - b);
  return {
    series: seriesOf(ordered),
    zoomDistributions: ordered.map(([step, { zooms }]) => ({ step, counts: zooms })),
    steps: ordered.map(([step, { rollouts, judged, correct, ranges }]) => ({
      step,
      rollouts,
      judged,
      correct,
      ranges: pairs(ranges),
    })),
    records,
    badRecords,
    withoutStep,
  };
}

function join(
  joined: Map<number, JoinedStep>,
  step: number,
  from: StepAggregate,
  file: RolloutAggregate,
  offset: number,
): void {
  let into = joined.get(step);
  if (!into) {
    into = {
      rollouts: 0,
      judged: 0,
      correct: 0,
      ranges: [],
      amounts: new Map(),
      zooms: [],
      groups: 0,
      deadGroups: 0,
    };
    joined.set(step, into);
  }
  into.rollouts += from.rollouts;
  into.judged += from.judged;
  into.correct += from.correct;
  for (let at = 0; at < from.ranges.length; at += 2)
    addToRanges(into.ranges, (from.ranges[at] ?? 0) + offset, (from.ranges[at + 1] ?? 0) + offset);
  from.weights.forEach((weight, place) => {
    if (weight === 0) return;
    const curve = file.curves[place] ?? '';
    const [amount, before] = into.amounts.get(curve) ?? [0, 0];
    into.amounts.set(curve, [amount + (from.amounts[place] ?? 0), before + weight]);
  });
  from.zooms.forEach((count, zooms) => {
    while (into.zooms.length <= zooms) into.zooms.push(0);
    into.zooms[zooms] = (into.zooms[zooms] ?? 0) + count;
  });
  const { groups, deadGroups } = file.groups(step);
  into.groups += groups;
  into.deadGroups += deadGroups;
}

/** Measures in the order of their tables; the parts of one by their names. */
function seriesOf(steps: readonly (readonly [number, JoinedStep])[]): ReadonlyMap<string, Series> {
  const names = [...new Set(steps.flatMap(([, { amounts }]) => [...amounts.keys()]))];
  const place = new Map(ROLLOUT_MEASURES.map(({ key }, at) => [key, at]));
  const placeOf = (name: string): number => place.get(name.split('/', 1)[0] ?? '') ?? place.size;
  names.sort((a, b) => placeOf(a) - placeOf(b) || (a < b ? -1 : 1));
  const series = new Map<string, Series>();
  const add = (name: string, of: (step: JoinedStep) => number | undefined): void => {
    const key = ROLLOUT_KEY_PREFIX + name;
    const points = steps.flatMap(([step, joined], row) => {
      const value = of(joined);
      return value === undefined ? [] : [{ step, value, row }];
    });
    if (points.length > 0) series.set(key, toSeries(key, points));
  };
  for (const name of names) {
    add(name, ({ amounts }) => {
      const [amount, weight] = amounts.get(name) ?? [0, 0];
      return weight === 0 ? undefined : amount / weight;
    });
  }
  for (const { key, of } of STEP_MEASURES) add(key, of);
  return series;
}

function toSeries(key: string, points: readonly Point[]): Series {
  return {
    key,
    steps: Float64Array.from(points, ({ step }) => step),
    values: Float64Array.from(points, ({ value }) => value),
    wallTimes: new Float64Array(points.length).fill(NaN),
    parts: new Float64Array(points.length),
    rows: Float64Array.from(points, ({ row }) => row),
  };
}

function pairs(flat: readonly number[]): [number, number][] {
  const found: [number, number][] = [];
  for (let at = 0; at < flat.length; at += 2) found.push([flat[at] ?? 0, flat[at + 1] ?? 0]);
  return found;
}
