import type { Comparison, Fields } from './comparison';
import { fieldsOf, listOf } from './comparison';
import type { UnnamedName } from './exceptions';
import type { Ledger, Path } from './ledger';
import { hasThreeDecimals, isRounded, wantedNumber } from './numbers';
import type { ToldFile, ToldRow } from './told';
import { claimTexts, claimValue, leftValues } from './told';

const PROGRESS = 'global_step/max_steps';

/** Rows of numbers and words: console lines, JSON lines, CSV of one run, trainer states. */
export const rowsComparison: Comparison = {
  fits: (entry) => Array.isArray(entry['rows']) || Array.isArray(entry['log_history']),
  compare: compareRows,
};

function compareRows(entry: Fields, told: ToldFile, ledger: Ledger): void {
  const place = Array.isArray(entry['rows']) ? 'rows' : 'log_history';
  const rows = told.runs.flatMap((run) => run.rows);
  const wanted = listOf(entry[place]).map(fieldsOf);
  const row = new RowComparison(told, ledger, rows);
  wanted.forEach((fields, index) => row.compare(fields, [place, index], rows[index]));
  compareRest(entry, told, ledger, rows);
  const named = rows.slice(0, wanted.length);
  for (const { what } of leftValues(named)) ledger.extra(what);
  for (const { row: left, what } of leftValues(rows.slice(wanted.length)))
    ledger.extra(what, left.step === undefined ? reasonWithoutStep(entry, told) : undefined);
}

/** Why a row without a step may stand in a file and not in expected.json. */
function reasonWithoutStep(entry: Fields, { format }: ToldFile): UnnamedName | undefined {
  // How often trackio looks at the machine depends on how long the run takes: such rows are in a table of their own.
  if (format === 'trackio') return 'systemMetrics';
  return entry['note'] === undefined ? undefined : 'rowWithoutStep';
}

class RowComparison {
  /** verl up to 0.3 prints three decimals, and nothing but. */
  private readonly isRounded: boolean;

  constructor(
    private readonly told: ToldFile,
    private readonly ledger: Ledger,
    rows: readonly ToldRow[],
  ) {
    const numbers = rows.flatMap((row) => [...row.values.values()].flat());
    this.isRounded = told.format === 'verl-console' && numbers.every(hasThreeDecimals);
  }

  compare(fields: Fields, path: Path, row: ToldRow | undefined): void {
    const values = fields['values'];
    const inner = values === undefined ? path : [...path, 'values'];
    if ('step' in fields) this.ledger.compare([...path, 'step'], row?.step);
    for (const [key, wanted] of Object.entries(fieldsOf(values ?? fields))) {
      if (values !== undefined || key !== 'step') this.value(key, wanted, [...inner, key], row);
    }
  }

  private value(key: string, wanted: unknown, path: Path, row: ToldRow | undefined): void {
    const number = wantedNumber(wanted);
    if (key === PROGRESS && typeof wanted === 'string')
      return this.ledger.check(path, wanted.startsWith(`${row?.step}/`), row?.step);
    if (number === undefined && typeof wanted === 'string')
      return this.ledger.compare(path, claimTexts(row, key)?.join('\n'));
    const got = claimValue(row, key);
    if (number === undefined) return this.ledger.check(path, false, got);
    if (this.told.format === 'verl-file-logger' && Number.isNaN(got) && !Number.isFinite(number)) {
      if (Number.isNaN(number)) this.ledger.compare(path, got, number);
      else this.ledger.except(path, 'nonFiniteAsNull');
      return;
    }
    const isEqual = this.isRounded && got !== undefined ? isRounded(got, number) : Object.is(got, number);
    this.ledger.check(path, isEqual, got);
  }
}

/** What stands beside the rows. */
function compareRest(entry: Fields, told: ToldFile, ledger: Ledger, rows: readonly ToldRow[]): void {
  const steps = rows.flatMap(({ step }) => step ?? []);
  for (const [key, value] of Object.entries(entry)) {
    if (key === 'rows' || key === 'log_history') continue;
    if (key === 'note') ledger.except([key], 'noteOnly');
    else if (key === 'types') ledger.except([key], 'typeOfValue');
    else if (key === 'bytes') ledger.compare([key], told.size);
    else if (key === 'global_step') ledger.compare([key], steps.at(-1));
    else if (key === 'metric_rows_in_db') ledger.compare([key], steps.length);
    else if (key === 'tables') ledger.except([key], 'databaseSchema');
    else if (key === 'restart_at_row' && typeof value === 'number')
      ledger.compare(
        [key],
        steps.findIndex((step, at) => step <= (steps[at - 1] ?? -Infinity)),
      );
  }
}
