import type { RewardSpread } from './groupAdvantage';
import { groupAdvantage, RewardSums } from './groupAdvantage';

/** A rollout as grouping sees it. */
export interface GroupRow {
  /** Position in the file. */
  readonly index: number;
  /** Of `groupIdentity`. */
  readonly key: string;
  /** Training step; rollouts of different steps are never siblings. */
  readonly step?: number;
  /** Absent, or not finite: in the group, but not in its figures. */
  readonly reward?: number;
}

/** Rollouts of one question at one step. */
export interface RolloutGroup {
  readonly key: string;
  readonly step?: number;
  /** Positions of all siblings, in the order in which they were added. */
  readonly members: readonly number[];
  /** Of those with a reward; absent when none has one. */
  readonly spread?: RewardSpread;
}

interface OpenGroup {
  readonly key: string;
  readonly step: number | undefined;
  readonly members: number[];
  readonly sums: RewardSums;
}

/**
 * Sorts rollouts into groups as they come, in any order. Figures are those of what was added so far. It keeps a number
 * and a reference per rollout and nothing of its texts.
 */
export class RolloutGroups {
  private readonly byKey = new Map<number | undefined, Map<string, OpenGroup>>();
  /** By index; NaN where there is no reward. */
  private readonly groupAt: OpenGroup[] = [];
  private readonly rewardAt: number[] = [];

  /**
   * Adds a rollout. One whose index was added before is left out.
   * @param row its index is a whole number from 0
   */
  add({ index, key, step, reward }: GroupRow): void {
    if (this.groupAt[index]) return;
    const ofStep = this.byKey.get(step) ?? new Map<string, OpenGroup>();
    this.byKey.set(step, ofStep);
    const group = ofStep.get(key) ?? { key, step, members: [], sums: new RewardSums() };
    ofStep.set(key, group);
    group.members.push(index);
    this.groupAt[index] = group;
    this.rewardAt[index] = NaN;
    if (reward === undefined || !Number.isFinite(reward)) return;
    this.rewardAt[index] = reward;
    group.sums.add(reward);
  }

  /** The group of a rollout; undefined for one that was not added. */
  groupOf(index: number): RolloutGroup | undefined {
    const group = this.groupAt[index];
    return group && asGroup(group);
  }

  /** The advantage of a rollout within its group; undefined where its reward is not known. */
  advantageOf(index: number): number | undefined {
    const spread = this.groupAt[index]?.sums.spread();
    const reward = this.rewardAt[index] ?? NaN;
    return spread && !Number.isNaN(reward) ? groupAdvantage(reward, spread) : undefined;
  }

  /** All groups, in the order in which each step and key came first. */
  *groups(): Generator<RolloutGroup> {
    for (const ofStep of this.byKey.values()) {
      for (const group of ofStep.values()) yield asGroup(group);
    }
  }
}

function asGroup({ key, step, members, sums }: OpenGroup): RolloutGroup {
  const spread = sums.spread();
  return { key, members, ...(step !== undefined && { step }), ...(spread && { spread }) };
}
