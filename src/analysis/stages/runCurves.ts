import type { Concept, ConceptKey } from '../../metrics/concepts';
import type { MergedRun, Series } from '../../metrics/mergeRestarts';
import type { AlarmInput } from '../alarms';
import type { StageConcept, StageCurve } from './stageCurve';

/** A curve that the stages look at, and which of a run's curves it is. */
export interface RunCurve extends StageCurve {
  readonly key: string;
  /** What it really shows: a length with observations stands in where no other length is there. */
  readonly shown: Concept;
  readonly note?: string;
}

/** For each concept of the stages the concepts of a run that can stand for it, the best first. */
const SOURCES: readonly (readonly [StageConcept, readonly Concept[]])[] = [
  ['zoomCount', ['zoomCount']],
  ['toolCalls', ['toolCalls']],
  ['responseLength', ['responseLength', 'responseLengthWithObservations']],
  ['iou', ['iou']],
  ['accuracy', ['accuracy']],
  ['toolSuccess', ['toolSuccess']],
];

/** The curves of a run that its stages are found by, those that only describe them included. */
export function stageCurvesOf(run: MergedRun, concepts: ReadonlyMap<Concept, ConceptKey>): RunCurve[] {
  return SOURCES.flatMap(([concept, candidates]) => {
    for (const shown of candidates) {
      const found = concepts.get(shown);
      const series = found && run.series.get(found.key);
      if (!series) continue;
      const { steps, values, key } = series;
      return [{ concept, steps, values, key, shown, ...(found.rule.note && { note: found.rule.note }) }];
    }
    return [];
  });
}

/** What the alarms look at in a run. */
export function alarmInputOf(run: MergedRun, concepts: ReadonlyMap<Concept, ConceptKey>): AlarmInput {
  const curve = (...candidates: Concept[]): Series | undefined => {
    const found = candidates.find((concept) => concepts.has(concept));
    return found && run.series.get(concepts.get(found)?.key ?? '');
  };
  const zoomCount = curve('zoomCount', 'toolCalls');
  const reward = curve('score');
  const accuracy = curve('accuracy');
  const responseLength = curve('responseLength', 'responseLengthWithObservations');
  return {
    ...(zoomCount && { zoomCount }),
    ...(reward && { reward }),
    ...(accuracy && { accuracy }),
    ...(responseLength && { responseLength }),
  };
}
