import path from 'node:path';
import type { KeyView, RunView } from '../protocol/dynamicsView';
import type { DynamicsRun } from './dynamicsRun';
import type { RunFindings } from './runFindings';

/** Most sentences about pieces that could not be read: a broken file may have thousands. */
const MOST_NOTICES = 5;

/** What a view needs that the run does not know. */
export interface RunSurroundings {
  readonly findings: RunFindings;
  /** Where the run was read from, relative to what was opened. */
  readonly source: string;
  readonly isLive: boolean;
  /** Sentences about its files. */
  readonly notices: readonly string[];
}

/** A run as the page shows it. */
export function toRunView(run: DynamicsRun, { findings, source, isLive, notices }: RunSurroundings): RunView {
  const { id, name, label } = run.origin;
  const { steps, wallTimes } = run.clock;
  const state = run.metrics?.parts.flatMap((part) => part.state ?? []).at(-1);
  const [first, last] = [steps[0], steps.at(-1)];
  return {
    id,
    name,
    source,
    label,
    ...(state && { state }),
    live: isLive,
    ...(first !== undefined && last !== undefined && { steps: { first, last, count: steps.length } }),
    hasWallTimes: wallTimes.some((time) => !Number.isNaN(time)),
    keys: keyViews(run),
    concepts: Object.fromEntries(
      [...run.conceptKeys].map(([concept, keys]) => [concept, keys.map(({ key }) => key)]),
    ),
    breaks: run.breaks,
    stages: findings.stages,
    alarms: findings.alarms,
    ...(run.rollouts && { rollouts: run.rollouts.view }),
    notices: [...notices, ...badPieces(run), ...rolloutNotices(run)],
  };
}

function keyViews(run: DynamicsRun): KeyView[] {
  const concepts = new Map(
    [...run.conceptKeys].flatMap(([concept, keys]) =>
      keys.map(({ key, rule }) => [key, { concept, note: rule.note }]),
    ),
  );
  return run.keys.map((key) => {
    const last = run.lastFinite(key);
    const known = concepts.get(key);
    return {
      key,
      points: run.pointsOf(key),
      ...(last !== undefined && { last }),
      ...(known && { concept: known.concept }),
      ...(run.isComputed(key) && { computed: true as const }),
      ...(known?.note !== undefined && { note: known.note }),
    };
  });
}

function badPieces(run: DynamicsRun): string[] {
  const bad = run.metrics?.badPieces ?? [];
  const told = bad.slice(0, MOST_NOTICES).map(({ file, reason, start, end }) => {
    const place = end > 0 ? `, bytes ${start} to ${end}` : '';
    return `${path.basename(file)}${place}: ${reason}`;
  });
  const more = bad.length - told.length;
  return more > 0 ? [...told, `${more} more ${more === 1 ? 'piece' : 'pieces'} could not be read.`] : told;
}

function rolloutNotices({ rollouts }: DynamicsRun): string[] {
  const without = rollouts?.run?.withoutStep ?? 0;
  if (without === 0 || !rollouts) return [];
  return [
    `${rollouts.name}: ${without} ${without === 1 ? 'rollout has' : 'rollouts have'} no step and are on no curve.`,
  ];
}
