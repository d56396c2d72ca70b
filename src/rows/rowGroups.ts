import type { RewardSpread } from '../analysis/groups/groupAdvantage';
import { groupAdvantage, RewardSums } from '../analysis/groups/groupAdvantage';

/** Rows that are looked at before a pause is possible. */
const PAUSE = 512;

/** How the grouping reads a row. */
export interface GroupReads {
  key(row: number): string | undefined;
  step(row: number): number | undefined;
  reward(row: number): number | undefined;
}

/**
 * Which rows are rollouts of one question at one step, with the figures of each such group. For a million rows it holds a
 * few numbers each and no texts.
 */
export class RowGroups {
  /** Number of each row's group; -1 for rows without one. */
  private readonly groupOf: Int32Array;
  private readonly spreads: readonly (RewardSpread | undefined)[];
  /** Rows by group, in file order: those of group `g` from `starts[g]` on. */
  private readonly starts: Uint32Array;
  private readonly members: Uint32Array;

  private constructor(
    private readonly reads: GroupReads,
    { groupOf, sums, sizes }: Numbered,
  ) {
    this.groupOf = groupOf;
    this.spreads = sums.map((sum) => sum.spread());
    this.starts = startsOf(sizes);
    this.members = this.sorted(groupOf.length);
  }

  /** Groups the first `count` rows. Yields often. */
  static *of(count: number, reads: GroupReads): Generator<void, RowGroups, void> {
    return new RowGroups(reads, yield* numbered(count, reads));
  }

  /** Figures of the row's group; undefined without a group, or where none of its rows has a reward. */
  spreadOf(row: number): RewardSpread | undefined {
    return this.spreads[this.groupOf[row] ?? -1];
  }

  /** Advantage of the row within its group, as GRPO computes it; undefined where reward or group is not known. */
  advantageOf(row: number): number | undefined {
    const reward = this.reads.reward(row);
    const spread = this.spreadOf(row);
    return reward === undefined || !Number.isFinite(reward) || !spread
      ? undefined
      : groupAdvantage(reward, spread);
  }

  /** All rows of the row's group in file order, itself included; undefined for a row without a group. */
  membersOf(row: number): Uint32Array | undefined {
    const group = this.groupOf[row] ?? -1;
    return group < 0 ? undefined : this.members.subarray(this.starts[group], this.starts[group + 1]);
  }

  private sorted(count: number): Uint32Array {
    const next = this.starts.slice();
    const members = new Uint32Array(this.starts.at(-1) ?? 0);
    for (let row = 0; row < count; row++) {
      const group = this.groupOf[row] as number;
      if (group < 0) continue;
      members[next[group] as number] = row;
      next[group] = (next[group] as number) + 1;
    }
    return members;
  }
}

/** Rows numbered by group, and of each group how many rows it has and their rewards. */
interface Numbered {
  readonly groupOf: Int32Array;
  readonly sizes: readonly number[];
  readonly sums: readonly RewardSums[];
}

function* numbered(count: number, reads: GroupReads): Generator<void, Numbered, void> {
  const groupOf = new Int32Array(count).fill(-1);
  const sums: RewardSums[] = [];
  const sizes: number[] = [];
  const numbers = new Map<number | undefined, Map<string, number>>();
  for (let row = 0; row < count; row++) {
    if (row % PAUSE === 0) yield;
    const key = reads.key(row);
    if (key === undefined) continue;
    const step = reads.step(row);
    let ofStep = numbers.get(step);
    if (!ofStep) numbers.set(step, (ofStep = new Map()));
    let group = ofStep.get(key);
    if (group === undefined) {
      ofStep.set(key, (group = sums.length));
      sums.push(new RewardSums());
      sizes.push(0);
    }
    groupOf[row] = group;
    sizes[group] = (sizes[group] ?? 0) + 1;
    const reward = reads.reward(row);
    if (reward !== undefined && Number.isFinite(reward)) sums[group]?.add(reward);
  }
  return { groupOf, sizes, sums };
}

function startsOf(sizes: readonly number[]): Uint32Array {
  const starts = new Uint32Array(sizes.length + 1);
  sizes.forEach((size, group) => (starts[group + 1] = (starts[group] as number) + size));
  return starts;
}
