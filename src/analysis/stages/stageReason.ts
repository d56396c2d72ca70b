import { conceptDoes } from './stageCurve';
import type { RoleCurve, StageRole } from './stageCurve';
import type { StageEvidence } from './stageEvidence';
import { stepOf } from './stageGrid';
import { MARGIN } from './turningPoints';

/** A curve whose smooth course goes this many standard deviations of its own noise one way only is called a trend. */
const TREND = 2;

/** A course that goes one way, from a place to a later one, as a curve does that is no stage of anything. */
interface Trend {
  readonly rises: boolean;
  readonly from: number;
  readonly to: number;
}

/** Why a run shows no stages: one or two sentences. `least` is the strength that both turns would need. */
export function noStagesReason(evidence: StageEvidence, curves: readonly RoleCurve[], least: number): string {
  const { strengths, correlation } = evidence;
  const trends = curves.flatMap(({ curve }, at) => {
    const trend = trendOf(evidence.smooth[at]?.values ?? new Float64Array());
    return trend
      ? [`${conceptDoes(curve.concept, trend.rises ? 'rise' : 'fall')} ${span(evidence, trend)}`]
      : [];
  });
  if (trends.length > 0) return `${capital(trends.join(', '))}: not the paper's pattern.`;
  const [rise, fall] = [strengths.rise, strengths.fall].map((value) => value.toFixed(1));
  const noise = correlation < 0.1 ? 'noise' : `noise whose neighbours correlate by ${correlation.toFixed(2)}`;
  if (strengths.rise >= least && strengths.fall >= least)
    return 'The curves do not turn together: fewer than two of them rise to the common peak.';
  return (
    `No rise to a peak and fall after it beyond what ${noise} shows by itself: ` +
    `rise ${rise} and fall ${fall} standard deviations above noise, both need ${least}.`
  );
}

/** What a curve does that the paper's does not, per stage; empty where it follows the pattern. */
export function deviation(evidence: StageEvidence, curve: RoleCurve, at: number): string[] {
  const values = evidence.smooth[at]?.values ?? new Float64Array();
  const { trough, peak } = evidence.points;
  const [low = 0, high = 0] = [values[trough], values[peak]];
  const not = (verb: 'rise' | 'fall' | 'hold'): string => conceptDoes(curve.curve.concept, verb, false);
  const least = leastRise(curve.role);
  if ((evidence.strengths.rises[at] ?? 0) < least) return [`${not('rise')} in stage 2`];
  const tail = values.subarray(Math.floor((1 - MARGIN) * values.length));
  const end = tail.reduce((sum, value) => sum + value, 0) / tail.length;
  if (curve.role === 'zoomCount' && end > high - 0.1 * (high - low)) return [`${not('fall')} in stage 3`];
  if (curve.role === 'responseLength' && end > high) return [`${not('fall')} in stage 3`];
  if (curve.role === 'iou' && end < (low + high) / 2) return [`${not('hold')} in stage 3`];
  return [];
}

/** The stages are named for zooming, so that its count must rise clearly; the others must not speak against it. */
function leastRise(role: StageRole): number {
  return role === 'zoomCount' ? 2 : 0;
}

/** Goes one way when nearly all of the range of its course lies in one direction, and is far above noise. */
function trendOf(values: Float64Array): Trend | undefined {
  let [lowest, highest] = [0, 0];
  values.forEach((value, place) => {
    if (value < (values[lowest] ?? 0)) lowest = place;
    if (value > (values[highest] ?? 0)) highest = place;
  });
  const range = (values[highest] ?? 0) - (values[lowest] ?? 0);
  const tail = Math.max(1, Math.round(MARGIN * values.length));
  const net = mean(values.subarray(-tail)) - mean(values.subarray(0, tail));
  if (range < TREND || Math.abs(net) < 0.7 * range) return undefined;
  const [from, to] = lowest < highest ? [lowest, highest] : [highest, lowest];
  return { rises: net > 0, from, to };
}

function span({ grid }: StageEvidence, { from, to }: Trend): string {
  const start =
    from <= MARGIN * grid.places ? 'from the start' : `from step ${Math.round(stepOf(grid, from))}`;
  const end = to >= (1 - MARGIN) * grid.places - 1 ? 'to the end' : `to step ${Math.round(stepOf(grid, to))}`;
  return `${start} ${end}`;
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** A sentence's first letter; 'IoU' keeps its own. */
export function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
