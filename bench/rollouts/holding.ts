import { playRollout } from '../../src/launch/playRollout';
import { settleChoices } from '../../src/launch/rolloutChoices';
import { demoQuestions } from '../../scripts/demoQuestions';
import type { Lag } from '../eventLoopLag';
import { lagDuring } from '../eventLoopLag';
import type { Opened } from './opened';
import { writePicture } from './pictures';

const ROUNDS = 5;

/** How long this thread was held while a picture of 12 million pixels was loaded, sent to the model and asked about. */
export async function holdWithLargePicture(opened: Opened): Promise<Lag> {
  const { config, model: backend, cutter } = opened;
  const image = await writePicture(opened.places.scratch, 4000, 3000);
  const log = await opened.newLog();
  const lag = await lagDuring(async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const question = { image, question: demoQuestions(opened.places.root)[0].question };
      const task = { question, picture: await opened.loadPicture(image), choices: settleChoices(config, {}) };
      for await (const event of playRollout(task, { backend, cutter, recorder: log.recorder }))
        if (event.type === 'end' && event.status === 'error') throw new Error(event.reason);
    }
  });
  await log.close();
  return lag;
}
