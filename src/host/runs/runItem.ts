import path from 'node:path';
import type { RunLog, StepRollouts } from '../../dynamics/runs/runLogs';
import { oneLine } from '../foreignText';
import type { GroupRow, LogRow, RolloutRow, RunRow, RunTreeRow, StepRow } from './runRows';

/** A row of the tree *Runs*, without the editor's own types. All text in it is plain text. */
export interface RunItem {
  /** Names the row as long as it is there. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly spoken: string;
  /** A codicon, and the theme colour of it. */
  readonly icon: { readonly name: string; readonly color?: string };
  /** What the row's menus go by: kind, and for logs also what they hold and whether they are a file or a folder. */
  readonly context: string;
  /** The hover's lines: a title and what it is. */
  readonly facts: readonly (readonly [title: string, text: string])[];
  /** Whether it begins open; absent where nothing is below it. */
  readonly isOpen?: boolean;
}

const LONGEST = 1000;
/** A log to which something came within this time is being written, in milliseconds. */
const LIVE_MS = 60_000;

const KINDS = {
  trajectories: { icon: 'list-tree', words: 'rollouts' },
  metrics: { icon: 'graph-line', words: 'training metrics' },
  both: { icon: 'layers', words: 'rollouts and training metrics' },
} as const;

/** Whether a log is being written. @param now milliseconds since 1970 */
export const isLive = ({ grewAt }: RunLog, now: number): boolean =>
  grewAt !== undefined && now - grewAt < LIVE_MS;

/** How a row is drawn. @param now milliseconds since 1970 */
export function runItem(row: RunTreeRow, now: number): RunItem {
  const item = itemOf(row, now);
  const label = oneLine(item.label) || '?';
  const description = oneLine(item.description);
  const facts = item.facts.map(([title, text]) => [title, oneLine(text, LONGEST)] as const);
  return { ...item, label, description, facts, spoken: oneLine(item.spoken, LONGEST) };
}

function itemOf(row: RunTreeRow, now: number): RunItem {
  switch (row.kind) {
    case 'root': {
      const count = countOf(row.children.length, 'run');
      const label = row.isAdded ? path.basename(row.name) || row.name : row.name;
      const description = row.isAdded ? row.path : '';
      return {
        ...plain(`root:${row.path}`, label, description, row.isAdded ? 'root.added' : 'root.workspace'),
        spoken: `${label}, folder, ${count}`,
        icon: { name: 'root-folder' },
        facts: [
          ['Folder', row.path],
          ['', row.isAdded ? 'Added to those of the workspace.' : 'A folder of the workspace.'],
        ],
        isOpen: true,
      };
    }
    case 'run':
      return runOf(row, now);
    case 'log':
      return logOf(row, now);
    case 'step':
      return stepOf(row);
    case 'group':
      return groupOf(row);
    case 'rollout':
      return rolloutOf(row);
    case 'problems':
      return {
        ...plain('problems', 'Not read', String(row.children.length), 'problems'),
        icon: { name: 'warning', color: 'list.warningForeground' },
        isOpen: false,
      };
    case 'problem': {
      const label = row.path === '' ? row.reason : path.basename(row.path);
      const description = row.path === '' ? '' : row.reason;
      return {
        ...plain(`problem:${row.path}\n${row.reason}`, label, description, 'problem'),
        icon: { name: row.path === '' ? 'info' : 'warning' },
        facts: [['', row.reason]],
      };
    }
  }
}

function plain(id: string, label: string, description: string, context: string): Omit<RunItem, 'icon'> {
  return { id, label, description, spoken: `${label}, ${description}`, context, facts: [] };
}

function runOf(row: RunRow, now: number): RunItem {
  const logs = row.children.map(({ log }) => log);
  const live = logs.some((log) => isLive(log, now));
  // Rollouts that stand in two files were made once.
  const counted = logs.filter(({ kind, supersededBy }) => kind !== 'metrics' && supersededBy === undefined);
  const rollouts = counted.reduce((sum, { count }) => sum + (count?.records ?? 0), 0);
  const words = [countOf(logs.length, 'log'), ...(rollouts > 0 ? [countOf(rollouts, 'rollout')] : [])];
  return {
    ...plain(`run:${row.path}`, row.name, words.join(' · '), 'run'),
    icon: live ? LIVE : { name: 'folder' },
    facts: [['Folder', row.path], ...(live ? [BEING_WRITTEN] : [])],
    isOpen: true,
  };
}

const LIVE = { name: 'pulse', color: 'charts.green' } as const;
const BEING_WRITTEN = ['', 'Being written.'] as const;

function logOf({ log, name, place, children }: LogRow, now: number): RunItem {
  const { icon, words } = KINDS[log.kind];
  const live = isLive(log, now);
  const figures = figuresOf(log);
  const description = [place, ...figures].filter((text) => text !== '').join(' · ');
  return {
    ...plain(`log:${log.root}\n${log.path}`, name, description, contextOf(log)),
    spoken: [name, words, live ? 'being written' : '', description].filter((text) => text !== '').join(', '),
    icon: live
      ? LIVE
      : { name: icon, ...(log.supersededBy !== undefined && { color: 'disabledForeground' }) },
    facts: factsOf(log, words, live),
    ...(children.length > 0 && { isOpen: false }),
  };
}

function contextOf({ kind, files, path: name }: RunLog): string {
  return `log.${kind}.${files.length === 1 && files[0] === name ? 'file' : 'folder'}`;
}

function figuresOf(log: RunLog): string[] {
  const { uncounted, supersededBy } = log;
  if (supersededBy !== undefined) return [`same as ${path.basename(supersededBy)}`];
  if (!log.count) return [uncounted === undefined ? 'counting...' : inBytes(log.bytes)];
  return countsOf(log);
}

function countsOf(log: RunLog): string[] {
  const { count, kind } = log;
  if (!count) return [];
  const bad = count.badRecords > 0 ? [`${count.badRecords.toLocaleString('en')} unreadable`] : [];
  return [countOf(count.records, kind === 'metrics' ? 'row' : 'rollout'), ...stepsOf(log), ...bad];
}

function stepsOf({ count }: RunLog): string[] {
  const steps = count?.steps;
  if (!steps) return [];
  return [steps.count === 1 ? `step ${steps.first}` : `steps ${steps.first} to ${steps.last}`];
}

function factsOf(log: RunLog, words: string, live: boolean): (readonly [string, string])[] {
  const { count, supersededBy } = log;
  return [
    ['', `${log.label}: ${words}`],
    [log.files.length === 1 ? 'File' : `${log.files.length} files`, log.path],
    ['Size', inBytes(log.bytes)],
    ...(count ? [['', countsOf(log).join(', ')] as const] : []),
    ...(log.uncounted === undefined ? [] : [['', log.uncounted] as const]),
    ...(supersededBy === undefined
      ? []
      : [['Superseded', `the same rollouts, judged, stand in ${supersededBy}`] as const]),
    ...(live ? [BEING_WRITTEN] : []),
  ];
}

function stepOf({ log, step }: StepRow): RunItem {
  const judged = step.judged > 0 ? [`${step.right} of ${step.judged} right`] : [];
  const description = [countOf(step.records, 'rollout'), ...judged].join(' · ');
  return {
    ...plain(`step:${log.root}\n${log.path}\n${step.step}`, `step ${step.step}`, description, 'step'),
    icon: { name: 'circle-small' },
    isOpen: false,
  };
}

const rowId = (log: RunLog, step: StepRollouts): string => `${log.root}\n${log.path}\n${step.step}`;

function groupOf({ log, step, group }: GroupRow): RunItem {
  const { question, rollouts, spread } = group;
  const judged = rollouts.filter(({ correct }) => correct !== undefined);
  const right = judged.filter(({ correct }) => correct === true);
  const words = [
    countOf(rollouts.length, 'rollout'),
    ...(judged.length > 0 ? [`${right.length} of ${judged.length} right`] : []),
    ...(spread ? [`reward ${inShort(spread.mean)}${spread.isDead ? ', all equal' : ''}`] : []),
  ];
  const id = `group:${rowId(log, step)}\n${rollouts[0]?.index ?? ''}`;
  return {
    ...plain(id, question || 'no question', words.join(' · '), 'group'),
    icon: { name: 'list-tree', ...(spread?.isDead && { color: 'disabledForeground' }) },
    facts: [
      ['Question', question],
      ...(spread?.isDead ? [['', 'All rewards are equal: this group teaches nothing.'] as const] : []),
    ],
    isOpen: false,
  };
}

function rolloutOf({ log, step, rollout, question }: RolloutRow): RunItem {
  const { index, correct, reward, zoomCount } = rollout;
  const verdict = correct === undefined ? 'not judged' : correct ? 'right' : 'wrong';
  const place = `record ${index.toLocaleString('en')}`;
  const words = [
    ...(question === '' ? [] : [place]),
    ...(reward === undefined ? [] : [`reward ${inShort(reward)}`]),
    countOf(zoomCount, 'zoom'),
  ];
  const item = plain(
    `rollout:${rowId(log, step)}\n${index}`,
    question === '' ? place : question,
    words.join(' · '),
    'rollout',
  );
  return { ...item, spoken: `${verdict}, ${item.spoken}`, icon: VERDICTS[verdict], facts: [['', verdict]] };
}

const VERDICTS = {
  right: { name: 'pass', color: 'charts.green' },
  wrong: { name: 'error', color: 'charts.red' },
  'not judged': { name: 'circle-outline' },
} as const;

/** At most two decimals. */
const inShort = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 2 });

function countOf(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}

function inBytes(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * power);
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? ''}`;
}
