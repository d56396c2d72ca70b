import type { GroupFigures } from '../analysis/groupFigures';
import type { GroupSummary, SignalTotals, Summary } from '../analysis/summary';
import { SIGNALS } from '../analysis/signals/signals';
import type { ScannedSource } from './scanSources';
import { table } from './text/layout';
import { safeLine } from './text/safeText';
import type { Style } from './text/style';

const BAR_CELLS = 28;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of block characters; anything above zero is visible. */
function bar(value: number, largest: number): string {
  if (value === 0 || largest === 0) return '';
  const eighths = Math.max(1, Math.round((value / largest) * BAR_CELLS * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((part / whole) * 100).toFixed(1)} %`;

/** Columns beyond the verdicts: those that some group has a figure for. */
const FIGURES: readonly {
  readonly title: string;
  /** Undefined where it is not known. */
  readonly of: (figures: GroupFigures) => string | undefined;
}[] = [
  { title: 'ZOOMS', of: ({ zoomCount }) => zoomCount.mean?.toFixed(2) },
  { title: 'IOU', of: ({ iou }) => iou.mean?.toFixed(3) },
];

function groupLines(groups: readonly GroupSummary[], overall: Summary, style: Style): string[] {
  const figures = FIGURES.filter(({ of }) => of(overall) !== undefined);
  const head = [
    'GROUP',
    'TOTAL',
    'RIGHT',
    'WRONG',
    'UNJUDGED',
    'ACCURACY',
    ...figures.map(({ title }) => title),
  ];
  const cells = (name: string, row: GroupFigures): string[] => {
    const { total, correct, incorrect, unjudged, accuracy } = row;
    const share = accuracy === null ? 'not judged' : `${(accuracy * 100).toFixed(2)} %`;
    const counts = [total, correct, incorrect, unjudged].map(String);
    return [safeLine(name), ...counts, share, ...figures.map(({ of }) => of(row) ?? '-')];
  };
  const all = [...groups.map((group) => cells(group.name, group)), cells('overall', overall)];
  const [first = '', ...rows] = table([head, ...all], new Set(head.map((_title, at) => at).slice(1)));
  return [style.bold(first), ...rows];
}

function sourceLines(sources: readonly ScannedSource[], style: Style): string[] {
  return sources.map(({ source, records, badRecords, supersededBy }) => {
    const bad = badRecords > 0 ? style.red(`, ${badRecords} bad`) : '';
    const line = `${safeLine(source.path)}  ${source.format}, ${records} records${bad}`;
    return supersededBy === undefined
      ? line
      : style.dim(`${line}, not counted: judged in ${safeLine(supersededBy)}`);
  });
}

function zoomLines({ zoomCount, total }: Summary, style: Style): string[] {
  const entries = Object.entries(zoomCount.histogram);
  const largest = Math.max(0, ...entries.map(([, rollouts]) => rollouts));
  const mean = zoomCount.mean === null ? '-' : zoomCount.mean.toFixed(3);
  const rows = entries.map(([count, rollouts]) => [
    count,
    String(rollouts),
    percent(rollouts, total),
    bar(rollouts, largest),
  ]);
  return [style.bold(`Crops per rollout (mean ${mean})`), ...table(rows, new Set([0, 1, 2]))];
}

function boxLines({ boxes, missingLabel }: Summary, style: Style): string[] {
  const row = (name: string, count: number): string[] => [name, String(count), percent(count, boxes.total)];
  return [
    style.bold(`Boxes requested: ${boxes.total}`),
    ...table(
      [
        row('shorter side at most 30', boxes.minSideAtMost30),
        row('shorter side below 28', boxes.minSideBelow28),
        row('repeated in the same rollout', boxes.repeated),
        row('without a label', missingLabel),
      ],
      new Set([1, 2]),
    ),
  ];
}

function rolloutLines(overall: Summary, style: Style): string[] {
  const row = (name: string, count: number): string[] => [name, String(count), percent(count, overall.total)];
  return [
    style.bold('Rollouts'),
    ...table(
      [
        row('no crop', overall.noZoom),
        row('two crops or more', overall.multiZoom),
        row('with a failed tool call', overall.toolErrors),
        row('call and answer in one turn', overall.toolAndAnswerTurns),
      ],
      new Set([1, 2]),
    ),
  ];
}

function signalLines(signals: SignalTotals, { total }: Summary, style: Style): string[] {
  const rows = SIGNALS.map(({ name, words }) => {
    const { found, unknown } = signals[name];
    const open = unknown === 0 ? '' : `${unknown} not known`;
    return [words, String(found), percent(found, total), style.dim(open)];
  });
  return [style.bold('Signals, by rollout'), ...table(rows, new Set([1, 2]))];
}

/** What `imcot summarize` prints for people. */
export function summaryText(
  sources: readonly ScannedSource[],
  groups: readonly GroupSummary[],
  overall: Summary,
  signals: SignalTotals,
  style: Style,
): string {
  const sections = [
    sourceLines(sources, style),
    groupLines(groups, overall, style),
    zoomLines(overall, style),
    boxLines(overall, style),
    rolloutLines(overall, style),
    signalLines(signals, overall, style),
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
