import { exponentialAverage } from './smoothing';

/** A curve of finite and non-finite values by step; the lists are aligned and in the order of the steps. */
export interface AlarmCurve {
  readonly steps: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** How many rollouts of a step zoomed how often: `counts[n]` rollouts zoomed n times. */
export interface ZoomDistribution {
  readonly step: number;
  readonly counts: readonly number[];
}

/** What alarms look at; what is absent is not looked at. */
export interface AlarmInput {
  /** Zoom count or tool calls, mean per rollout. */
  readonly zoomCount?: AlarmCurve;
  readonly zoomDistributions?: readonly ZoomDistribution[];
  readonly reward?: AlarmCurve;
  readonly accuracy?: AlarmCurve;
  /** In tokens. */
  readonly responseLength?: AlarmCurve;
}

/** Which alarm: its rule stands in `ALARM_RULES`. */
export type AlarmKind = 'toolCollapse' | 'homogenisedUse' | 'rewardWithoutAccuracy' | 'lengthRunaway';

/** Something that went wrong with a run, as far as numbers tell. */
export interface Alarm {
  readonly kind: AlarmKind;
  /** The step from which on it holds. */
  readonly step: number;
  /** What was seen, with its numbers. */
  readonly message: string;
  /** The rule with its thresholds, to be shown beside the message. */
  readonly threshold: string;
}

/** Thresholds of all alarms, in one place. They are ours: no publication gives any. */
export const ALARM_LIMITS = {
  /** Share of the highest smoothed zoom count below which tool use has collapsed, and the least that it was before. */
  collapse: { share: 0.1, atLeast: 0.2 },
  /** Share of the commonest zoom count, and entropy in bits, of a distribution of at least so many rollouts. */
  homogenised: { modeShare: 0.95, entropyBits: 0.35, rollouts: 16, steps: 3 },
  /** Gains from the first to the last fifth: in standard errors, and the share of accuracy that does not count as a gain. */
  reward: { errors: 3, accuracyErrors: 1, points: 20 },
  /** Growth over the lowest smoothed length since the start, still rising at the end. */
  length: { factor: 3, points: 20 },
  /** Weight of the exponential average that the first and the last rule look at. */
  smoothing: 0.8,
} as const;

/** The rules in words, with their thresholds. */
export const ALARM_RULES: Readonly<Record<AlarmKind, string>> = {
  toolCollapse: `smoothed zoom count at the end below ${percent(ALARM_LIMITS.collapse.share)} of its highest, which was at least ${ALARM_LIMITS.collapse.atLeast}`,
  homogenisedUse: `one zoom count in at least ${percent(ALARM_LIMITS.homogenised.modeShare)} of the rollouts and entropy at most ${ALARM_LIMITS.homogenised.entropyBits} bit, in each of the last ${ALARM_LIMITS.homogenised.steps} steps with ${ALARM_LIMITS.homogenised.rollouts} rollouts or more`,
  rewardWithoutAccuracy: `reward of the last fifth above the first by ${ALARM_LIMITS.reward.errors} standard errors, accuracy by less than ${ALARM_LIMITS.reward.accuracyErrors}; ${ALARM_LIMITS.reward.points} points each`,
  lengthRunaway: `smoothed length at the end at least ${ALARM_LIMITS.length.factor} times its lowest before, and highest at the end; ${ALARM_LIMITS.length.points} points`,
};

/** The alarms that a run gives, none to four of them. */
export function findAlarms(input: AlarmInput): Alarm[] {
  return [
    input.zoomCount && toolCollapse(input.zoomCount),
    input.zoomDistributions && homogenisedUse(input.zoomDistributions),
    input.reward && input.accuracy && rewardWithoutAccuracy(input.reward, input.accuracy),
    input.responseLength && lengthRunaway(input.responseLength),
  ].filter((alarm) => alarm !== undefined);
}

/** Entropy in bits of a distribution of zoom counts; undefined where there are no rollouts. */
export function zoomEntropy(counts: readonly number[]): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  return counts.reduce(
    (sum, count) => (count > 0 ? sum - (count / total) * Math.log2(count / total) : sum),
    0,
  );
}

/** The commonest zoom count and the share of rollouts that have it; undefined where there are no rollouts. */
export function zoomMode(
  counts: readonly number[],
): { readonly zooms: number; readonly share: number } | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const zooms = counts.indexOf(Math.max(...counts));
  return { zooms, share: (counts[zooms] ?? 0) / total };
}

function toolCollapse(curve: AlarmCurve): Alarm | undefined {
  const { share, atLeast } = ALARM_LIMITS.collapse;
  const { steps, values } = smoothed(curve);
  const top = indexOfHighest(values);
  const highest = values[top] ?? 0;
  const end = values.at(-1) ?? 0;
  if (values.length < 2 || highest < atLeast || end >= share * highest) return undefined;
  let from = values.length - 1;
  while (from > top && (values[from - 1] ?? 0) < share * highest) from--;
  return alarm(
    'toolCollapse',
    steps[from],
    `Zooming has all but stopped: ${highest.toFixed(2)} at step ${steps[top]}, ${end.toFixed(2)} at the end.`,
  );
}

/**
 * Zooming that no longer depends on the task, after GeoEyes (arXiv 2602.14201), which names it "Tool Usage
 * Homogenisation" and gives no measure; share of the mode and entropy of the zoom count are ours. Rollouts that all do
 * not zoom are a collapse, not this.
 */
function homogenisedUse(distributions: readonly ZoomDistribution[]): Alarm | undefined {
  const { modeShare, entropyBits, rollouts, steps } = ALARM_LIMITS.homogenised;
  const large = [...distributions]
    .sort((a, b) => a.step - b.step)
    .filter(({ counts }) => counts.reduce((sum, count) => sum + count, 0) >= rollouts);
  const same = large.map(({ counts }) => {
    const mode = zoomMode(counts);
    const entropy = zoomEntropy(counts);
    const uniform =
      mode !== undefined && mode.zooms > 0 && mode.share >= modeShare && (entropy ?? Infinity) <= entropyBits;
    return uniform ? mode : undefined;
  });
  let from = same.length;
  while (from > 0 && same[from - 1] !== undefined && same[from - 1]?.zooms === same.at(-1)?.zooms) from--;
  const last = same.at(-1);
  const lastCounts = large.at(-1)?.counts;
  if (last === undefined || lastCounts === undefined || same.length - from < steps) return undefined;
  return alarm(
    'homogenisedUse',
    large[from]?.step,
    `Nearly every rollout zooms ${last.zooms === 1 ? 'exactly once' : `exactly ${last.zooms} times`}: ${percent(last.share)}, entropy ${(zoomEntropy(lastCounts) ?? 0).toFixed(2)} bit.`,
  );
}

function rewardWithoutAccuracy(reward: AlarmCurve, accuracy: AlarmCurve): Alarm | undefined {
  const { errors, accuracyErrors } = ALARM_LIMITS.reward;
  const [more, right] = [gain(reward), gain(accuracy)];
  if (!more || !right || more.inErrors < errors || right.inErrors >= accuracyErrors) return undefined;
  return alarm(
    'rewardWithoutAccuracy',
    more.step,
    `Reward rises ${more.from.toFixed(2)} -> ${more.to.toFixed(2)} while accuracy does not: ${right.from.toFixed(2)} -> ${right.to.toFixed(2)}.`,
  );
}

function lengthRunaway(curve: AlarmCurve): Alarm | undefined {
  const { factor, points } = ALARM_LIMITS.length;
  const { steps, values } = smoothed(curve);
  const end = values.at(-1) ?? 0;
  const lowest = values
    .slice(Math.ceil(values.length / 20))
    .reduce((low, value) => Math.min(low, value), Infinity);
  const highest = values[indexOfHighest(values)] ?? 0;
  if (values.length < points || !(lowest > 0) || end < factor * lowest || end < 0.98 * highest)
    return undefined;
  const low = values.lastIndexOf(lowest);
  const from = values.findIndex((value, at) => at > low && value >= factor * lowest);
  return alarm(
    'lengthRunaway',
    steps[from],
    `Length runs away: ${lowest.toFixed(0)} tokens at step ${steps[low]}, ${end.toFixed(0)} at the end and rising.`,
  );
}

function alarm(kind: AlarmKind, step: number | undefined, message: string): Alarm {
  return { kind, step: step ?? 0, message, threshold: ALARM_RULES[kind] };
}

/** Finite points only, in the order given. */
function finite({ steps, values }: AlarmCurve): { steps: number[]; values: number[] } {
  const kept = Array.from(steps, (_, at) => at).filter(
    (at) => Number.isFinite(steps[at]) && Number.isFinite(values[at]),
  );
  return { steps: kept.map((at) => steps[at] as number), values: kept.map((at) => values[at] as number) };
}

function smoothed(curve: AlarmCurve): { steps: number[]; values: number[] } {
  const { steps, values } = finite(curve);
  return { steps, values: [...exponentialAverage(values, ALARM_LIMITS.smoothing)] };
}

/** From the first fifth to the last, in standard errors of the difference. */
function gain(curve: AlarmCurve): { from: number; to: number; inErrors: number; step: number } | undefined {
  const { steps, values } = finite(curve);
  if (values.length < ALARM_LIMITS.reward.points) return undefined;
  const part = Math.floor(values.length / 5);
  const [first, last] = [values.slice(0, part), values.slice(-part)];
  const [from, to] = [mean(first), mean(last)];
  // A fifth may have a trend of its own: noise is taken from differences of neighbours (von Neumann 1941).
  const error = Math.sqrt((noise(first) + noise(last)) / part);
  const inErrors = error > 0 ? (to - from) / error : Math.sign(to - from) * Infinity;
  return {
    from,
    to,
    inErrors: Number.isNaN(inErrors) ? 0 : inErrors,
    step: steps[values.length - part] ?? 0,
  };
}

function noise(values: readonly number[]): number {
  return mean(values.slice(1).map((value, at) => (value - (values[at] as number)) ** 2)) / 2;
}

function indexOfHighest(values: readonly number[]): number {
  let best = 0;
  values.forEach((value, at) => {
    if (value > (values[best] ?? 0)) best = at;
  });
  return best;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
