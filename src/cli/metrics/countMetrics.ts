import { errorMessage } from '../../common/errors';
import { readMetricFile } from '../../files/metricFile';
import type { MetricSource } from '../../files/metricSources';
import type { CliIo } from '../cliIo';
import { Progress } from '../progress';
import { RowCounter } from '../../metrics/rowCounter';
import { stepRange, type StepRange } from '../../metrics/stepRange';
import { safeLine } from '../text/safeText';

/** What a source of metrics holds. */
export interface CountedMetrics {
  readonly path: string;
  readonly format: string;
  /** Rows. */
  readonly records: number;
  readonly badRecords: number;
  readonly steps: StepRange | null;
}

/** Reads sources from end to end to count their rows. What can't be read is told on standard error. */
export async function countMetrics(
  sources: readonly MetricSource[],
  io: CliIo,
): Promise<{ readonly sources: readonly CountedMetrics[]; readonly hasErrors: boolean }> {
  const progress = new Progress(io.err);
  const tell = (sentence: string): void => {
    progress.clear();
    io.err.write(`imcot: ${safeLine(sentence)}\n`);
  };
  let hasErrors = false;
  const counted: CountedMetrics[] = [];
  for (const { path, files, reader } of sources) {
    const counter = new RowCounter();
    let badRecords = 0;
    for (const file of files) {
      counter.damages.length = 0;
      let whole: number | undefined;
      const onTail = (bytes: number): void => {
        whole = counter.damages.length;
        tell(`${file} ends in ${bytes} bytes that are no whole record (yet).`);
      };
      const onProgress = (): void => progress.update(() => `${safeLine(file)}: ${counter.rows} rows`);
      try {
        await readMetricFile(file, reader, counter, { signal: io.signal, onProgress, onTail });
      } catch (thrown) {
        if (io.signal.aborted) throw thrown;
        hasErrors = true;
        tell(errorMessage(thrown));
      }
      const bad = counter.damages.slice(0, whole);
      badRecords += bad.length;
      for (const { reason, start } of bad.slice(0, 5)) tell(`${file}, byte ${start}: ${reason}`);
    }
    hasErrors ||= badRecords > 0;
    counted.push({
      path,
      format: reader.format,
      records: counter.rows,
      badRecords,
      steps: stepRange(counter.steps),
    });
  }
  progress.clear();
  return { sources: counted, hasErrors };
}
