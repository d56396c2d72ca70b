import { minSide } from '../common/boundingBox';
import type { Trajectory } from '../trajectory/trajectory';
import type { GroupFigures } from './groupFigures';
import { GroupCounter, rolloutShare } from './groupFigures';
import type { SignalName } from './signals/signal';
import type { SignalReports } from './signals/signals';
import { signalInput, SIGNALS, signalsOf } from './signals/signals';
import type { TrajectoryFacts } from './trajectoryFacts';

/** The figures of many rollouts. The names are part of the command line's interface. */
export interface Summary extends GroupFigures {
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
export interface GroupSummary extends GroupFigures {
  readonly name: string;
}

/** Sums that can be kept per source and merged afterwards; memory grows with the number of groups alone. */
export class SummaryBuilder {
  private readonly all = new GroupCounter();
  private readonly groups = new Map<string, GroupCounter>();
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
    const share = rolloutShare(trajectory);
    this.all.add(trajectory, share);
    this.group(trajectory.split ?? group).add(trajectory, share);
    this.addFacts(share.facts);
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
    return [...this.groups].map(([name, counter]) => ({ name, ...counter.figures() }));
  }

  summary(): Summary {
    const figures = this.all.figures();
    const zooms = Object.entries(figures.zoomCount.histogram);
    const { boxes, minSideAtMost30, minSideBelow28, repeated, missingLabel, ...rollouts } = this.counts;
    return {
      ...figures,
      boxes: { total: boxes, minSideAtMost30, minSideBelow28, repeated },
      toolErrors: rollouts.toolErrors,
      multiZoom: zooms.reduce((sum, [count, met]) => (Number(count) >= 2 ? sum + met : sum), 0),
      noZoom: figures.zoomCount.histogram['0'] ?? 0,
      toolAndAnswerTurns: rollouts.toolAndAnswerTurns,
      missingLabel,
    };
  }

  signalTotals(): SignalTotals {
    const entries = this.signals.map(({ name, found, unknown }) => [name, { found, unknown }] as const);
    return Object.fromEntries(entries) as Record<SignalName, SignalTotal>;
  }

  private group(name: string): GroupCounter {
    let counter = this.groups.get(name);
    if (!counter) {
      counter = new GroupCounter();
      this.groups.set(name, counter);
    }
    return counter;
  }

  private addFacts(facts: TrajectoryFacts): void {
    const { counts } = this;
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
