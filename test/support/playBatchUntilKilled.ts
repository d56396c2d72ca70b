/*
 * Plays a batch into a log, or goes on with it, until it is done or somebody kills the process. Says each rollout that
 * ended. Arguments: the log, the file of questions, rollouts per question, how many at a time.
 */
import { writeSync } from 'node:fs';
import { readQuestions } from '../../src/launch/questions';
import { answering, playInto } from '../unit/launch/support/batches';

async function main([file = '', questions = '', perQuestion = '1', concurrency = '1']: readonly string[]) {
  const read = await readQuestions(questions);
  const result = await playInto(
    file,
    { questions: read.questions, perQuestion: Number(perQuestion), concurrency: Number(concurrency) },
    { backend: await answering() },
    {
      onEvent: (id, event) => {
        if (event.type === 'end') writeSync(1, `${id} ${event.status}\n`);
      },
    },
  );
  writeSync(1, `${result.end} ${result.done} of ${result.total}\n`);
}

void main(process.argv.slice(2));
