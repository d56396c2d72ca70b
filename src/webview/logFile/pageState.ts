import type { LogFilePageState } from '../../protocol/logFileView';

/** Reads what an earlier life of the page wrote; anything that does not fit is as at the first opening. */
export function readPageState(stored: unknown): LogFilePageState {
  const { top, wrap, follow } = (typeof stored === 'object' && stored !== null ? stored : {}) as Record<
    string,
    unknown
  >;
  const isPlace = typeof top === 'number' && Number.isSafeInteger(top) && top >= 0;
  return { top: isPlace ? top : 0, wrap: wrap === true, follow: follow === true };
}
