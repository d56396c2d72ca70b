import { cancelled } from '../common/cancel';
import type { Disposable } from '../common/disposable';
import { ImcotError } from '../common/errors';
import type { Backend } from '../inference/backend';
import type { Ask } from '../rollout/rewards/judge';
import type { OpenServerOptions } from './openServer';
import { openServer } from './openServer';

/** A model on a server that judges answers. Disposing it ends what is being asked. */
export interface Judge extends Disposable {
  /** Asks with nothing remembered from earlier questions. */
  readonly ask: Ask;
}

/** Tokens of one reply at most: a verdict is a line, but a model that thinks does so first. */
const MAX_REPLY_TOKENS = 2048;

/**
 * Opens a judge on a server; it is told texts, never pictures.
 * @throws ImcotError as `openServerModel`
 */
export async function openJudge(
  options: Omit<OpenServerOptions, 'contextLength' | 'concurrency'>,
): Promise<Judge> {
  const backend = await openServer(options);
  return {
    ask: (prompt, { temperature, signal }) => askOnce(backend, prompt, temperature, signal),
    dispose: () => backend.dispose(),
  };
}

async function askOnce(
  backend: Backend,
  prompt: string,
  temperature: number,
  signal?: AbortSignal,
): Promise<string> {
  const sequence = await backend.start();
  try {
    await sequence.appendMessage({ role: 'user', parts: [{ type: 'text', text: prompt }] }, signal);
    const options = {
      sampling: { temperature },
      maxTokens: MAX_REPLY_TOKENS,
      ...(signal && { signal }),
    };
    let reply = '';
    for await (const event of sequence.generate(options)) {
      reply += event.text;
      // A part of a reply is no reply.
      if (event.type === 'end' && event.reason === 'cancelled') {
        throw signal?.aborted ? cancelled(signal) : new ImcotError('cancelled', 'The judge was let go of.');
      }
    }
    return reply;
  } finally {
    await sequence.close();
  }
}
