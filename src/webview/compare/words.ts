import type { Cell } from '../../analysis/compare/comparison';

const CELL_WORDS: Readonly<Record<Cell, string>> = {
  bothRight: 'both right',
  onlyA: 'A right, B wrong',
  onlyB: 'A wrong, B right',
  bothWrong: 'both wrong',
  unjudged: 'not judged',
  aloneA: 'only in A',
  aloneB: 'only in B',
};

/** An outcome for people. */
export function cellWords(cell: Cell): string {
  return CELL_WORDS[cell];
}

/** `right`, `wrong` or `not judged`. */
export function verdictWords(correct: boolean | undefined): string {
  return correct === undefined ? 'not judged' : correct ? 'right' : 'wrong';
}

/** `83.3 %` of a share from 0 to 1; a dash for none. */
export function shareWords(share: number | null): string {
  return share === null ? '–' : `${(share * 100).toFixed(1)} %`;
}

/** A mean for people; a dash for none. */
export function meanWords(mean: number | null, digits: number): string {
  return mean === null
    ? '–'
    : mean.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
