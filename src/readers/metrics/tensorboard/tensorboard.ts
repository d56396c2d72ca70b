import { decodeUtf8 } from '../../../common/json';
import type { MetricSink } from '../../../metrics/metricSink';
import type { StreamMetricReader } from '../metricReader';
import { Names } from '../names';
import { Fields, viewOf, WIRE } from '../protobuf';
import { readTensor } from './tensor';
import { HEAD, isRecordHead, TAIL, TfRecords } from './tfRecords';

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

  /** One object for each level of the messages of every event. */
  private readonly event = new Fields();
  private readonly summary = new Fields();
  private readonly inValue = new Fields();

  constructor(private readonly sink: MetricSink) {}

  decode(bytes: Uint8Array, view: DataView, from: number, to: number, start: number): void {
    const fields = this.event.open(bytes, view, from, to);
    let wallTime: number | undefined;
    let step = 0;
    let purges = false;
    let summary: Fields | undefined;
    while (fields.next()) {
      const { field, wire } = fields;
      if (field === EVENT.wallTime && wire === WIRE.fixed64) wallTime = fields.double;
      else if (field === EVENT.step && wire === WIRE.varint) step = fields.signed;
      else if (field === EVENT.summary && wire === WIRE.bytes) summary = fields.messageWith(this.summary);
      else if (field === EVENT.fileVersion && wire === WIRE.bytes) {
        this.sink.setting('file_version', decodeUtf8(fields.content));
      } else if (field === EVENT.sessionLog && wire === WIRE.bytes) purges = isStart(fields.message);
    }
    // Whoever starts a session at a step says that what was written from there on is void.
    if (purges) this.sink.break('purge', step);
    if (!summary) return;
    this.sink.row(step, wallTime, start, to + TAIL);
    while (summary.next()) {
      if (summary.field === 1 && summary.wire === WIRE.bytes)
        this.value(summary.messageWith(this.inValue), bytes);
    }
  }

  private value(fields: Fields, bytes: Uint8Array): void {
    let tag = '';
    let simple: number | undefined;
    let tensor: Fields | undefined;
    let metadata: Fields | undefined;
    while (fields.next()) {
      const { field, wire } = fields;
      if (field === VALUE.tag && wire === WIRE.bytes) tag = this.names.read(bytes, fields.from, fields.to);
      else if (field === VALUE.simple && wire === WIRE.fixed32) simple = fields.float;
      else if (field === VALUE.tensor && wire === WIRE.bytes) tensor = fields.message;
      else if (field === VALUE.metadata && wire === WIRE.bytes) metadata = fields.message;
    }
    if (metadata) this.remember(tag, metadata);
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
      while (plugin.next()) {
        if (plugin.field === 1 && plugin.wire === WIRE.bytes)
          this.plugins.set(tag, decodeUtf8(plugin.content));
      }
    }
  }
}

function isStart(sessionLog: Fields): boolean {
  while (sessionLog.next()) {
    if (sessionLog.field === 1 && sessionLog.wire === WIRE.varint)
      return sessionLog.unsigned === SESSION_START;
  }
  return false;
}

/** Event files as TensorBoard, PyTorch, tensorboardX and the trainers above them write them. */
export const tensorboardReader: StreamMetricReader = {
  format: 'tensorboard',
  label: 'TensorBoard events',
  layout: 'stream',
  sniff: ({ path, head }) => {
    const named = /(?:^|\/)events\.out\.tfevents\./.test(path);
    // Other TFRecord files exist; this one's first record says its version.
    const isEvents =
      head.length >= HEAD &&
      isRecordHead(head, viewOf(head), 0) &&
      (named || decodeUtf8(head.subarray(HEAD, 64)).includes('brain.Event'));
    if (isEvents) return 1;
    // Its first record may be damaged, or not be there yet.
    return named ? 0.5 : 0;
  },
  start: (sink) => {
    const decoder = new EventDecoder(sink);
    return new TfRecords({
      record: (bytes, view, from, to, start) => decoder.decode(bytes, view, from, to, start),
      damaged: (reason, start, end) => sink.damaged(reason, start, end),
    });
  },
};
