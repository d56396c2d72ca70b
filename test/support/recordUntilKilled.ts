/*
 * Records events until somebody kills the process, and says after each one that it is in the file. The log's path is the
 * first argument.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { Recorder } from '../../src/rollout/recorder';
import { EventLogFile } from '../../src/rollout/recorderFile';

async function recordForever(file: string): Promise<void> {
  const sink = await EventLogFile.create(file);
  const recorder = new Recorder(sink, {
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
  await recorder.header();
  const stream = async (user: string): Promise<void> => {
    const trajectory = recorder.start({ prompt: { user } });
    await trajectory.started;
    for (let index = 0; ; index++) {
      await trajectory.record({ event: 'text', turn: 0, text: `${index} ${'x'.repeat(index % 997)}` });
      writeSync(1, `${trajectory.trajectory} ${index}\n`);
    }
  };
  await Promise.all([stream('a'), stream('b'), stream('c')]);
}

void recordForever(process.argv[2] ?? '');
