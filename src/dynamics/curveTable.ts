import { firstAt } from '../analysis/thinning';
import type { Series } from '../metrics/mergeRestarts';
import type { TableView } from '../protocol/dynamicsView';
import { unionOf } from './memberCurves';

/** A column of a table: a curve under a name. Undefined: there is no such curve, and its cells are empty. */
export interface TableCurve {
  readonly name: string;
  readonly series: Series | undefined;
}

/** Curves side by side: a row for each step at which any of them has a value. */
export class CurveTable {
  private readonly steps: Float64Array;

  constructor(readonly curves: readonly TableCurve[]) {
    this.steps = unionOf(curves.flatMap(({ series }) => (series ? [series.steps] : [])));
  }

  get total(): number {
    return this.steps.length;
  }

  /** Rows `[start, end)`, as many of them as there are. */
  rows(start: number, end: number): TableView['rows'] {
    const rows: TableView['rows'][number][] = [];
    const from = Math.max(0, start);
    const at = this.curves.map(({ series }) => firstAt(series?.steps ?? [], this.steps[from] ?? Infinity));
    for (let row = from; row < Math.min(end, this.total); row++) {
      const step = this.steps[row] as number;
      let wallTime = NaN;
      const values = this.curves.map(({ series }, column) => {
        const index = at[column] as number;
        if (series?.steps[index] !== step) return null;
        at[column] = index + 1;
        if (Number.isNaN(wallTime)) wallTime = series.wallTimes[index] ?? NaN;
        return series.values[index] as number;
      });
      rows.push({ step, ...(Number.isFinite(wallTime) && { wallTime }), values });
    }
    return rows;
  }
}

const ROWS_PER_PIECE = 5000;
/** What makes a spreadsheet take a cell for a formula: OWASP, "CSV Injection". */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * A piece of a table as CSV by RFC 4180, its first line the names. `step` and `wall_time` (seconds since 1970, empty where
 * nobody tells) come first; a cell is empty where a curve has no value, and numbers are written in full.
 * @param from the row to begin with, 0 or a `next`
 */
export function csvPiece(table: CurveTable, from: number): { readonly text: string; readonly next?: number } {
  const lines = table
    .rows(from, from + ROWS_PER_PIECE)
    .map(({ step, wallTime, values }) =>
      [step, wallTime ?? '', ...values.map((value) => value ?? '')].join(','),
    );
  if (from === 0)
    lines.unshift(['step', 'wall_time', ...table.curves.map(({ name }) => csvName(name))].join(','));
  const next = from + ROWS_PER_PIECE;
  return { text: lines.map((line) => `${line}\r\n`).join(''), ...(next < table.total && { next }) };
}

/** A name as a cell that is text in every spreadsheet. */
function csvName(name: string): string {
  const safe = FORMULA.test(name) ? `'${name}` : name;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
