import { minSide } from '../common/boundingBox';
import type { Trajectory } from '../trajectory/trajectory';
import type { SignalName } from './signals/signal';
import type { SignalReports } from './signals/signals';
import { signalInput, SIGNALS, signalsOf } from './signals/signals';
import { trajectoryFacts, type TrajectoryFacts } from './trajectoryFacts';

/** How many rollouts were right. `accuracy` is the fraction of judged ones, null when nothing was judged. */
export interface Verdicts {
  readonly total: number;
  readonly correct: number;
  readonly incorrect: number;
  readonly unjudged: number;
  readonly accuracy: number | null;
}

/** The figures of many rollouts. The names are part of the command line's interface. */
export interface Summary extends Verdicts {
  readonly zoomCount: {
    /** Crops per rollout; null when there is no rollout. */
    readonly mean: number | null;
    /** Rollouts by their number of crops, in ascending order. */
    readonly histogram: Readonly<Record<string, number>>;
  };
  /** Counts of boxes as requested, before any clamping. Sides are in the unit of the file's coordinate frame. */
  readonly boxes: {
    readonly total: number;
    readonly minSideAtMost30: number;
    readonly minSideBelow28: number;
    /** Equal to an earlier box of the same rollout. */
    readonly repeated: number;
  };
  /** Rollouts with at least one call that came to nothing. */
  readonly toolErrors: number;
  /** Rollouts with two crops or more. */
  readonly multiZoom: number;
  /** Rollouts without any crop. */
  readonly noZoom: number;
  /** Rollouts with a turn that holds both a call and an answer. */
  readonly toolAndAnswerTurns: number;
  /** Boxes whose call named no object. */
  readonly missingLabel: number;
}

/** In how many rollouts a signal holds, and how many leave it open. The names are part of the command line's interface. */
export interface SignalTotal {
  readonly found: number;
  readonly unknown: number;
}

/** That of every signal. */
export type SignalTotals = Readonly<Record<SignalName, SignalTotal>>;

/** A summary under the name of its group. */
export interface GroupSummary extends Verdicts {
  readonly name: string;
}

class VerdictCounter {
  private total = 0;
  private correct = 0;
  private incorrect = 0;

  /** A rollout that ended in an error and was judged wrong counts as wrong, as DeepEyes' authors count it. */
  add(correct: boolean | undefined): void {
    this.total++;
    if (correct === true) this.correct++;
    if (correct === false) this.incorrect++;
  }

  merge(other: VerdictCounter): void {
    this.total += other.total;
    this.correct += other.correct;
    this.incorrect += other.incorrect;
  }

  verdicts(): Verdicts {
    const { total, correct, incorrect } = this;
    const judged = correct + incorrect;
    return {
      total,
      correct,
      incorrect,
      unjudged: total - judged,
      accuracy: judged === 0 ? null : correct / judged,
    };
  }
}

/** Sums that can be kept per source and merged afterwards; memory grows with the number of groups alone. */
export class SummaryBuilder {
  private readonly all = new VerdictCounter();
  private readonly groups = new Map<string, VerdictCounter>();
  private readonly zooms = new Map<number, number>();
  private readonly counts = {
    boxes: 0,
    minSideAtMost30: 0,
    minSideBelow28: 0,
    repeated: 0,
    toolErrors: 0,
    toolAndAnswerTurns: 0,
    missingLabel: 0,
  };
  private readonly signals = SIGNALS.map(({ name }) => ({ name, found: 0, unknown: 0 }));

  /**
   * @param group the rollout's group, where its file has no split of its own
   * @param reports what the tools did with its calls, where somebody has worked it out
   */
  add(trajectory: Trajectory, group: string, reports: SignalReports = {}): void {
    const correct = trajectory.verdict?.correct;
    this.all.add(correct);
    this.group(trajectory.split ?? group).add(correct);
    this.addFacts(trajectoryFacts(trajectory));
    const values = signalsOf(signalInput(trajectory, reports));
    for (const total of this.signals) {
      if (values[total.name] === true) total.found++;
      if (values[total.name] === undefined) total.unknown++;
    }
  }

  /** Takes in all that another builder has counted. */
  merge(other: SummaryBuilder): void {
    this.all.merge(other.all);
    for (const [name, counter] of other.groups) this.group(name).merge(counter);
    for (const [count, rollouts] of other.zooms)
      this.zooms.set(count, (this.zooms.get(count) ?? 0) + rollouts);
    for (const name of Object.keys(this.counts) as (keyof SummaryBuilder['counts'])[]) {
      this.counts[name] += other.counts[name];
    }
    this.signals.forEach((total, at) => {
      total.found += other.signals[at]?.found ?? 0;
      total.unknown += other.signals[at]?.unknown ?? 0;
    });
  }

  /** In the order in which they were met. */
  groupSummaries(): GroupSummary[] {
    return [...this.groups].map(([name, counter]) => ({ name, ...counter.verdicts() }));
  }

  summary(): Summary {
    const verdicts = this.all.verdicts();
    const sorted = [...this.zooms].sort(([a], [b]) => a - b);
    const crops = sorted.reduce((sum, [count, rollouts]) => sum + count * rollouts, 0);
    const { boxes, minSideAtMost30, minSideBelow28, repeated, missingLabel, ...rollouts } = this.counts;
    return {
      ...verdicts,
      zoomCount: {
        mean: verdicts.total === 0 ? null : crops / verdicts.total,
        histogram: Object.fromEntries(sorted),
      },
      boxes: { total: boxes, minSideAtMost30, minSideBelow28, repeated },
      toolErrors: rollouts.toolErrors,
      multiZoom: sorted.reduce((sum, [count, met]) => (count >= 2 ? sum + met : sum), 0),
      noZoom: this.zooms.get(0) ?? 0,
      toolAndAnswerTurns: rollouts.toolAndAnswerTurns,
      missingLabel,
    };
  }

  signalTotals(): SignalTotals {
    const entries = this.signals.map(({ name, found, unknown }) => [name, { found, unknown }] as const);
    return Object.fromEntries(entries) as Record<SignalName, SignalTotal>;
  }

  private group(name: string): VerdictCounter {
    let counter = this.groups.get(name);
    if (!counter) {
      counter = new VerdictCounter();
      this.groups.set(name, counter);
    }
    return counter;
  }

  private addFacts(facts: TrajectoryFacts): void {
    const { counts } = this;
    this.zooms.set(facts.zoomCount, (this.zooms.get(facts.zoomCount) ?? 0) + 1);
    if (facts.toolErrors > 0) counts.toolErrors++;
    if (facts.turnsWithCallAndAnswer > 0) counts.toolAndAnswerTurns++;
    counts.boxes += facts.boxes.length;
    counts.repeated += facts.repeatedBoxes;
    for (const { box, isLabelled } of facts.boxes) {
      if (minSide(box) <= 30) counts.minSideAtMost30++;
      if (minSide(box) < 28) counts.minSideBelow28++;
      if (!isLabelled) counts.missingLabel++;
    }
  }
}
