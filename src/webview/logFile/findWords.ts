import type { MatchView, SearchView } from '../../protocol/logFileView';
import type { FindState } from '../shared/findBar';

const figure = (value: number): string => value.toLocaleString('en-US');

/**
 * How a search of a file stands, in words.
 * @param match which match is gone to
 */
export function findState(view: SearchView, match: MatchView | undefined): FindState {
  const { status, reason } = view;
  const words = status === 'failed' && reason !== undefined ? reason : countWords(view, match);
  return {
    words,
    isRunning: status === 'running',
    isFailed: status === 'failed',
    ...(reason !== undefined && { title: reason }),
  };
}

function countWords(
  { status, count, kept, scanned, total }: SearchView,
  match: MatchView | undefined,
): string {
  const percent = total === 0 ? 100 : Math.floor((100 * scanned) / total);
  const far =
    status === 'running' ? `, ${percent} %` : status === 'stopped' ? `, stopped at ${percent} %` : '';
  if (count === 0) return `No results${far}`;
  const which = match?.index === undefined ? '?' : figure(match.index + 1);
  const cap = kept < count ? `, the first ${figure(kept)} can be gone to` : '';
  return `${which} of ${figure(count)}${far}${cap}`;
}
