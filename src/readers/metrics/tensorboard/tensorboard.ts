import { decodeUtf8 } from '../../../common/json';
import type { MetricSink } from '../../../metrics/metricSink';
import type { StreamMetricReader } from '../metricReader';
import { Fields, WIRE } from '../protobuf';
import { maskedCrc32c } from './crc32c';
import { Names } from './names';
import { readTensor } from './tensor';
import { TfRecords } from './tfRecords';

/*
 * TensorBoard's event files. Source: `tensorflow/core/util/event.proto` (Event: 1 wall_time, 2 step, 3 file_version,
 * 5 summary, 7 session_log), `framework/summary.proto` (Value: 1 tag, 2 simple_value, 8 tensor, 9 metadata with 1
 * plugin_data with 1 plugin_name).
 */

const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5, sessionLog: 7 } as const;
const VALUE = { tag: 1, simple: 2, tensor: 8, metadata: 9 } as const;
const SESSION_START = 1;

class EventDecoder {
  private readonly names = new Names();
  /** The plugin of a tag, which may stand in the tag's first event only. */
  private readonly plugins = new Map<string, string>();

  constructor(private readonly sink: MetricSink) {}

  decode(bytes: Uint8Array, from: number, to: number, start: number): void {
    const fields = new Fields(bytes, from, to);
    let wallTime: number | undefined;
    let step = 0;
    let purges = false;
    const summaries: Fields[] = [];
    while (fields.next()) {
      const { field, wire } = fields;
      if (field === EVENT.wallTime && wire === WIRE.fixed64) wallTime = fields.double;
      else if (field === EVENT.step && wire === WIRE.varint) step = fields.signed;
      else if (field === EVENT.summary && wire === WIRE.bytes) summaries.push(fields.message);
      else if (field === EVENT.fileVersion && wire === WIRE.bytes) {
        this.sink.setting('file_version', decodeUtf8(fields.content));
      } else if (field === EVENT.sessionLog && wire === WIRE.bytes) purges = isStart(fields.message);
    }
    // Whoever starts a session at a step says that what was written from there on is void.
    if (purges) this.sink.break('purge', step);
    this.sink.row(step, wallTime, start, to + 4);
    for (const summary of summaries) this.summary(summary, bytes);
  }

  private summary(fields: Fields, bytes: Uint8Array): void {
    while (fields.next()) {
      if (fields.field === 1 && fields.wire === WIRE.bytes) this.value(fields.message, bytes);
    }
  }

  private value(fields: Fields, bytes: Uint8Array): void {
    let tag = '';
    let simple: number | undefined;
    let tensor: Fields | undefined;
    while (fields.next()) {
      const { field, wire } = fields;
      if (field === VALUE.tag && wire === WIRE.bytes) tag = this.names.read(bytes, fields.from, fields.to);
      else if (field === VALUE.simple && wire === WIRE.fixed32) simple = fields.float;
      else if (field === VALUE.tensor && wire === WIRE.bytes) tensor = fields.message;
      else if (field === VALUE.metadata && wire === WIRE.bytes) this.remember(tag, fields.message);
    }
    if (simple !== undefined) this.sink.value(tag, simple);
    else if (tensor) this.tensor(tag, tensor);
  }

  private tensor(tag: string, fields: Fields): void {
    const content = readTensor(fields);
    const plugin = this.plugins.get(tag);
    if (content.kind === 'texts') for (const text of content.texts) this.sink.text(tag, text);
    // Without a word about its plugin a single number is a scalar; a histogram of one row is named as what it is.
    else if (content.kind === 'number' && (plugin ?? 'scalars') === 'scalars')
      this.sink.value(tag, content.value);
  }

  private remember(tag: string, metadata: Fields): void {
    while (metadata.next()) {
      if (metadata.field !== 1 || metadata.wire !== WIRE.bytes) continue;
      const plugin = metadata.message;
      while (plugin.next()) if (plugin.field === 1) this.plugins.set(tag, decodeUtf8(plugin.content));
    }
  }
}

function isStart(sessionLog: Fields): boolean {
  while (sessionLog.next()) if (sessionLog.field === 1) return sessionLog.unsigned === SESSION_START;
  return false;
}

/** Event files as TensorBoard, PyTorch, tensorboardX and the trainers above them write them. */
export const tensorboardReader: StreamMetricReader = {
  format: 'tensorboard',
  label: 'TensorBoard events',
  layout: 'stream',
  sniff: ({ path, head }) => {
    const named = /(?:^|\/)events\.out\.tfevents\./.test(path);
    if (head.length < 12) return named ? 0.5 : 0;
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const isHead = view.getUint32(4, true) === 0 && view.getUint32(8, true) === maskedCrc32c(head, 0, 8);
    // Other TFRecord files exist; this one's first record says its version.
    return isHead && (named || decodeUtf8(head.subarray(12, 64)).includes('brain.Event'))
      ? 1
      : named
        ? 0.5
        : 0;
  },
  start: (sink) => {
    const decoder = new EventDecoder(sink);
    return new TfRecords({
      record: (bytes, from, to, start) => decoder.decode(bytes, from, to, start),
      damaged: (reason, start, end) => sink.damaged(reason, start, end),
    });
  },
};
