import { openTrajectorySource } from '../../src/files/openSource';

/*
 * A process that opens a log, reads its first and its last record, and prints the milliseconds since before it was
 * opened. Arguments: the file, the built worker.
 */
async function main(name: string, workerPath: string): Promise<void> {
  const start = performance.now();
  const source = await openTrajectorySource(name, { index: 'worker', workerPath });
  const first = await source.record(0);
  const last = await source.lastRecord();
  const milliseconds = performance.now() - start;
  source.dispose();
  if (first.status !== 'ok' || last.status !== 'ok') throw new Error('a record could not be read');
  process.stdout.write(JSON.stringify({ milliseconds, complete: source.state.complete }));
}

void main(process.argv[2] ?? '', process.argv[3] ?? '');
