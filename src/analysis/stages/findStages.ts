import { resampleStages, RESAMPLED_RUNS, SAME_PLACE } from './resampleStages';
import type { PlaceRange, Resampled } from './resampleStages';
import { stageCards, STAGE_NAMES } from './stageCards';
import type { StageCard } from './stageCards';
import { conceptName, roleCurves } from './stageCurve';
import type { RoleCurve, StageCurve } from './stageCurve';
import { gridNoises, stageEvidence } from './stageEvidence';
import type { StageEvidence } from './stageEvidence';
import { recordedStep, stepOf, toGrid } from './stageGrid';
import type { StageGrid } from './stageGrid';
import { capital, deviation, noStagesReason } from './stageReason';
import { MARGIN } from './turningPoints';

/** Standard deviations above noise that the rise to the peak and the fall after it both need. */
export const LEAST_STRENGTH = 3;
/** Different steps that the best recorded curve needs. */
export const LEAST_STEPS = 30;
/** Half-width of the smoother as a share of the run; how its answers vary with it is in docs/stages.md. */
export const HALF_WIDTH = 0.16;
/** Share of the run by which smoothing moves turns late, which no resampling shows: intervals begin so much earlier. */
const LATENESS = 0.0125;
/** Standard deviations above noise of the way down to the trough, for a run whose peak is still to come. */
const LEAST_DIP = 0.5;
/** Strengths of single curves: this many above noise is a rise, this many below it speaks against stages. */
const LEAST_OWN_RISE = 1.5;

/** A turning point of the joint curves. */
export interface StageBoundary {
  /** The first step of the stage that begins here; a recorded step. */
  readonly step: number;
  /** Steps between which nine of ten resampled runs have it. */
  readonly interval: readonly [from: number, to: number];
}

/** The stages of a run, or why there are none. */
export interface StageReport {
  /** 'stage 2 so far': the trough is passed, the peak is not. */
  readonly status: 'three stages' | 'stage 2 so far' | 'no clear stages';
  /** Two, one, or none, after `status`. */
  readonly boundaries: readonly StageBoundary[];
  /**
   * 0 to 1. Share of the resampled runs in which the boundaries stayed within 6 % of the run, times the evidence in
   * units of twice what is needed (1 at most). 0 without stages.
   */
  readonly confidence: number;
  /** Sentences for a person: why stages are shown or not. */
  readonly reason: string;
  /** Sentences: why stages do not bear the paper's names; absent where they do or there are none. */
  readonly namesWithheld?: string;
  /** How the answer was computed, for the view. */
  readonly method: string;
  /** One per stage; none without clear stages. */
  readonly stages: readonly StageCard[];
}

/** Settings of the search; what is absent is as documented. */
export interface StageOptions {
  /** Share of the run, 0.05 to 0.3; `HALF_WIDTH` where absent. */
  readonly halfWidth?: number;
  /** Of the simulations; the same seed gives the same report. 1 where absent. */
  readonly seed?: number;
}

/**
 * Finds the three stages that the DeepEyes paper describes (arXiv 2505.14362, Figure 3): first boundary at the trough
 * of response length and IoU, second at the peak of zoom count, length and IoU. At least two of these curves must be
 * there; accuracy and the like are described and decide nothing. Curves of any length; costs some milliseconds.
 */
export function findStages(curves: readonly StageCurve[], options: StageOptions = {}): StageReport {
  const roles = roleCurves(curves);
  const method = methodText(options.halfWidth ?? HALF_WIDTH);
  const none = (reason: string): StageReport => ({
    status: 'no clear stages',
    boundaries: [],
    confidence: 0,
    reason,
    method,
    stages: [],
  });
  if (roles.length < 2) {
    const there = roles.map(({ curve }) => conceptName(curve.concept))[0];
    return none(
      `${there === undefined ? 'None' : `Only ${there}`} of zoom count, response length and IoU is recorded; two are needed.`,
    );
  }
  const grid = toGrid(roles);
  if (grid.places < LEAST_STEPS)
    return none(`Too few steps: ${grid.places} are recorded, at least ${LEAST_STEPS} are needed.`);
  const search = { halfWidth: options.halfWidth ?? HALF_WIDTH, seed: options.seed ?? 1 };
  const noises = gridNoises(grid);
  const whole = stageEvidence(grid, noises, { ...search, peakEnd: 1 - MARGIN });
  const { rise, fall } = whole.strengths;
  if (Math.min(rise, fall) >= LEAST_STRENGTH && turnsTogether(whole)) {
    const resampled = resampleStages(whole, { ...search, peakEnd: 1 - MARGIN, which: 'both' });
    return { ...threeStages(curves, roles, whole, resampled), method };
  }
  const live = stageEvidence(grid, noises, { ...search, peakEnd: 1 });
  if (stillRising(live) && turnsTogether(live)) {
    const resampled = resampleStages(live, { ...search, peakEnd: 1, which: 'trough' });
    return { ...stageTwoSoFar(curves, roles, live, resampled), method };
  }
  return none(noStagesReason(whole, roles, LEAST_STRENGTH));
}

function turnsTogether({ strengths }: StageEvidence): boolean {
  const { rises } = strengths;
  return (
    rises.filter((one) => one >= LEAST_OWN_RISE).length >= 2 && rises.every((one) => one > -LEAST_OWN_RISE)
  );
}

/** A dip inside the run, a rise out of it, and no fall since. */
function stillRising({ strengths, points, grid }: StageEvidence): boolean {
  const { places } = grid;
  // A little beyond the margin, so that no peak falls between the search of a run that is over and this one.
  const passed = points.peak < (1 - 1.5 * MARGIN) * (places - 1) && strengths.fall >= LEAST_STRENGTH;
  const atStart = points.trough <= MARGIN * (places - 1) + 2;
  return strengths.rise >= LEAST_STRENGTH && strengths.dip >= LEAST_DIP && !passed && !atStart;
}

function threeStages(
  curves: readonly StageCurve[],
  roles: readonly RoleCurve[],
  evidence: StageEvidence,
  resampled: Resampled,
): Omit<StageReport, 'method'> {
  const { points, strengths, grid } = evidence;
  const boundaries = [
    boundary(grid, roles, points.trough, resampled.trough),
    boundary(grid, roles, points.peak, resampled.peak),
  ];
  const why = roles.flatMap((role, at) => deviation(evidence, role, at));
  if (!roles.some(({ role }) => role === 'zoomCount')) why.unshift('zoom count is not recorded');
  const cards = stageCards(
    curves,
    boundaries.map(({ step }) => step),
    why.length === 0 ? STAGE_NAMES : [],
  );
  const weakest = Math.min(strengths.rise, strengths.fall);
  return {
    status: 'three stages',
    boundaries,
    confidence: resampled.stable * Math.min(1, weakest / (2 * LEAST_STRENGTH)),
    reason:
      `Rise to the peak ${strengths.rise.toFixed(1)} and fall after it ${strengths.fall.toFixed(1)} standard deviations ` +
      `above noise (${LEAST_STRENGTH} needed); the boundaries stayed in place in ${percent(resampled.stable)} of ` +
      `${RESAMPLED_RUNS} resampled runs.`,
    ...(why.length > 0 && { namesWithheld: `${capital(why.join(', '))}: not the paper's pattern.` }),
    stages: cards,
  };
}

function stageTwoSoFar(
  curves: readonly StageCurve[],
  roles: readonly RoleCurve[],
  evidence: StageEvidence,
  resampled: Resampled,
): Omit<StageReport, 'method'> {
  const { strengths, points, grid } = evidence;
  const found = boundary(grid, roles, points.trough, resampled.trough);
  const named = roles.some(
    ({ role }, at) => role === 'zoomCount' && (strengths.rises[at] ?? 0) >= LEAST_OWN_RISE,
  );
  return {
    status: 'stage 2 so far',
    boundaries: [found],
    confidence:
      resampled.stable * Math.min(1, strengths.rise / (2 * LEAST_STRENGTH), strengths.dip / (2 * LEAST_DIP)),
    reason:
      `Stage 2 so far: the curves have risen since step ${found.step} (${strengths.rise.toFixed(1)} standard deviations ` +
      `above noise) and have not clearly passed a peak yet.`,
    ...(!named && { namesWithheld: "Zoom count is not seen to rise in stage 2: not the paper's pattern." }),
    stages: stageCards(curves, [found.step], named ? STAGE_NAMES : []),
  };
}

function boundary(
  grid: StageGrid,
  roles: readonly RoleCurve[],
  place: number,
  range: PlaceRange,
): StageBoundary {
  // A place stands for the steps around it, so that an interval reaches to the borders of its outer places.
  const half = grid.places === 0 ? 0 : 0.5;
  const early = LATENESS * (grid.last - grid.first);
  const from = Math.max(grid.first, stepOf(grid, range[0] - half) - early);
  const to = Math.min(grid.last, stepOf(grid, range[1] + half));
  return { step: recordedStep(grid, roles, place), interval: [Math.ceil(from), Math.floor(to)] };
}

function methodText(halfWidth: number): string {
  return (
    `Each curve smoothed by local parabolas over ${percent(halfWidth)} of the run to either side and divided by its ` +
    'noise; first boundary at the trough of length and IoU, second at the peak of zoom count, length and IoU together; ' +
    `shown when rise and fall exceed those of autocorrelated noise by ${LEAST_STRENGTH} standard deviations and the ` +
    'curves rise together; intervals (nine of ten resampled runs) and confidence from a block bootstrap with four smoothing widths, ' +
    `boundaries counted as unmoved within ${percent(SAME_PLACE)} of the run.`
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
