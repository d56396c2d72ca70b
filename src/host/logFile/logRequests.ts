import { ImcotError } from '../../common/errors';
import type { GoToTarget, OtherEditor, SearchQuery } from '../../protocol/logFileView';

/*
 * The page draws text that anybody may have written. Whatever it asks for is checked here; nothing in it is a path.
 */

/** Most rows of one request. */
export const MAX_ROWS = 400;
/** Most bytes of text for one row. */
export const MAX_TEXT = 1 << 18;
/** Most bytes that are put on the clipboard. */
export const MAX_COPY = 1 << 24;

const KINDS = ['line', 'byte', 'step', 'record'];

function wrong(what: string): ImcotError {
  return new ImcotError('usage', `The page asked for something that does not exist: ${what}.`);
}

/** A whole number from 0 on. */
export function checkWhole(value: unknown, what = 'a place in the file'): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(what);
  return value;
}

/** A number of rows, at most `MAX_ROWS`. */
export function checkRows(value: unknown): number {
  return Math.min(MAX_ROWS, checkWhole(value, 'a number of rows'));
}

/**
 * A range of bytes.
 * @throws ImcotError `limit` when it is longer than `longest`
 */
export function checkBytes(start: unknown, end: unknown, longest: number): readonly [number, number] {
  const [from, to] = [checkWhole(start), checkWhole(end)];
  if (to < from) throw wrong('bytes in reverse');
  if (to - from <= longest) return [from, to];
  const most = `${(longest / 1024).toLocaleString('en')} KiB`;
  throw new ImcotError(
    'limit',
    `${(to - from).toLocaleString('en')} bytes are too many at once: at most ${most}.`,
  );
}

/** A query, rebuilt from what it must have. */
export function checkQuery(value: unknown): SearchQuery {
  if (typeof value !== 'object' || value === null) throw wrong('a search');
  const { text, matchCase, wholeWord, regex } = value as Record<string, unknown>;
  if (typeof text !== 'string') throw wrong('a search');
  return { text, matchCase: matchCase === true, wholeWord: wholeWord === true, regex: regex === true };
}

/** A place to go to. */
export function checkTarget(value: unknown): GoToTarget {
  if (typeof value !== 'object' || value === null) throw wrong('a place');
  const { kind, value: number } = value as Record<string, unknown>;
  if (typeof kind !== 'string' || !KINDS.includes(kind)) throw wrong('a place');
  return { kind: kind as GoToTarget['kind'], value: checkWhole(number, 'a place') };
}

/** One of the other editors. */
export function checkOther(value: unknown): OtherEditor {
  if (value !== 'trajectories' && value !== 'dynamics') throw wrong('an editor');
  return value;
}
