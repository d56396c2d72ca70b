/** Rewards of one group so far. */
interface Group {
  least: number;
  greatest: number;
  count: number;
}

/** How many groups of a step there are with two rollouts and more, and how many of them have equal rewards only. */
export interface GroupCount {
  readonly groups: number;
  readonly deadGroups: number;
}

/** Steps that are written at the same time: asynchronous trainings mix a few. */
const OPEN_STEPS = 32;
/** Groups of all open steps together. */
const OPEN_GROUPS = 1 << 16;

/** What is kept of open groups: step, then key, least and greatest reward and their number of each group. */
export type OpenGroups = readonly (readonly [
  step: number,
  groups: readonly (readonly [key: string, least: number, greatest: number, count: number])[],
])[];

/**
 * Compares the rewards within groups, step by step, in memory that has a limit: of the steps that were written last the
 * groups are known one by one, of those before only how many there were. A group that goes on after 32 other steps is
 * taken for another one.
 */
export class GroupRewards {
  private readonly open = new Map<number, Map<string, Group>>();
  private openGroups = 0;

  /** @param onClosed takes the count of groups that will not be told apart any more */
  constructor(
    private readonly onClosed: (step: number, count: GroupCount) => void,
    kept: OpenGroups = [],
  ) {
    for (const [step, groups] of kept) {
      this.open.set(
        step,
        new Map(groups.map(([key, least, greatest, count]) => [key, { least, greatest, count }])),
      );
      this.openGroups += groups.length;
    }
  }

  /** Adds a rollout's reward, a finite number. */
  add(step: number, key: string, reward: number): void {
    const groups = this.open.get(step) ?? new Map<string, Group>();
    // The step that was written last stands last.
    this.open.delete(step);
    this.open.set(step, groups);
    const group = groups.get(key);
    if (!group) {
      groups.set(key, { least: reward, greatest: reward, count: 1 });
      this.openGroups++;
      this.closeOldest();
      return;
    }
    group.least = Math.min(group.least, reward);
    group.greatest = Math.max(group.greatest, reward);
    group.count++;
  }

  /** The groups of a step that are still told apart. */
  count(step: number): GroupCount {
    const all = [...(this.open.get(step)?.values() ?? [])].filter(({ count }) => count > 1);
    return {
      groups: all.length,
      deadGroups: all.filter(({ least, greatest }) => least === greatest).length,
    };
  }

  /** Closes all: nothing more is added. */
  close(): void {
    for (const step of [...this.open.keys()]) this.closeStep(step);
  }

  kept(): OpenGroups {
    return [...this.open].map(([step, groups]) => [
      step,
      [...groups].map(([key, { least, greatest, count }]) => [key, least, greatest, count] as const),
    ]);
  }

  private closeOldest(): void {
    while (this.open.size > OPEN_STEPS || this.openGroups > OPEN_GROUPS) {
      const [oldest] = this.open.keys();
      if (oldest === undefined) return;
      this.closeStep(oldest);
    }
  }

  private closeStep(step: number): void {
    this.onClosed(step, this.count(step));
    this.openGroups -= this.open.get(step)?.size ?? 0;
    this.open.delete(step);
  }
}
