// A model of a server that says tokens without an end, and counts what is closed.
import { setTimeout as delay } from 'node:timers/promises';
import type { Backend, GenerateOptions, GenerationEvent, Sequence } from '../../../../src/inference/backend';

/** The backend, and how often it and its sequences were let go of. */
export interface CountedBackend {
  readonly backend: Backend;
  disposed: number;
  closed: number;
}

async function* generate({ signal, maxTokens }: GenerateOptions): AsyncGenerator<GenerationEvent> {
  for (let count = 0; count < maxTokens; count++) {
    await delay(5);
    if (signal?.aborted === true) break;
    yield { type: 'token', text: 'x', top: [] };
  }
  yield { type: 'end', reason: signal?.aborted === true ? 'cancelled' : 'length', text: '' };
}

/** Makes one. */
export function countedBackend(): CountedBackend {
  const sequence = (): Sequence => ({
    length: 0,
    appendMessage: () => Promise.resolve({ images: [] }),
    appendText: () => Promise.resolve(1),
    appendTokens: () => Promise.resolve(),
    appendImage: () => Promise.resolve({ tokens: 1, seen: { width: 1, height: 1 } }),
    generate,
    score: () => Promise.resolve(new Float32Array()),
    mark: () => ({ length: 0 }),
    rewind: () => Promise.resolve(),
    fork: () => Promise.resolve(sequence()),
    close: () => {
      counted.closed++;
      return Promise.resolve();
    },
  });
  const counted: CountedBackend = {
    disposed: 0,
    closed: 0,
    backend: {
      capabilities: {
        model: 'counted',
        device: 'nowhere',
        contextLength: 1000,
        wireText: true,
        branches: true,
        scores: false,
        maxTopCount: 0,
      },
      defaults: {},
      start: () => Promise.resolve(sequence()),
      dispose: () => {
        counted.disposed++;
      },
    },
  };
  return counted;
}
