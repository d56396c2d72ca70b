import type { ByteRange } from '../../protocol/logFileView';
import type { LogRowView } from './logRow';

/**
 * Matches as ranges of the text that rows show.
 * @param at the match that a person is at
 */
export function rangesOfMatches(
  rows: readonly LogRowView[],
  matches: readonly ByteRange[],
  at: ByteRange | undefined,
): { readonly all: readonly Range[]; readonly current: readonly Range[] } {
  const all: Range[] = [];
  const current: Range[] = [];
  for (const row of rows) {
    for (const match of matches) {
      if (match.start >= row.data.next || match.end <= row.data.start) continue;
      const range = row.rangeOf(match);
      if (!range) continue;
      (match.start === at?.start ? current : all).push(range);
    }
  }
  return { all, current };
}
