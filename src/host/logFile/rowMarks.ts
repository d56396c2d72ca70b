import { silentLogger } from '../../common/logger';
import type { Logger } from '../../common/logger';
import { errorMessage } from '../../common/errors';
import type { OpenFile } from '../../files/fileSource';
import { nodeMetricCodecs } from '../../files/metricCodecs';
import type { RawRow } from '../../files/rawLines';
import { metricLineReader, StepSink } from '../../files/rawLinesSteps';
import { sniffFile } from '../../files/sniffFile';
import type { RowMark } from '../../protocol/logFileView';
import type { StreamMetricReader } from '../../readers/metrics/metricReader';
import type { TrajectoryReader } from '../../readers/reader';

const OPEN_BRACE = 123;
/** The header of a table that is longer is none. */
const HEADER_BYTES = 1 << 14;

/** What the lines of a log are. */
export interface LineKinds {
  /** For people. */
  readonly label?: string;
  readonly records: boolean;
  readonly metrics: boolean;
  /** What can be opened from a row. */
  markOf(row: RawRow): RowMark | undefined;
}

/** Tells by its beginning what the lines of a log are; a file that nothing reads has lines without a meaning. */
export async function lineKinds(
  file: string,
  open: (file: string) => Promise<OpenFile>,
  logger: Logger = silentLogger,
): Promise<LineKinds> {
  const sniffed = await sniffFile(file, undefined, open);
  if ('reader' in sniffed && isByLines(sniffed.reader)) {
    return { label: sniffed.reader.label, records: true, metrics: false, markOf: recordMark };
  }
  try {
    const source = await open(file);
    try {
      const reader = await metricLineReader(source);
      if (!reader) return { records: false, metrics: false, markOf: () => undefined };
      const steps =
        reader.layout === 'stream' ? new StepMarks(reader, file, await headerOf(source, reader)) : undefined;
      return { label: reader.label, records: false, metrics: true, markOf: (row) => steps?.of(row) };
    } finally {
      await source.close();
    }
  } catch (thrown) {
    logger.warn(errorMessage(thrown));
    return { records: false, metrics: false, markOf: () => undefined };
  }
}

function isByLines({ layout }: TrajectoryReader): boolean {
  return layout === 'lines' || layout === 'events';
}

function recordMark({ bytes, continued }: RawRow): RowMark | undefined {
  const first = bytes.subarray(0, 64).find((byte) => byte > 32 && byte < 128);
  return !continued && first === OPEN_BRACE ? { kind: 'record' } : undefined;
}

async function headerOf(source: OpenFile, { format }: StreamMetricReader): Promise<Uint8Array> {
  if (format !== 'csv') return new Uint8Array(0);
  const head = await source.read(0, HEADER_BYTES);
  return head.subarray(0, head.indexOf(10) + 1);
}

/** Asks the reader of the whole file about one row of it. */
class StepMarks {
  constructor(
    private readonly reader: StreamMetricReader,
    private readonly file: string,
    private readonly header: Uint8Array,
  ) {}

  of({ bytes, start, continued, continues }: RawRow): RowMark | undefined {
    if (continued || continues || bytes.length === 0 || start < this.header.length) return undefined;
    const sink = new StepSink();
    const stream = this.reader.start(sink, { file: this.file, codecs: nodeMetricCodecs });
    stream.write(this.header);
    stream.write(lineOf(bytes));
    stream.finish();
    const step = sink.steps.at(sink.steps.length - 1);
    return Number.isFinite(step) ? { kind: 'step', step } : undefined;
  }
}

function lineOf(bytes: Uint8Array): Uint8Array {
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 10;
  return line;
}
