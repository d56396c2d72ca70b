import type { Trajectory } from '../trajectory/trajectory';
import type { Turn } from '../trajectory/turn';
import { rolloutFigures } from './rolloutCurves/rolloutFigures';
import type { TrajectoryFacts } from './trajectoryFacts';

/** How many rollouts were right. `accuracy` is the fraction of judged ones, null when nothing was judged. */
export interface Verdicts {
  readonly total: number;
  readonly correct: number;
  readonly incorrect: number;
  readonly unjudged: number;
  readonly accuracy: number | null;
}

/** Figures of many rollouts that are told of each group and of all. The names are part of the command line's interface. */
export interface GroupFigures extends Verdicts {
  readonly zoomCount: {
    /** Crops per rollout; null when there is no rollout. */
    readonly mean: number | null;
    /** Rollouts by their number of crops, in ascending order. */
    readonly histogram: Readonly<Record<string, number>>;
  };
  readonly iou: {
    /** Mean over rollouts of the mean over their calls, 0 to 1; null when it is known of none. */
    readonly mean: number | null;
    /** Rollouts whose ground truth and boxes are known. */
    readonly rollouts: number;
  };
  /** Thoughts right after a crop whose call named what it looked for, and those of them that name it too. */
  readonly secondThoughts: { readonly total: number; readonly named: number };
}

/** Sums behind `GroupFigures`, to be kept per source and merged; memory grows with the largest number of crops alone. */
export class GroupCounter {
  private total = 0;
  private correct = 0;
  private incorrect = 0;
  private readonly zooms = new Map<number, number>();
  private iouSum = 0;
  private iouRollouts = 0;
  private thoughts = 0;
  private named = 0;

  /** A rollout that ended in an error and was judged wrong counts as wrong, as DeepEyes' authors count it. */
  add({ verdict }: Trajectory, { facts, iou, thoughts, named }: RolloutShare): void {
    this.total++;
    if (verdict?.correct === true) this.correct++;
    if (verdict?.correct === false) this.incorrect++;
    this.zoomed(facts.zoomCount, 1);
    if (iou !== undefined) {
      this.iouSum += iou;
      this.iouRollouts++;
    }
    this.thoughts += thoughts;
    this.named += named;
  }

  merge(other: GroupCounter): void {
    this.total += other.total;
    this.correct += other.correct;
    this.incorrect += other.incorrect;
    for (const [count, rollouts] of other.zooms) this.zoomed(count, rollouts);
    this.iouSum += other.iouSum;
    this.iouRollouts += other.iouRollouts;
    this.thoughts += other.thoughts;
    this.named += other.named;
  }

  figures(): GroupFigures {
    const { total, correct, incorrect, iouRollouts } = this;
    const judged = correct + incorrect;
    const sorted = [...this.zooms].sort(([a], [b]) => a - b);
    const crops = sorted.reduce((sum, [count, rollouts]) => sum + count * rollouts, 0);
    return {
      total,
      correct,
      incorrect,
      unjudged: total - judged,
      accuracy: judged === 0 ? null : correct / judged,
      zoomCount: { mean: total === 0 ? null : crops / total, histogram: Object.fromEntries(sorted) },
      iou: { mean: iouRollouts === 0 ? null : this.iouSum / iouRollouts, rollouts: iouRollouts },
      secondThoughts: { total: this.thoughts, named: this.named },
    };
  }

  private zoomed(count: number, rollouts: number): void {
    this.zooms.set(count, (this.zooms.get(count) ?? 0) + rollouts);
  }
}

/** What one rollout adds to the sums. */
export interface RolloutShare {
  readonly facts: TrajectoryFacts;
  /** Absent where its ground truth is not known, or no box of it. */
  readonly iou?: number;
  readonly thoughts: number;
  readonly named: number;
}

/** Works out what a rollout adds; once for its group and all. */
export function rolloutShare(trajectory: Trajectory): RolloutShare {
  const { facts, ious } = rolloutFigures(trajectory);
  const mean = ious.length === 0 ? undefined : ious.reduce((sum, iou) => sum + iou, 0) / ious.length;
  return { facts, ...(mean !== undefined && { iou: mean }), ...secondThoughts(trajectory.turns) };
}

/** Of turns with several calls is not known which crop a thought is about: these are left out. */
function secondThoughts(turns: readonly Turn[]): { thoughts: number; named: number } {
  const count = { thoughts: 0, named: 0 };
  const own = turns.filter(({ recovered }) => recovered !== true);
  own.forEach(({ parts, observation }, at) => {
    const calls = parts.flatMap((part) => (part.kind === 'toolCall' && part.acted ? [part.call] : []));
    const [call] = calls;
    const label = call?.status === 'parsed' ? comparable(call.label ?? '') : '';
    const thought = own[at + 1]?.parts.find(({ kind }) => kind === 'thought');
    if (calls.length !== 1 || label === '' || observation?.images.length !== 1 || !thought) return;
    count.thoughts++;
    if (comparable(thought.text).includes(label)) count.named++;
  });
  return count;
}

const comparable = (text: string): string => text.toLowerCase().replaceAll(/\s+/g, ' ').trim();
