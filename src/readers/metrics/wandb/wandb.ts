import { decodeUtf8 } from '../../../common/json';
import type { MetricSink } from '../../../metrics/metricSink';
import type { StreamMetricReader } from '../metricReader';
import { Names } from '../names';
import { Fields, WIRE } from '../protobuf';
import { BlockLog, isBlockLogHead } from './blockLog';
import { ConsoleLines } from './consoleLines';
import type { Item } from './items';
import { itemKey, joinMedia, readItem, readItems, tellItem } from './items';

/*
 * The records of a W&B run file. Source: W&B `wandb_internal.proto` (Record: 2 history, 3 summary, 4 and 13 output,
 * 5 config, 7 stats, 17 run, 18 exit). Left out: files, artifacts, telemetry, alerts and metric definitions, which hold
 * no values of the run, and the config key `_wandb`, W&B's own bookkeeping.
 */

const RECORD = {
  history: 2,
  summary: 3,
  output: 4,
  config: 5,
  stats: 7,
  outputRaw: 13,
  run: 17,
  exit: 18,
} as const;
const HISTORY = { item: 1, step: 2 } as const;
const STATS = { timestamp: 2, item: 3 } as const;
const OUTPUT = { stream: 1, timestamp: 2, text: 3 } as const;
const RUN = { id: 1, project: 3, config: 4, summary: 5, name: 8 } as const;
/** Of a config and a summary record alike. */
const UPDATE = 1;

/** Where a record stands in its file. */
interface Place {
  readonly start: number;
  readonly end: number;
}

class RecordDecoder {
  private readonly names = new Names();
  readonly console: ConsoleLines;

  constructor(private readonly sink: MetricSink) {
    this.console = new ConsoleLines(sink);
  }

  decode(bytes: Uint8Array, from: number, to: number, place: Place): void {
    const record = Fields.of(bytes, from, to);
    while (record.next()) {
      if (record.wire !== WIRE.bytes) continue;
      const fields = record.message;
      if (record.field === RECORD.history) this.history(fields, bytes, place);
      else if (record.field === RECORD.summary) this.summary(fields, bytes);
      else if (record.field === RECORD.config) this.config(fields, bytes);
      else if (record.field === RECORD.stats) this.stats(fields, bytes, place);
      else if (record.field === RECORD.output || record.field === RECORD.outputRaw)
        this.output(fields, place);
      else if (record.field === RECORD.run) this.run(fields, bytes);
      else if (record.field === RECORD.exit) this.sink.state(exitCode(fields) === 0 ? 'finished' : 'failed');
    }
  }

  private history(fields: Fields, bytes: Uint8Array, { start, end }: Place): void {
    this.console.hasHistory();
    const items: Item[] = [];
    let step: number | undefined;
    let wallTime: number | undefined;
    let recordStep: number | undefined;
    while (fields.next()) {
      if (fields.wire !== WIRE.bytes) continue;
      if (fields.field === HISTORY.step) recordStep = firstNumber(fields.message);
      if (fields.field !== HISTORY.item) continue;
      const item = readItem(fields.message, bytes, this.names);
      const { path, value } = item;
      if (path.length === 1 && path[0] === '_step' && typeof value === 'number') step = value;
      else if (path.length === 1 && path[0] === '_timestamp' && typeof value === 'number') wallTime = value;
      else items.push(item);
    }
    this.sink.row(step ?? recordStep, wallTime, start, end);
    for (const item of joinMedia(items)) tellItem(itemKey(item), item.value, this.sink);
  }

  /** Not part of any step: the last, best or own value of a key, as the writer keeps it. */
  private summary(fields: Fields, bytes: Uint8Array): void {
    for (const item of readItems(fields, UPDATE, bytes, this.names)) {
      this.sink.setting(`summary/${itemKey(item)}`, item.value);
    }
  }

  private config(fields: Fields, bytes: Uint8Array): void {
    for (const item of readItems(fields, UPDATE, bytes, this.names)) {
      if (item.path[0] !== '_wandb') this.sink.setting(itemKey(item), item.value);
    }
  }

  /** What the machine was doing, at a time and not at a step. */
  private stats(fields: Fields, bytes: Uint8Array, { start, end }: Place): void {
    let wallTime: number | undefined;
    const items: Item[] = [];
    while (fields.next()) {
      if (fields.wire !== WIRE.bytes) continue;
      if (fields.field === STATS.timestamp) wallTime = seconds(fields.message);
      else if (fields.field === STATS.item) items.push(readItem(fields.message, bytes, this.names));
    }
    this.sink.row(undefined, wallTime, start, end);
    for (const item of items) tellItem(`system/${itemKey(item)}`, item.value, this.sink);
  }

  private output(fields: Fields, { start, end }: Place): void {
    let stream = 0;
    let wallTime: number | undefined;
    let text = '';
    while (fields.next()) {
      const { field, wire } = fields;
      if (field === OUTPUT.stream && wire === WIRE.varint) stream = fields.unsigned;
      else if (field === OUTPUT.timestamp && wire === WIRE.bytes) wallTime = seconds(fields.message);
      else if (field === OUTPUT.text && wire === WIRE.bytes) text = decodeUtf8(fields.content);
    }
    this.console.add(stream, text, wallTime, start, end);
  }

  private run(fields: Fields, bytes: Uint8Array): void {
    const words = new Map<number, string>();
    let config: Fields | undefined;
    let summary: Fields | undefined;
    while (fields.next()) {
      if (fields.wire !== WIRE.bytes) continue;
      if (fields.field === RUN.config) config = fields.message;
      else if (fields.field === RUN.summary) summary = fields.message;
      else words.set(fields.field, decodeUtf8(fields.content));
    }
    const [id, name, group] = [words.get(RUN.id), words.get(RUN.name), words.get(RUN.project)];
    this.sink.run({ ...(id && { id }), ...(name && { name }), ...(group && { group }) });
    // Until its exit is written, a run goes on, or was killed, which its file can't tell.
    this.sink.state('running');
    if (config) this.config(config, bytes);
    if (summary) this.summary(summary, bytes);
  }
}

/** Field 1 of a message as a number; 0, which is left out on the wire, where there is none. */
function firstNumber(fields: Fields): number {
  while (fields.next()) if (fields.field === 1 && fields.wire === WIRE.varint) return fields.signed;
  return 0;
}

const exitCode = firstNumber;

/** Protobuf's `Timestamp` (1 seconds, 2 nanoseconds) in seconds since 1970. */
function seconds(fields: Fields): number {
  let time = 0;
  while (fields.next()) {
    if (fields.wire !== WIRE.varint) continue;
    if (fields.field === 1) time += fields.signed;
    else if (fields.field === 2) time += fields.signed / 1e9;
  }
  return time;
}

/** The `.wandb` file that W&B keeps of a run, offline or not. */
export const wandbReader: StreamMetricReader = {
  format: 'wandb',
  label: 'W&B run',
  layout: 'stream',
  sniff: ({ path, head }) => {
    if (head.length >= 4 && isBlockLogHead(head)) return 1;
    // Its head may be damaged, or not be there yet.
    return path.endsWith('.wandb') ? 0.5 : 0;
  },
  start: (sink, { codecs }) => {
    const decoder = new RecordDecoder(sink);
    const log = new BlockLog((bytes) => codecs.crc32(bytes), {
      record: (bytes, from, to, start, end) => decoder.decode(bytes, from, to, { start, end }),
      damaged: (reason, start, end) => sink.damaged(reason, start, end),
    });
    return {
      write: (chunk) => log.write(chunk),
      get pending() {
        return log.pending;
      },
      finish: () => {
        log.finish();
        decoder.console.finish();
      },
    };
  },
};
