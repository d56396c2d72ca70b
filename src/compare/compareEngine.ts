import type { Cell, ComparedLogs } from '../analysis/compare/comparison';
import { Comparison } from '../analysis/compare/comparison';
import { NO_ROW, pairRollouts } from '../analysis/compare/pairRollouts';
import { compileFilter } from '../analysis/expression/compileFilter';
import type { FieldTable } from '../analysis/expression/field';
import { throwIfCancelled } from '../common/cancel';
import { ImcotError } from '../common/errors';
import type { ComparedRollout, ComparedRow, CompareFound, CompareQuery, Side } from '../protocol/compareView';
import { readerOf } from '../readers/registry';
import type { FormatId } from '../readers/reader';
import { inSlices } from '../rows/inSlices';
import type { CompareApi, CompareEvents, CompareTarget } from './compareApi';
import { ComparedLog } from './comparedLog';
import { pairFields } from './pairFields';

/** Most rows of one request. */
export const MAX_ROWS = 1000;
/** Shortest time between two reports of progress, in milliseconds. */
const REPORT_MS = 100;
/** Rows that are tested before a pause is possible. */
const PAUSE = 512;

interface Compared {
  readonly logs: Readonly<Record<Side, ComparedLog>>;
  readonly comparison: Comparison;
  readonly fields: FieldTable<number>;
  /** Place of each row among the pairs of its question, from 1. */
  readonly places: Uint32Array;
}

/** Holds two logs set side by side, and answers what is asked of them. */
export class CompareEngine implements CompareApi {
  private compared: Compared | undefined;
  private reading = new AbortController();
  private asked = new AbortController();
  private result: { readonly id: number; readonly rows: Uint32Array } | undefined;
  private nextResult = 1;
  private told = -Infinity;

  constructor(private readonly events: () => CompareEvents) {}

  async compare(target: CompareTarget): Promise<ComparedLogs> {
    this.reading.abort();
    this.reading = new AbortController();
    const { signal } = this.reading;
    // Only one pair of logs is held at a time.
    this.compared = undefined;
    this.result = undefined;
    const a = await this.read('a', target.a, signal);
    const b = await this.read('b', target.b, signal);
    const pairing = pairRollouts(a.asked, b.asked);
    const comparison = new Comparison(pairing, a, b);
    throwIfCancelled(signal);
    const tables = { a: a.table.fields, b: b.table.fields };
    this.compared = {
      logs: { a, b },
      comparison,
      fields: pairFields(pairing, tables),
      places: placesOf(pairing.question),
    };
    return {
      summary: comparison.summary,
      formats: { a: labelOf(a.formatId), b: labelOf(b.formatId) },
      ...sameRollouts(a, b),
    };
  }

  async query({ text, cell, selected }: CompareQuery): Promise<CompareFound> {
    this.asked.abort();
    this.asked = new AbortController();
    const { comparison, fields } = this.current();
    const filter = compileFilter(text, fields);
    if (filter.kind === 'error') return { status: 'error', ...filter.error };
    const rows = await inSlices(testedRows(comparison, filter.test, cell), this.asked.signal);
    this.result = { id: this.nextResult++, rows };
    const position = selected === undefined ? -1 : rows.indexOf(selected);
    return {
      status: 'ok',
      result: this.result.id,
      count: rows.length,
      ...(position >= 0 && { position }),
    };
  }

  async rows(result: number, start: number, end: number): Promise<readonly ComparedRow[]> {
    const compared = this.current();
    if (this.result?.id !== result)
      throw new ImcotError('missing', 'This list is out of date: the logs were searched anew.');
    const wanted = this.result.rows.subarray(start, Math.min(end, start + MAX_ROWS));
    return [...wanted].map((row) => rowView(compared, row));
  }

  async stop(): Promise<void> {
    this.reading.abort();
  }

  private current(): Compared {
    if (this.compared) return this.compared;
    throw new ImcotError('missing', 'The logs have not been compared yet.');
  }

  private async read(side: Side, paths: readonly string[], signal: AbortSignal): Promise<ComparedLog> {
    const before = side === 'a' ? 0 : 0.5;
    return ComparedLog.read(paths, signal, (records, done) => {
      if (performance.now() - this.told < REPORT_MS) return;
      this.told = performance.now();
      void this.events()
        .reading(side, records, before + done / 2)
        .catch(() => undefined);
    });
  }
}

function labelOf(format: string): string {
  return readerOf(format as FormatId)?.label ?? format;
}

function sameRollouts(a: ComparedLog, b: ComparedLog): Pick<ComparedLogs, 'sameRollouts'> {
  const [ofA, ofB] = [a.content(), b.content()];
  if (ofA.records === 0 || ofA.records !== ofB.records || ofA.rollouts !== ofB.rollouts) return {};
  return { sameRollouts: { judgedA: ofA.judged > 0, judgedB: ofB.judged > 0 } };
}

function* testedRows(
  comparison: Comparison,
  test: (row: number) => boolean,
  cell: Cell | undefined,
): Generator<void, Uint32Array, void> {
  const { count } = comparison.pairing;
  const rows = new Uint32Array(count);
  let found = 0;
  for (let row = 0; row < count; row++) {
    if ((cell === undefined || comparison.cellAt(row) === cell) && test(row)) rows[found++] = row;
    if (row % PAUSE === 0) yield;
  }
  return rows.slice(0, found);
}

function placesOf(questions: Int32Array): Uint32Array {
  const seen = new Map<number, number>();
  return Uint32Array.from(questions, (question) => {
    const place = (seen.get(question) ?? 0) + 1;
    seen.set(question, place);
    return place;
  });
}

function rowView({ logs, comparison, places }: Compared, row: number): ComparedRow {
  const { pairing } = comparison;
  const [inA, inB] = [pairing.a[row] ?? NO_ROW, pairing.b[row] ?? NO_ROW];
  const [log, record] = inA === NO_ROW ? [logs.b, inB] : [logs.a, inA];
  const tally = inA === NO_ROW || inB === NO_ROW ? undefined : comparison.tallyOf(row);
  return {
    row,
    cell: comparison.cellAt(row),
    question: log.value<string>('question', record) ?? '',
    ...(inA !== NO_ROW && { a: rolloutView(logs.a, inA) }),
    ...(inB !== NO_ROW && { b: rolloutView(logs.b, inB) }),
    ...(tally && tally.pairs > 1 && { several: { place: places[row] ?? 1, tally } }),
  };
}

function rolloutView(log: ComparedLog, index: number): ComparedRollout {
  const answer = log.value<string>('answer', index);
  const correct = log.correct(index);
  const zooms = log.zooms(index);
  const tokens = log.tokens(index);
  const step = log.value<number>('step', index);
  const outcome = log.value<NonNullable<ComparedRollout['outcome']>>('outcome', index);
  return {
    index,
    ...(answer !== undefined && { answer }),
    ...(correct !== undefined && { correct }),
    ...(zooms !== undefined && { zooms }),
    ...(tokens !== undefined && { tokens }),
    ...(step !== undefined && { step }),
    ...(outcome !== undefined && { outcome }),
  };
}
