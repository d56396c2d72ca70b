import type { ByteSource } from '../common/byteSource';
import { decodeUtf8 } from '../common/json';
import { NumberColumn } from '../metrics/columns';
import { SilentSink } from '../metrics/silentSink';
import type { MetricReader } from '../readers/metrics/metricReader';
import { sniffMetrics } from '../readers/metrics/metricRegistry';
import { nodeMetricCodecs } from './metricCodecs';
import type { StepRows } from './rawLinesJobs';

/** Bytes that tell what a file is. */
const HEAD_BYTES = 1 << 16;
/** Bytes of a piece. */
const PIECE_BYTES = 1 << 20;

/** A sink that keeps nothing but where rows with a step stand. */
export class StepSink extends SilentSink {
  readonly steps = new NumberColumn();
  readonly starts = new NumberColumn();
  readonly ends = new NumberColumn();

  override row(step: number | undefined, _wallTime: number | undefined, start: number, end: number): void {
    if (step === undefined || end <= start) return;
    this.steps.push(step);
    this.starts.push(start);
    this.ends.push(end);
  }
}

/** The reader of a text file of metrics by its first bytes; `undefined` for any other file. */
export async function metricLineReader(source: ByteSource): Promise<MetricReader | undefined> {
  const head = await source.read(0, HEAD_BYTES);
  if (head.includes(0)) return undefined;
  const lines = decodeUtf8(head).split('\n');
  // A file of one line without a line end is told by that line.
  const complete = lines.length > 1 ? lines.slice(0, -1) : lines;
  const found = sniffMetrics({
    path: source.name.replaceAll('\\', '/'),
    head,
    lines: complete.map((line) => line.replace(/\r$/, '')),
  });
  return found && ['tensorboard', 'wandb', 'mlflow-sqlite', 'trackio'].includes(found.format)
    ? undefined
    : found;
}

/** Where the steps of a file of metrics stand; `undefined` when it is none, or has no step. */
export async function stepRows(source: ByteSource): Promise<StepRows | undefined> {
  const reader = await metricLineReader(source);
  if (!reader) return undefined;
  const sink = new StepSink();
  const context = { file: source.name, codecs: nodeMetricCodecs };
  if (reader.layout === 'whole') await reader.read(source, sink, context);
  else {
    const stream = reader.start(sink, context);
    for (let at = 0; ;) {
      const piece = await source.read(at, PIECE_BYTES);
      if (piece.length === 0) break;
      stream.write(piece);
      at += piece.length;
    }
    stream.finish();
  }
  const { steps, starts, ends } = sink;
  const copy = (column: NumberColumn): Float64Array =>
    Float64Array.from({ length: column.length }, (_, at) => column.at(at));
  return steps.length === 0 ? undefined : { steps: copy(steps), starts: copy(starts), ends: copy(ends) };
}
