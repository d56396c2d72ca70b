import type { Alarm } from '../../analysis/alarms';
import { findAlarms } from '../../analysis/alarms';
import type { StageReport } from '../../analysis/stages/findStages';
import { findStages } from '../../analysis/stages/findStages';
import type { RunCurve } from '../../analysis/stages/runCurves';
import { alarmInputOf, stageCurvesOf } from '../../analysis/stages/runCurves';
import { conceptsOf } from '../../metrics/concepts';
import { mergeRestarts } from '../../metrics/mergeRestarts';
import type { CurveRun } from './curveRun';

/** What is known of a run's stages. */
export interface RunStages {
  readonly run: CurveRun;
  readonly report: StageReport;
  /** The curves that were looked at. */
  readonly curves: readonly RunCurve[];
  readonly alarms: readonly Alarm[];
}

/** Finds the stages of a run by the curves that its keys stand for, and what went wrong with it. */
export function stagesOf(run: CurveRun): RunStages {
  const merged = mergeRestarts(run.parts);
  const concepts = conceptsOf(merged.series.keys());
  const curves = stageCurvesOf(merged, concepts);
  const { zoomDistributions } = run;
  const alarms = findAlarms({
    ...alarmInputOf(merged, concepts),
    ...(zoomDistributions && { zoomDistributions }),
  });
  return { run, report: findStages(curves), curves, alarms };
}

/** A run's stages as `imcot stages --json` prints them. */
export function stagesJson({ run, report, curves, alarms }: RunStages): object {
  const { status, boundaries, confidence, reason, namesWithheld, method, stages } = report;
  const isWhole = status === 'three stages';
  const shown = new Map<string, string>(curves.map((curve) => [curve.concept, curve.shown]));
  return {
    name: run.name,
    source: run.source,
    format: run.format,
    status,
    boundaries: isWhole ? boundaries.map(({ step }) => step) : null,
    intervals: isWhole ? boundaries.map(({ interval }) => interval) : null,
    ...(status === 'stage 2 so far' && { stage2: boundaries[0] }),
    confidence,
    reason,
    ...(namesWithheld !== undefined && { namesWithheld }),
    stages: stages.map(({ name, from, to, means, summary }) => ({
      name,
      from,
      to,
      means: Object.fromEntries(
        Object.entries(means).map(([concept, mean]) => [shown.get(concept) ?? concept, mean]),
      ),
      summary,
    })),
    concepts: Object.fromEntries(curves.map((curve) => [curve.shown, curve.key])),
    alarms,
    method,
  };
}
