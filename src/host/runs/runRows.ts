import path from 'node:path';
import type { RunLog, RunLogs, StepRollouts } from '../../dynamics/runs/runLogs';
import type { StepGroup, StepRollout } from '../../dynamics/runs/stepGroups';

/** A folder that was searched; shown where there are several. */
export interface RootRow {
  readonly kind: 'root';
  readonly path: string;
  readonly name: string;
  readonly isAdded: boolean;
  readonly children: readonly (RunRow | LogRow)[];
}

/** Several logs that belong together. */
export interface RunRow {
  readonly kind: 'run';
  readonly path: string;
  readonly name: string;
  readonly children: readonly LogRow[];
}

/** A log. */
export interface LogRow {
  readonly kind: 'log';
  readonly log: RunLog;
  readonly name: string;
  /** Where it lies, seen from the row above; empty where that says it. */
  readonly place: string;
  readonly children: readonly StepRow[];
}

/** The rollouts of a step. */
export interface StepRow {
  readonly kind: 'step';
  readonly log: RunLog;
  readonly step: StepRollouts;
}

/** Rollouts of one question at a step. */
export interface GroupRow {
  readonly kind: 'group';
  readonly log: RunLog;
  readonly step: StepRollouts;
  readonly group: StepGroup;
}

/** One rollout. */
export interface RolloutRow {
  readonly kind: 'rollout';
  readonly log: RunLog;
  readonly step: StepRollouts;
  readonly rollout: StepRollout;
  /** What was asked, where no row above says it. */
  readonly question: string;
}

/** What can't be read, or was left out. */
export interface ProblemRow {
  readonly kind: 'problem';
  readonly path: string;
  readonly reason: string;
}

/** All problems as one row. */
export interface ProblemsRow {
  readonly kind: 'problems';
  readonly children: readonly ProblemRow[];
}

/** A row of the tree *Runs*. */
export type RunTreeRow =
  RootRow | RunRow | LogRow | StepRow | GroupRow | RolloutRow | ProblemRow | ProblemsRow;

const byName = new Intl.Collator('en', { numeric: true }).compare;

/** The rows of the tree: runs and logs by their names, below the folders that were searched where these are several. */
export function runRows(
  { logs, problems, notices }: RunLogs,
  roots: readonly { readonly path: string; readonly name: string; readonly isAdded: boolean }[],
): readonly RunTreeRow[] {
  const of = (root: string): readonly (RunRow | LogRow)[] =>
    runsOf(
      logs.filter((log) => log.root === root),
      root,
    );
  const [only] = roots;
  const isOne = roots.length === 1 && only?.isAdded === false;
  const rows: RunTreeRow[] = isOne
    ? [...of(only.path)]
    : roots.map(({ path: root, name, isAdded }): RootRow => {
        return { kind: 'root', path: root, name, isAdded, children: of(root) };
      });
  const troubles = [
    ...problems.map((problem): ProblemRow => ({ kind: 'problem', ...problem })),
    // What was left out is told where something is wrong, or where nothing was found and this may be why.
    ...(logs.length === 0 || problems.length > 0 ? notices : []).map((reason): ProblemRow => ({
      kind: 'problem',
      path: '',
      reason,
    })),
  ];
  return troubles.length > 0 ? [...rows, { kind: 'problems', children: troubles }] : rows;
}

function runsOf(logs: readonly RunLog[], root: string): readonly (RunRow | LogRow)[] {
  const runs = new Map<string, RunLog[]>();
  for (const log of logs) {
    // Logs right in the folder that was searched have nothing in common but that.
    const key = path.resolve(log.run) === path.resolve(root) ? `\n${log.path}` : log.run;
    runs.set(key, [...(runs.get(key) ?? []), log]);
  }
  const rows = [...runs].map(([folder, own]): RunRow | LogRow => {
    const [only] = own;
    if (only && own.length === 1) return logRow(only, root);
    const children = own.map((log) => logRow(log, folder)).sort((a, b) => byName(a.name, b.name));
    return { kind: 'run', path: folder, name: path.relative(root, folder), children };
  });
  return rows.sort((a, b) => byName(nameInOrder(a), nameInOrder(b)));
}

const nameInOrder = (row: RunRow | LogRow): string =>
  row.kind === 'run' ? row.name : path.join(row.place, row.name);

function logRow(log: RunLog, above: string): LogRow {
  const steps = log.count?.stepRollouts ?? [];
  return {
    kind: 'log',
    log,
    name: path.basename(log.path),
    place: path.relative(above, path.dirname(log.path)),
    // A single step would say nothing that the log does not.
    children: steps.length > 1 ? steps.map((step): StepRow => ({ kind: 'step', log, step })) : [],
  };
}

/** The rows below a step: its groups, and rollouts that have no siblings as they are. */
export function rowsOfStep(
  { log, step }: StepRow,
  groups: readonly StepGroup[],
): readonly (GroupRow | RolloutRow)[] {
  return groups.map((group): GroupRow | RolloutRow => {
    const [only] = group.rollouts;
    return only && group.rollouts.length === 1
      ? { kind: 'rollout', log, step, rollout: only, question: group.question }
      : { kind: 'group', log, step, group };
  });
}

/** The rows below a group. */
export function rowsOfGroup({ log, step, group }: GroupRow): readonly RolloutRow[] {
  return group.rollouts.map((rollout) => ({ kind: 'rollout', log, step, rollout, question: '' }));
}
