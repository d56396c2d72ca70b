import { parseJson } from '../../../common/json';
import type { MetricSink } from '../../../metrics/metricSink';
import type { JsonFields } from '../jsonRows';
import { tellFields } from '../jsonRows';
import type { SqlRow } from '../metricCodecs';
import { cellNumber, cellText } from './cells';
import type { DatabaseWalk } from './databaseWalk';

/** How trackio writes numbers that JSON can't hold. */
const NOT_FINITE: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };
const MAX_DEPTH = 8;

/**
 * Tells the runs of trackio's tables; false where these are not its tables. What the machine did (`system_metrics`)
 * comes as rows without a step. Tables: trackio/sqlite_storage.py of trackio 0.43.
 */
export async function tellTrackio(walk: DatabaseWalk): Promise<boolean> {
  if (!walk.has('metrics', 'run_name', 'metrics', 'step')) return false;
  const { sink } = walk;
  await walk.rows('configs', ['run_id', 'run_name', 'config'], (row) => {
    turnTo(row, walk);
    for (const [key, value] of fieldsOf(row['config']) ?? []) sink.setting(key, value);
  });
  const columns = ['run_id', 'run_name', 'timestamp', 'step', 'metrics'];
  for (const table of ['metrics', 'system_metrics']) {
    await walk.rows(table, columns, (row) => {
      const fields = fieldsOf(row['metrics']);
      turnTo(row, walk);
      sink.row(cellNumber(row['step']), timeOf(cellText(row['timestamp'])), 0, 0);
      if (fields) tellNumbers(fields, sink);
      else sink.damaged(`A row of the table "${table}" holds no JSON object.`, 0, 0);
    });
  }
  return true;
}

function turnTo({ run_id: id, run_name: name }: SqlRow, { sink, name: group }: DatabaseWalk): void {
  const [known, called] = [cellText(id), cellText(name)];
  sink.run({ ...(known && { id: known }), ...(called && { name: called }), group });
}

function fieldsOf(cell: SqlRow[string] | undefined): JsonFields | undefined {
  const parsed = parseJson(cellText(cell) ?? '');
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
  return new Map(Object.entries(parsed.value));
}

/** Hands over numbers and words; objects that name a `_type` are pictures, tables and the like. */
function tellNumbers(fields: JsonFields, sink: MetricSink, prefix = '', depth = 0): void {
  for (const [name, value] of fields) {
    const key = prefix + name;
    const number = typeof value === 'string' ? NOT_FINITE[value] : undefined;
    if (number !== undefined) sink.value(key, number);
    else if (typeof value !== 'object') tellFields([[key, value]], sink);
    else if (value !== null && !Array.isArray(value) && !('_type' in value) && depth < MAX_DEPTH)
      tellNumbers(new Map(Object.entries(value)), sink, `${key}/`, depth + 1);
  }
}

/** Seconds since 1970 of an ISO time; microseconds, which `Date` passes over, included. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  // Without a zone trackio means UTC, and `Date` would take it for the time of this machine.
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
  const fraction = Number(/\.\d+/.exec(zoned)?.[0] ?? 0);
  const milliseconds = Date.parse(zoned.replace(/\.\d+/, ''));
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000 + fraction;
}
