import { stat } from 'node:fs/promises';
import { readMetricFile, sniffMetricFile } from '../../src/files/metricFile';
import type { BreakKind, MetricSink, RunDescription, RunState } from '../../src/metrics/metricSink';

/** A row as a reader told it. What was compared is taken out, so that the rest can be seen. */
export interface ToldRow {
  readonly step: number | undefined;
  readonly wall: number | undefined;
  readonly start: number;
  readonly values: Map<string, number[]>;
  readonly texts: Map<string, string[]>;
}

/** A run as a reader told it. */
export interface ToldRun {
  readonly description: RunDescription;
  readonly rows: ToldRow[];
  /** In the order in which they were told; a key may come again. */
  readonly settings: [key: string, value: unknown][];
  readonly states: RunState[];
  readonly breaks: { readonly kind: BreakKind; readonly step: number | undefined; readonly row: number }[];
  /** Texts in the order in which they were told. */
  readonly texts: [key: string, text: string][];
}

/** Everything that a reader told of a file. */
export interface ToldFile {
  readonly format: string;
  readonly size: number;
  readonly runs: readonly ToldRun[];
  readonly damages: readonly { readonly reason: string; readonly start: number; readonly end: number }[];
  /** Bytes at the end that are no whole record. */
  readonly tail: number;
}

class Recorder implements MetricSink {
  readonly runs: ToldRun[] = [];
  readonly damages: { reason: string; start: number; end: number }[] = [];
  private current: ToldRun | undefined;

  run(description: RunDescription): void {
    const id = description.id ?? description.name;
    this.current = this.runs.find((run) => (run.description.id ?? run.description.name) === id);
    if (this.current) return;
    this.current = { description, rows: [], settings: [], states: [], breaks: [], texts: [] };
    this.runs.push(this.current);
  }

  row(step: number | undefined, wall: number | undefined, start: number): void {
    this.here().rows.push({ step, wall, start, values: new Map(), texts: new Map() });
  }

  value(key: string, value: number): void {
    const values = this.lastRow().values;
    values.set(key, [...(values.get(key) ?? []), value]);
  }

  text(key: string, text: string): void {
    const texts = this.here().rows.at(-1)?.texts;
    texts?.set(key, [...(texts.get(key) ?? []), text]);
    this.here().texts.push([key, text]);
  }

  setting(key: string, value: unknown): void {
    this.here().settings.push([key, value]);
  }

  break(kind: BreakKind, step: number | undefined): void {
    this.here().breaks.push({ kind, step, row: this.here().rows.length });
  }

  state(state: RunState): void {
    this.here().states.push(state);
  }

  damaged(reason: string, start: number, end: number): void {
    this.damages.push({ reason, start, end });
  }

  private lastRow(): ToldRow {
    if (this.here().rows.length === 0) this.row(undefined, undefined, 0);
    return this.here().rows.at(-1) as ToldRow;
  }

  private here(): ToldRun {
    if (!this.current) this.run({});
    return this.current as ToldRun;
  }
}

/** Reads a file as the product does, before anything is merged. Undefined when no reader of metrics takes it. */
export async function readTold(file: string): Promise<ToldFile | undefined> {
  const reader = await sniffMetricFile(file);
  if (!reader) return undefined;
  const recorder = new Recorder();
  let tail = 0;
  let whole: number | undefined;
  const onTail = (bytes: number): void => {
    [tail, whole] = [bytes, recorder.damages.length];
  };
  await readMetricFile(file, reader, recorder, { onTail });
  const { size } = await stat(file);
  const damages = recorder.damages.slice(0, whole);
  return { format: reader.format, size, runs: recorder.runs, damages, tail };
}

/** Takes a value out of a row. */
export function claimValue(row: ToldRow | undefined, key: string): number | undefined {
  const values = row?.values.get(key);
  const value = values?.shift();
  if (values?.length === 0) row?.values.delete(key);
  return value;
}

/** Takes all texts of a key out of a row. */
export function claimTexts(row: ToldRow | undefined, key: string): readonly string[] | undefined {
  const texts = row?.texts.get(key);
  row?.texts.delete(key);
  return texts;
}

/** Values that nobody took, by the row that holds them. */
export function* leftValues(rows: readonly ToldRow[]): Generator<{ row: ToldRow; what: string }> {
  for (const row of rows) {
    for (const [key, values] of row.values) {
      for (const value of values) yield { row, what: `step ${row.step}, ${key} = ${value}` };
    }
  }
}
