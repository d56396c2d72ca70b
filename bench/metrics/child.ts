import { readMetricFile, sniffMetricFile } from '../../src/files/metricFile';
import { RawRuns } from '../../src/metrics/rawRun';

/*
 * A process that reads one file of metrics each time it is told to, as the editor and the command do, and answers how
 * long that took. Argument: the file.
 */

/** What the process answers. */
export interface MetricsAnswer {
  readonly milliseconds: number;
  readonly values: number;
  readonly damages: number;
  /** Largest resident set of the process so far. */
  readonly peakMib: number;
}

async function main(file: string): Promise<void> {
  const run = async (): Promise<MetricsAnswer> => {
    const start = performance.now();
    const reader = await sniffMetricFile(file);
    if (!reader) throw new Error('nothing reads this file');
    const told = new RawRuns();
    await readMetricFile(file, reader, told);
    const milliseconds = performance.now() - start;
    let values = 0;
    for (const { series } of told.runs) for (const one of series.values()) values += one.values.length;
    const peakMib = process.resourceUsage().maxRSS / 1024;
    return { milliseconds, values, damages: told.damages.length, peakMib };
  };
  process.on('message', () => void run().then((answer) => process.send?.(answer)));
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

void main(process.argv[2] ?? '');
