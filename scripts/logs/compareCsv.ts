import type { Comparison } from './comparison';
import { listOf } from './comparison';
import { wantedNumber } from './numbers';
import type { ToldRow } from './told';
import { claimValue, leftValues } from './told';

/** What W&B's export writes between a run and its key. */
const OF_RUN = ' - ';

/** Tables of several runs: the first column is the step, the others are `run - key`. */
export const csvComparison: Comparison = {
  fits: (entry) => listOf(entry['columns']).length > 0 && listOf(entry['rows']).every(Array.isArray),
  compare: (entry, told, ledger) => {
    const columns = listOf(entry['columns']).map(String);
    const rows = told.runs.flatMap((run) => run.rows.map((row) => ({ run: run.description.name, row })));
    const seen = new Set<number>();
    const find = (step: unknown, run: string): ToldRow | undefined =>
      rows.find((one) => one.run === run && one.row.step === step)?.row;
    listOf(entry['rows']).forEach((cells, index) => {
      const [step, ...values] = listOf(cells);
      const isThere = rows.some(({ row }) => row.step === step);
      const allEmpty = values.every((value) => Number.isNaN(wantedNumber(value)));
      if (!isThere && allEmpty) ledger.except(['rows', index, 0], 'emptyCell');
      else ledger.check(['rows', index, 0], isThere, isThere ? step : undefined);
      values.forEach((value, at) => {
        const column = columns[at + 1] ?? '';
        const place = column.lastIndexOf(OF_RUN);
        const row = find(step, column.slice(0, place));
        const got = claimValue(row, column.slice(place + OF_RUN.length));
        const path = ['rows', index, at + 1];
        if (got !== undefined) seen.add(at + 1);
        const wanted = wantedNumber(value);
        if (got === undefined && Number.isNaN(wanted)) ledger.except(path, 'emptyCell');
        else ledger.compare(path, got, wanted);
      });
    });
    columns.forEach((column, at) => {
      if (at === 0) ledger.except(['columns', 0], 'stepColumn');
      else ledger.check(['columns', at], seen.has(at), seen.has(at) ? column : undefined);
    });
    if ('note' in entry) ledger.except(['note'], 'noteOnly');
    for (const { what } of leftValues(rows.map(({ row }) => row))) ledger.extra(what);
  },
};
