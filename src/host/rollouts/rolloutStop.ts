import { setTimeout as delay } from 'node:timers/promises';
import { cancelled } from '../../common/cancel';
import type { Backend, GenerateOptions, GenerationEvent, Sequence } from '../../inference/backend';

/** How long a model may take to stop by itself before its answer is not waited for any more, in milliseconds. */
const GRACE_MS = 200;

/**
 * A model for somebody who may stop at any time. A model hears of a stop between two steps of its computing, and a step
 * over a large picture can take minutes: a person does not wait for that. What is not waited for goes on in the model,
 * and `idle` says when it is over.
 */
export class StoppableBackend implements Backend {
  private readonly asked = new Set<Promise<unknown>>();
  /** What to call for those who wait when nothing is waited for any more. */
  private readonly waiting = new Set<() => void>();
  private givenUp = false;

  constructor(
    private readonly backend: Backend,
    readonly signal: AbortSignal,
  ) {
    const stop = (): void => void delay(GRACE_MS).then(() => this.giveUp());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  }

  get capabilities(): Backend['capabilities'] {
    return this.backend.capabilities;
  }

  get defaults(): Backend['defaults'] {
    return this.backend.defaults;
  }

  /** Resolves when the model has answered everything that was asked of it, also what nobody waits for any more. */
  async idle(): Promise<void> {
    while (this.asked.size > 0) await Promise.allSettled(this.asked);
  }

  async start(): Promise<Sequence> {
    return new StoppableSequence(this, await this.unlessGivenUp(this.backend.start()));
  }

  /**
   * What the model says, or a rejection soon after the signal.
   * @throws ImcotError `cancelled` by the signal
   */
  unlessGivenUp<T>(answer: Promise<T>): Promise<T> {
    this.asked.add(answer);
    return new Promise<T>((resolve, reject) => {
      const stop = (): void => reject(cancelled(this.signal));
      if (this.givenUp) stop();
      else this.waiting.add(stop);
      const done = (): void => {
        this.asked.delete(answer);
        this.waiting.delete(stop);
      };
      answer.then(resolve, reject).finally(done);
    });
  }

  private giveUp(): void {
    this.givenUp = true;
    for (const stop of this.waiting) stop();
    this.waiting.clear();
  }

  dispose(): void {
    this.backend.dispose();
  }
}

/** A conversation with such a model. */
class StoppableSequence implements Sequence {
  constructor(
    private readonly owner: StoppableBackend,
    private readonly sequence: Sequence,
  ) {}

  get length(): number {
    return this.sequence.length;
  }

  appendMessage: Sequence['appendMessage'] = (message, signal) =>
    this.owner.unlessGivenUp(this.sequence.appendMessage(message, signal));
  appendText: Sequence['appendText'] = (text, signal) =>
    this.owner.unlessGivenUp(this.sequence.appendText(text, signal));
  appendTokens: Sequence['appendTokens'] = (ids, signal) =>
    this.owner.unlessGivenUp(this.sequence.appendTokens(ids, signal));
  appendImage: Sequence['appendImage'] = (image, signal) =>
    this.owner.unlessGivenUp(this.sequence.appendImage(image, signal));
  score: Sequence['score'] = (count) => this.owner.unlessGivenUp(this.sequence.score(count));
  mark: Sequence['mark'] = () => this.sequence.mark();
  rewind: Sequence['rewind'] = (mark) => this.owner.unlessGivenUp(this.sequence.rewind(mark));
  close: Sequence['close'] = () => this.owner.unlessGivenUp(this.sequence.close());

  async fork(): Promise<Sequence> {
    return new StoppableSequence(this.owner, await this.owner.unlessGivenUp(this.sequence.fork()));
  }

  async *generate(options: GenerateOptions): AsyncGenerator<GenerationEvent, void, undefined> {
    const events = this.sequence.generate(options)[Symbol.asyncIterator]();
    let over = false;
    try {
      for (;;) {
        const next = await this.owner.unlessGivenUp(events.next());
        over = next.done === true;
        if (next.done === true) return;
        yield next.value;
      }
    } catch (thrown) {
      // Given up on: what was said until now stands.
      if (!this.owner.signal.aborted) throw thrown;
      yield { type: 'end', reason: 'cancelled', text: '' };
    } finally {
      if (!over) {
        const left = events.return?.().catch(() => undefined);
        if (left) await this.owner.unlessGivenUp(left).catch(() => undefined);
      }
    }
  }
}
