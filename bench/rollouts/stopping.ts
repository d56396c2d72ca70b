import { setTimeout as delay } from 'node:timers/promises';
import { StoppableBackend } from '../../src/host/rollouts/rolloutStop';
import { playRollout } from '../../src/launch/playRollout';
import type { Question } from '../../src/launch/question';
import { settleChoices } from '../../src/launch/rolloutChoices';
import type { RolloutLog } from '../../src/launch/rolloutLog';
import type { Picture } from '../../src/rollout/picture';
import type { RolloutConfig } from '../../src/rollout/rolloutConfig';
import { milliseconds } from '../harness';
import type { Opened } from './opened';
import { writePicture } from './pictures';

const ROUNDS = 20;
/** 2691 visual tokens. */
const LARGE = { width: 1932, height: 1092 };
/** No limits but the largest that there are: the picture is seen as it is. */
const VIEW = { minPixels: 3136, maxPixels: 12_845_056 };

/** Milliseconds from the stop until the end was in the file and told, and until the model could take the next question. */
export interface Stopped {
  readonly end: readonly number[];
  readonly free: readonly number[];
}

/** What is stopped. */
interface Stoppable {
  readonly question: Question;
  readonly picture: Picture;
  readonly config: RolloutConfig;
}

/** Stops rollouts as the editor does, each after another number of tokens of its first turn. */
export async function stopWhileSpeaking(opened: Opened): Promise<Stopped> {
  const [question] = opened.questions;
  if (!question) throw new Error('the demo has no question');
  const rollout = { question, picture: await opened.loadPicture(question.image), config: opened.config };
  return rounds(opened, (log, round) => {
    let tokens = 0;
    return stopOne(opened, log, rollout, (stop) => ({ token: () => ++tokens === round + 1 && stop() }));
  });
}

/** Stops rollouts while the model reads a large picture, each at another point of that time. */
export async function stopWhileReading(opened: Opened): Promise<Stopped & { readonly reading: number }> {
  const image = await writePicture(opened.places.scratch, LARGE.width, LARGE.height);
  const picture = await opened.loadPicture(image);
  const question = { image, question: 'What letter is there?' };
  // Without a name nothing of an earlier round is used again.
  const { key: _key, ...nameless } = picture;
  const rollout = { question, picture: nameless, config: { view: VIEW } };
  const read = async (): Promise<void> => {
    const sequence = await opened.model.start();
    await sequence.appendMessage({
      role: 'user',
      parts: [{ type: 'image', image: { pixels: picture.pixels, ...VIEW } }],
    });
    await sequence.close();
  };
  // The first time everything is new to the model.
  await read();
  const reading = await milliseconds(read);
  const stopped = await rounds(opened, (log, round) =>
    stopOne(opened, log, rollout, (stop) => {
      void delay((reading * (round + 0.5)) / ROUNDS).then(stop);
      return { token: () => false };
    }),
  );
  return { ...stopped, reading };
}

async function rounds(
  opened: Opened,
  round: (log: RolloutLog, round: number) => Promise<{ end: number; free: number }>,
): Promise<Stopped> {
  const log = await opened.newLog();
  const taken = [];
  for (let index = 0; index < ROUNDS; index++) taken.push(await round(log, index));
  await log.close();
  return { end: taken.map(({ end }) => end), free: taken.map(({ free }) => free) };
}

async function stopOne(
  { model, cutter }: Opened,
  { recorder }: RolloutLog,
  { question, picture, config }: Stoppable,
  plan: (stop: () => void) => { token(): unknown },
): Promise<{ end: number; free: number }> {
  const stopping = new AbortController();
  const backend = new StoppableBackend(model, stopping.signal);
  let stopped = NaN;
  const { token } = plan(() => {
    stopped = performance.now();
    stopping.abort();
  });
  const task = { question, picture, choices: settleChoices(config, {}) };
  let end = NaN;
  for await (const event of playRollout(task, { backend, cutter, recorder, signal: stopping.signal })) {
    if (event.type === 'text') token();
    if (event.type !== 'end') continue;
    end = performance.now();
    if (event.status !== 'cancelled')
      throw new Error(`a stopped rollout ended: ${event.status}, ${event.reason}`);
  }
  await backend.idle();
  return { end: end - stopped, free: performance.now() - stopped };
}
