import { LineIndex } from '../../src/common/lineIndex';
import { FileSource } from '../../src/files/fileSource';
import { InProcessIndexer, WorkerIndexer } from '../../src/files/indexClient';

/*
 * A process that indexes one file each time it is told to and answers how long that took. Arguments: `worker` or
 * `inProcess`, the file, the built worker.
 */

/** What the process answers. */
export interface ChildAnswer {
  readonly milliseconds: number;
  readonly records: number;
  /** Largest resident set of the process so far, its worker thread included. */
  readonly peakMib: number;
}

async function main(mode: string, name: string, workerPath: string): Promise<void> {
  const indexer = mode === 'worker' ? new WorkerIndexer(workerPath) : new InProcessIndexer();
  const file = await FileSource.open(name);
  const { signal } = new AbortController();
  const run = async (): Promise<ChildAnswer> => {
    const index = new LineIndex();
    const start = performance.now();
    await indexer.index(file, 0, ({ starts, end }) => index.append(starts, end), signal);
    const milliseconds = performance.now() - start;
    return { milliseconds, records: index.count, peakMib: process.resourceUsage().maxRSS / 1024 };
  };
  process.on('message', () => void run().then((answer) => process.send?.(answer)));
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}

void main(process.argv[2] ?? '', process.argv[3] ?? '', process.argv[4] ?? '');
