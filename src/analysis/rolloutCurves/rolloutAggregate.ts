import type { Trajectory } from '../../trajectory/trajectory';
import type { GroupCount, OpenGroups } from './groupRewards';
import { GroupRewards } from './groupRewards';
import { groupIdentity } from '../groups/groupIdentity';
import { rolloutFigures } from './rolloutFigures';
import type { RolloutFigures } from './rolloutFigures';
import { ROLLOUT_MEASURES } from './rolloutMeasures';

/** Zoom counts from here on are counted together: a hostile record may claim any number. */
const MOST_ZOOMS = 255;
/** Curves of one log; parts of rewards beyond are left out, since their names are the log's. */
const MOST_CURVES = 256;
const LONGEST_PART = 200;

/** What is summed up of one step. */
export interface StepAggregate {
  rollouts: number;
  judged: number;
  correct: number;
  /** Starts and ends of the step's ranges of records, by turns. */
  readonly ranges: number[];
  /** By the position of the curve among `RolloutAggregate.curves`; a weight of 0: not known. */
  readonly amounts: number[];
  readonly weights: number[];
  /** `zooms[n]` rollouts zoomed n times; the last of 256 stands for all above too. */
  readonly zooms: number[];
  /** Groups that are not told apart any more. */
  groups: number;
  deadGroups: number;
}

/** All of an aggregate as JSON has it. */
export interface AggregateState {
  readonly records: number;
  readonly badRecords: number;
  readonly withoutStep: number;
  readonly curves: readonly string[];
  readonly steps: readonly (readonly [step: number, aggregate: StepAggregate])[];
  readonly open: OpenGroups;
}

/**
 * Sums up the rollouts of a log by their steps, in memory that grows with the steps alone (and with how often records
 * of different steps alternate, for the ranges). Steps may come in any order.
 */
export class RolloutAggregate {
  records = 0;
  badRecords = 0;
  withoutStep = 0;
  /** Keys without their common beginning, in the order in which they first got a value. */
  readonly curves: string[] = [];
  readonly steps = new Map<number, StepAggregate>();
  private readonly places = new Map<string, number>();
  private readonly rewards: GroupRewards;

  constructor(kept?: AggregateState) {
    this.rewards = new GroupRewards((step, count) => this.closed(step, count), kept?.open);
    if (!kept) return;
    ({ records: this.records, badRecords: this.badRecords, withoutStep: this.withoutStep } = kept);
    this.curves.push(...kept.curves);
    for (const [at, curve] of kept.curves.entries()) this.places.set(curve, at);
    for (const [step, aggregate] of kept.steps) this.steps.set(step, aggregate);
  }

  /** The next record of the log. */
  add(trajectory: Trajectory): void {
    const index = this.records++;
    const { step } = trajectory;
    if (step === undefined || !Number.isFinite(step)) {
      this.withoutStep++;
      return;
    }
    const into = this.step(step);
    into.rollouts++;
    addToRanges(into.ranges, index);
    // What a rollout comes to is not known before it has ended.
    if (trajectory.outcome.status === 'running') return;
    if (trajectory.verdict) {
      into.judged++;
      if (trajectory.verdict.correct) into.correct++;
    }
    const figures = rolloutFigures(trajectory);
    this.measure(figures, into);
    const zooms = Math.min(MOST_ZOOMS, figures.facts.zoomCount);
    while (into.zooms.length <= zooms) into.zooms.push(0);
    into.zooms[zooms] = (into.zooms[zooms] ?? 0) + 1;
    const total = trajectory.reward?.total;
    const group = groupIdentity(trajectory);
    if (group && total !== undefined && Number.isFinite(total)) this.rewards.add(step, group.key, total);
  }

  /** The next record of the log can't be read. */
  addBad(): void {
    this.records++;
    this.badRecords++;
  }

  /** Groups of a step with two rollouts and more. */
  groups(step: number): GroupCount {
    const { groups = 0, deadGroups = 0 } = this.steps.get(step) ?? {};
    const open = this.rewards.count(step);
    return { groups: groups + open.groups, deadGroups: deadGroups + open.deadGroups };
  }

  /** No more is added: what only additions need is let go. */
  close(): void {
    this.rewards.close();
  }

  /** As JSON: `new RolloutAggregate` of it, also after it was written and read, goes on exactly where this one is. */
  state(): AggregateState {
    const { records, badRecords, withoutStep, curves } = this;
    return { records, badRecords, withoutStep, curves, steps: [...this.steps], open: this.rewards.kept() };
  }

  private step(step: number): StepAggregate {
    const known = this.steps.get(step);
    if (known) return known;
    const fresh: StepAggregate = {
      rollouts: 0,
      judged: 0,
      correct: 0,
      ranges: [],
      amounts: [],
      weights: [],
      zooms: [],
      groups: 0,
      deadGroups: 0,
    };
    this.steps.set(step, fresh);
    return fresh;
  }

  private measure(figures: RolloutFigures, { amounts, weights }: StepAggregate): void {
    for (const { key, add } of ROLLOUT_MEASURES) {
      add(figures, (amount, weight = 1, part) => {
        if (amount === undefined || !Number.isFinite(amount) || !(weight > 0)) return;
        const place = this.place(key, part);
        if (place === undefined) return;
        while (amounts.length <= place) amounts.push(0);
        while (weights.length <= place) weights.push(0);
        amounts[place] = (amounts[place] ?? 0) + amount;
        weights[place] = (weights[place] ?? 0) + weight;
      });
    }
  }

  private place(key: string, part: string | undefined): number | undefined {
    if (part !== undefined && part.length > LONGEST_PART) return undefined;
    const curve = part === undefined ? key : `${key}/${part}`;
    const known = this.places.get(curve);
    if (known !== undefined || this.curves.length >= MOST_CURVES) return known;
    this.places.set(curve, this.curves.length);
    return this.curves.push(curve) - 1;
  }

  private closed(step: number, { groups, deadGroups }: GroupCount): void {
    const into = this.step(step);
    into.groups += groups;
    into.deadGroups += deadGroups;
  }
}

/** Adds a record behind those that are there: it lengthens the last range where it follows on it. */
export function addToRanges(ranges: number[], start: number, end = start + 1): void {
  if (ranges.at(-1) === start) ranges[ranges.length - 1] = end;
  else ranges.push(start, end);
}
