import type { Concept, ConceptKey } from '../../metrics/concepts';
import { conceptsOf } from '../../metrics/concepts';
import { mergeRestarts } from '../../metrics/mergeRestarts';
import type { RawRun } from '../../metrics/rawRun';
import type { CurveRun } from './curveRun';

/** The points of a key, as many as asked for: nothing is copied for those that nobody looks at. */
export interface KeyPoints {
  readonly key: string;
  readonly count: number;
  /** NaN where the row has none. */
  step(index: number): number;
  value(index: number): number;
  /** Seconds since 1970; NaN where the file does not tell. */
  wallTime(index: number): number;
}

/** A run as the verbs print it. */
export interface RunView {
  readonly run: CurveRun;
  readonly keys: readonly KeyPoints[];
  readonly concepts: ReadonlyMap<Concept, ConceptKey>;
  /** Steps at which a restart wrote anew; none before merging. */
  readonly breaks: readonly number[];
}

/** The curves of a run after its restarts were merged. */
export function mergedView(run: CurveRun): RunView {
  const merged = mergeRestarts(run.parts);
  const keys = [...merged.series.values()].map(({ key, steps, values, wallTimes }) => ({
    key,
    count: steps.length,
    step: (index: number) => steps[index] as number,
    value: (index: number) => values[index] as number,
    wallTime: (index: number) => wallTimes[index] as number,
  }));
  return { run, keys, concepts: conceptsOf(merged.series.keys()), breaks: merged.breaks };
}

/** The values of a run of one file as they stand in it, rows without a step included. */
export function rawView(run: CurveRun): RunView {
  const [part] = run.parts;
  const keys = part ? rawKeys(part) : [];
  return { run, keys, concepts: conceptsOf(keys.map(({ key }) => key)), breaks: [] };
}

function rawKeys({ series, steps, wallTimes }: RawRun): KeyPoints[] {
  return [...series].map(([key, { rows, values }]) => ({
    key,
    count: values.length,
    step: (index: number) => steps.at(rows.at(index)),
    value: (index: number) => values.at(index),
    wallTime: (index: number) => wallTimes.at(rows.at(index)),
  }));
}
