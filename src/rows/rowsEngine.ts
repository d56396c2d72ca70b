import { compileFilter } from '../analysis/expression/compileFilter';
import { cancelled } from '../common/cancel';
import { errorCode, ImcotError } from '../common/errors';
import type { Logger } from '../common/logger';
import { TextColumn } from './column';
import type { RowQuery, RowsFound, SiblingGroup } from '../protocol/listView';
import { fieldsOfRecord } from './fieldsOfRecord';
import { inSlices } from './inSlices';
import { KeptTable } from './keptTable';
import type { ScanTarget } from './logScan';
import { LogScan } from './logScan';
import { GROUP_FIELDS, RowTable } from './rowTable';
import type { RowsApi, RowsEvents, RowsTarget } from './rowsApi';
import { runQuery } from './runQuery';
import { siblingsOf } from './siblingsOf';

/** Most indices of one slice. */
export const MAX_SLICE = 10_000;
/** New records from which on a table is worth keeping anew: so many, and this share of it, since all of it is written. */
const KEEP_RECORDS = 500;
const KEEP_SHARE = 0.1;
/** Shortest time between two reports of progress, in milliseconds. */
const REPORT_MS = 100;
/** Most values that are given of a field. */
const MAX_VALUES = 50;

/** For short work that nobody gives up. */
const NEVER = new AbortController().signal;

interface Result {
  readonly id: number;
  readonly rows: Uint32Array;
  /** Position of each record, made when it is first asked for. */
  places?: Int32Array;
}

/** Holds the table of one log, reads what is new of it, and answers what is asked of it. */
export class RowsEngine implements RowsApi {
  private readonly table = new RowTable();
  private scan: LogScan | undefined;
  private kept: KeptTable | undefined;
  private reading: Promise<void> | undefined;
  private stopped = new AbortController();
  private asked = new AbortController();
  private result: Result | undefined;
  private nextResult = 1;
  private unkept = 0;
  private isRestored = false;

  constructor(
    private readonly events: () => Pick<RowsEvents, 'reading'>,
    private readonly logger: Logger,
  ) {}

  async open({ paths, cacheFolder }: RowsTarget): Promise<void> {
    this.scan = new LogScan(paths);
    if (cacheFolder !== undefined) this.kept = new KeptTable(cacheFolder, paths, this.logger);
  }

  async query(query: RowQuery, formula?: string): Promise<RowsFound> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    const filter = compileFilter(query.text, this.table.fields);
    // A mistake is told at once, before anything is read.
    if (filter.kind === 'error') return { status: 'error', ...filter.error };
    await this.refresh();
    if (signal.aborted) throw cancelled(signal);
    const complete = !this.stopped.signal.aborted;
    this.table.useFormula(formula);
    if (needsGroups(query)) await inSlices(this.table.grouping(), signal);
    const rows = await inSlices(runQuery(this.table, filter.test, query), signal);
    const result: Result = { id: this.nextResult++, rows };
    this.result = result;
    const { judged, right } = await inSlices(this.judged(rows), signal);
    const position = query.selected === undefined ? undefined : this.placeOf(result, query.selected);
    return {
      status: 'ok',
      result: result.id,
      count: rows.length,
      judged,
      right,
      scanned: this.table.count,
      unreadable: await inSlices(this.unreadable(), signal),
      complete,
      ...(position !== undefined && { position }),
    };
  }

  async slice(result: number, start: number, end: number): Promise<Uint32Array> {
    return this.resultOf(result).rows.slice(start, Math.min(end, start + MAX_SLICE));
  }

  async positionOf(result: number, index: number): Promise<number | undefined> {
    return this.placeOf(this.resultOf(result), index);
  }

  async siblings(index: number, formula?: string): Promise<SiblingGroup | undefined> {
    await this.refresh();
    this.table.useFormula(formula);
    await inSlices(this.table.grouping(), NEVER);
    return siblingsOf(this.table, index);
  }

  async valuesOf(field: string): Promise<readonly string[]> {
    const column = this.table.column(field);
    if (!(column instanceof TextColumn)) return [];
    return [...new Set(column.all.slice(1, 10 * MAX_VALUES))].slice(0, MAX_VALUES);
  }

  async stopReading(): Promise<void> {
    this.stopped.abort();
  }

  /** Reads what is new; whoever asks meanwhile waits for the same reading. */
  private async refresh(): Promise<void> {
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    await this.reading;
  }

  private async read(): Promise<void> {
    const { scan, table } = this;
    if (!scan) throw new ImcotError('internal', 'The log of this table was not opened.');
    this.stopped = new AbortController();
    const format = await scan.format();
    await this.restore(scan, format);
    let told = performance.now();
    const target: ScanTarget = {
      cut: (count) => table.cut(count),
      add: (record) => {
        table.add(fieldsOfRecord(table.count, record));
        this.unkept++;
      },
      progress: (read, size) => {
        if (performance.now() - told < REPORT_MS) return;
        told = performance.now();
        void this.events()
          .reading(table.count, size === 0 ? 1 : read / size)
          .catch(() => undefined);
      },
    };
    try {
      await scan.read(target, this.stopped.signal);
    } catch (thrown) {
      // Stopped by a person: what was read counts.
      if (errorCode(thrown) !== 'cancelled') throw thrown;
    }
    if (this.unkept >= Math.max(KEEP_RECORDS, KEEP_SHARE * table.count)) await this.keep(scan, format);
  }

  private async restore(scan: LogScan, format: string): Promise<void> {
    if (this.isRestored) return;
    this.isRestored = true;
    const kept = await this.kept?.load(format);
    if (!kept) return;
    this.table.restore(kept.table);
    scan.restore(kept.files);
  }

  private async keep(scan: LogScan, format: string): Promise<void> {
    this.unkept = 0;
    const last = scan.scanned.at(-1);
    if (!last || !this.kept) return;
    const table = this.table.state(last.first + last.records);
    // A last line that has no end yet is not kept, so the file is looked at again.
    const files = scan.scanned.map((file) =>
      file === last && file.tail > 0 ? { ...file, tail: 0, size: -1 } : file,
    );
    await this.kept.save(format, { files, table });
  }

  private *judged(rows: Uint32Array): Generator<void, { judged: number; right: number }, void> {
    const column = this.table.column('correct');
    let [judged, right] = [0, 0];
    for (let at = 0; at < rows.length; at++) {
      const value = column?.get(rows[at] as number);
      if (value !== undefined) judged++;
      if (value === true) right++;
      if (at % 4096 === 0) yield;
    }
    return { judged, right };
  }

  private *unreadable(): Generator<void, number, void> {
    const column = this.table.column('unreadable');
    let count = 0;
    for (let row = 0; row < this.table.count; row++) {
      if (column?.get(row) === true) count++;
      if (row % 4096 === 0) yield;
    }
    return count;
  }

  private resultOf(id: number): Result {
    if (this.result?.id === id) return this.result;
    throw new ImcotError('missing', 'This list is out of date: the log was searched anew.');
  }

  private placeOf(result: Result, index: number): number | undefined {
    result.places ??= placesOf(result.rows, this.table.count);
    const place = result.places[index] ?? -1;
    return place < 0 ? undefined : place;
  }
}

/** Whether a query may ask for figures of groups: a word too many costs a little time once. */
function needsGroups({ text, sort }: RowQuery): boolean {
  return GROUP_FIELDS.some((name) => sort?.field === name || text.includes(name));
}

function placesOf(rows: Uint32Array, count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  rows.forEach((row, place) => (places[row] = place));
  return places;
}
