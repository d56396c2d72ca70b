import { ImcotError } from '../../common/errors';
import type { CurveId, CurvesRequest, XMode } from '../../protocol/dynamicsView';

/*
 * Whatever the page sends is checked here before it goes on to the thread: names of runs and keys are only ever compared
 * with those that there are, and never used as a path.
 */

/** Most curves of one request, members counted one by one. */
export const MAX_CURVES = 4000;
/** Most rows of a table in one request. */
export const MAX_TABLE_ROWS = 2000;
/** Most pixel columns of a plot. */
export const MAX_COLUMNS = 16_384;
/** Most places on the axis in one request. */
export const MAX_MARKS = 10_000;
/** Largest picture that is saved: bytes, or UTF-16 units of text. */
export const MAX_PICTURE = 128 * 1024 * 1024;
/** Longest name of a run or of a key. UTF-16 units. */
const MAX_NAME = 8192;

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

function wrong(what: string): ImcotError {
  return new ImcotError('usage', `The page asked for something that does not exist: ${what}.`);
}

/** Name of a run, of a key or of a curve. Whether there is such a one is for the thread to say. */
export function checkName(value: unknown): string {
  if (typeof value !== 'string' || value.length > MAX_NAME) throw wrong('a name');
  return value;
}

/** A place on the axis, or a step: any finite number. */
export function checkPlace(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong('a place on the axis');
  return value;
}

function checkList(value: unknown, most: number, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw wrong(what);
  return value as unknown[];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw wrong('a curve');
  return value as Record<string, unknown>;
}

/** A curve of a run. */
export function checkCurve(value: unknown): CurveId {
  const { run, key } = fieldsOf(value);
  return { run: checkName(run), key: checkName(key) };
}

/** Curves of runs. */
export function checkCurves(value: unknown): readonly CurveId[] {
  return checkList(value, MAX_CURVES, 'curves').map(checkCurve);
}

/** What stands on the axis. */
export function checkX(value: unknown): XMode {
  if (value !== 'step' && value !== 'relative' && value !== 'wall') throw wrong('an axis');
  return value;
}

/** Places on the axis, such as boundaries. */
export function checkPlaces(value: unknown): readonly number[] {
  return checkList(value, MAX_MARKS, 'places on the axis').map(checkPlace);
}

/** A part of the axis; undefined, for which a message has null: all of it. */
export function checkRange(value: unknown): readonly [from: number, to: number] | undefined {
  if (value === undefined || value === null) return undefined;
  const [from, to] = checkList(value, 2, 'a part of the axis').map(checkPlace);
  if (from === undefined || to === undefined || from > to) throw wrong('a part of the axis');
  return [from, to];
}

/** Pixel columns, 1 to `MAX_COLUMNS`. */
export function checkColumns(value: unknown): number {
  return Math.min(MAX_COLUMNS, Math.max(1, Math.round(checkPlace(value))));
}

/** Rows of a table, half-open, shortened to `MAX_TABLE_ROWS`. */
export function checkRows(start: unknown, end: unknown): readonly [start: number, end: number] {
  for (const value of [start, end]) {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong('rows');
  }
  const [from, to] = [start as number, end as number];
  if (to < from) throw wrong('rows in reverse');
  return [from, Math.min(to, from + MAX_TABLE_ROWS)];
}

/** Points for drawing, with no more in it than the type says. */
export function checkCurvesRequest(value: unknown): CurvesRequest {
  const { curves, x, range, columns, smoothing, marks } = fieldsOf(value);
  let members = 0;
  const checked = checkList(curves, MAX_CURVES, 'curves').map((entry) => {
    const curve = fieldsOf(entry);
    const own = checkCurves(curve['members']);
    members += own.length;
    if (members > MAX_CURVES) throw wrong('more curves than there can be');
    return { id: checkName(curve['id']), members: own };
  });
  const weight = checkPlace(smoothing);
  if (weight < 0 || weight >= 1) throw wrong('a smoothing');
  const shown = checkRange(range);
  return {
    curves: checked,
    x: checkX(x),
    ...(shown && { range: shown }),
    columns: checkColumns(columns),
    smoothing: weight,
    ...(marks !== undefined && { marks: checkMarks(marks) }),
  };
}

function checkMarks(value: unknown): NonNullable<CurvesRequest['marks']> {
  const { run, steps } = fieldsOf(value);
  return { run: checkName(run), steps: checkPlaces(steps) };
}

/** A picture that is what it says: PNG by its first bytes, SVG by its root element. */
export function checkPicture(
  kind: unknown,
  content: unknown,
): { readonly kind: 'png' | 'svg'; readonly bytes: Uint8Array } {
  if (kind === 'svg' && typeof content === 'string') {
    if (content.length <= MAX_PICTURE && /^(?:<\?xml[^>]*>\s*)?<svg[\s>]/.test(content))
      return { kind, bytes: new TextEncoder().encode(content) };
  } else if (kind === 'png' && content instanceof Uint8Array) {
    if (content.length <= MAX_PICTURE && PNG_SIGNATURE.every((byte, i) => content[i] === byte))
      return { kind, bytes: content };
  }
  throw wrong('a picture that is none');
}
