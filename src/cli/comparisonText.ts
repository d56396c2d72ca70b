import type { ComparedLogs, ComparisonSummary, Judged, SideSummary } from '../analysis/compare/comparison';
import { table } from './text/layout';
import { safeLine } from './text/safeText';
import type { Style } from './text/style';

const number = (value: number | null, digits: number): string =>
  value === null ? '-' : value.toFixed(digits);

function judgedCells({ total, judged, right, accuracy }: Judged): string[] {
  const share = accuracy === null ? 'not judged' : `${(accuracy * 100).toFixed(2)} %`;
  return [String(total), String(right), String(judged - right), String(total - judged), share];
}

function sideCells(name: string, side: SideSummary): string[] {
  return [name, ...judgedCells(side.paired), number(side.meanZooms, 3), number(side.meanTokens, 1)];
}

function sourceLine(letter: string, path: string, side: SideSummary, alone: number, style: Style): string {
  const bad = side.badRecords > 0 ? style.red(`, ${side.badRecords} bad`) : '';
  const rest = alone > 0 ? `, ${alone} without a partner` : '';
  return `${letter}  ${safeLine(path)}  ${side.records} records${rest}${bad}`;
}

/** What is to be known of logs that hold the same rollouts. */
function twinLines(same: ComparedLogs['sameRollouts']): string[] {
  if (!same) return [];
  const { judgedA, judgedB } = same;
  const verdicts =
    judgedA === judgedB
      ? judgedA
        ? 'both are judged'
        : 'neither is judged'
      : `only ${judgedA ? 'A' : 'B'} is judged`;
  return [`Both hold the very same rollouts; ${verdicts}.`];
}

/** What `imcot compare` prints for people. */
export function comparisonText(
  paths: { readonly a: string; readonly b: string },
  { a, b, cells, questions, pairs, mostPairs }: ComparisonSummary,
  same: ComparedLogs['sameRollouts'],
  style: Style,
): string {
  const figures = [
    ['', 'PAIRED', 'RIGHT', 'WRONG', 'UNJUDGED', 'ACCURACY', 'ZOOMS', 'TOKENS'],
    sideCells('A', a),
    sideCells('B', b),
  ];
  const [head = '', ...rows] = table(figures, new Set([1, 2, 3, 4, 5, 6, 7]));
  const outcomes = [
    ['', 'B RIGHT', 'B WRONG'],
    ['A right', String(cells.bothRight), String(cells.onlyA)],
    ['A wrong', String(cells.onlyB), String(cells.bothWrong)],
  ];
  const [outcomeHead = '', ...outcomeRows] = table(outcomes, new Set([1, 2]));
  const several = mostPairs > 1 ? `, up to ${mostPairs} of one question` : '';
  const sections = [
    [
      sourceLine('A', paths.a, a, cells.aloneA, style),
      sourceLine('B', paths.b, b, cells.aloneB, style),
      ...twinLines(same),
    ],
    [`${questions} questions in both, ${pairs} pairs${several}`],
    [style.bold(head), ...rows],
    [
      style.bold(outcomeHead),
      ...outcomeRows,
      ...(cells.unjudged > 0 ? [`${cells.unjudged} not judged in both`] : []),
    ],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}
