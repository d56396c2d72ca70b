import type { RemoteApi } from '../../../common/rpc';
import type {
  AppendedImage,
  GenerateOptions,
  GenerationEvent,
  Mark,
  Message,
  ModelImage,
  Sequence,
} from '../../backend';
import type { CallId, Grown, SequenceState, WorkerApi } from '../../workerApi';
import { EventQueue } from './eventQueue';
import type { ModelProcess } from './modelProcess';
import { PictureSender } from './pictureSender';

/** Keeps account of the sequences that came from one another. */
export interface SequenceFamily {
  /** Registers a running generation, which can be stopped from outside. */
  enter(generation: AbortController): { token(): void; leave(): void };
  born(sequence: Sequence): void;
  closed(sequence: Sequence): void;
}

/** A conversation with a model in another process. Its length is known here, as of the last thing that was heard. */
export class RemoteSequence implements Sequence {
  private at: number;
  private readonly pictures: PictureSender;
  /** Pictures are under way: calls made meanwhile wait, so that they keep their order. */
  private sending: Promise<unknown> | undefined;

  constructor(
    private readonly process: ModelProcess,
    private readonly state: SequenceState,
    private readonly family: SequenceFamily,
  ) {
    this.at = state.length;
    this.pictures = new PictureSender(process);
    family.born(this);
  }

  get length(): number {
    return this.at;
  }

  appendMessage(
    message: Message,
    signal?: AbortSignal,
  ): Promise<{ readonly tokens?: number; readonly images: readonly AppendedImage[] }> {
    const large = message.parts.some((part) => part.type === 'image' && this.pictures.needs(part.image));
    if (!large) return this.grow((api, call) => api.appendMessage(this.state.id, call, message), signal);
    return this.ahead(
      () => this.pictures.message(message, signal),
      (sent) => this.growNow((api, call) => api.appendMessage(this.state.id, call, sent), signal),
    );
  }

  appendText(text: string, signal?: AbortSignal): Promise<number> {
    return this.grow((api, call) => api.appendText(this.state.id, call, text), signal);
  }

  async appendTokens(ids: readonly number[], signal?: AbortSignal): Promise<void> {
    await this.grow((api, call) => api.appendTokens(this.state.id, call, ids), signal);
  }

  appendImage(image: ModelImage, signal?: AbortSignal): Promise<AppendedImage> {
    if (!this.pictures.needs(image)) {
      return this.grow((api, call) => api.appendImage(this.state.id, call, image), signal);
    }
    return this.ahead(
      () => this.pictures.image(image, signal),
      (sent) => this.growNow((api, call) => api.appendImage(this.state.id, call, sent), signal),
    );
  }

  async *generate({ signal, ...options }: GenerateOptions): AsyncGenerator<GenerationEvent> {
    const queue = new EventQueue();
    const stopper = new AbortController();
    const stop = (): void => stopper.abort();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    const activity = this.family.enter(stopper);
    let call = 0;
    const over = this.call(
      (api, id) => api.generate(this.state.id, (call = id), options),
      stopper.signal,
      (event, length) => {
        if (event.type === 'token') activity.token();
        return queue.push(event, length);
      },
    ).finally(() => {
      signal?.removeEventListener('abort', stop);
      activity.leave();
    });
    over.then(
      () => queue.end(),
      (error: unknown) => queue.fail(error),
    );
    let taken = 0;
    let read = false;
    try {
      for (let next = await queue.take(); next; next = await queue.take()) {
        taken++;
        this.at = next.length;
        yield next.event;
      }
      read = true;
      this.at = (await over).length;
    } catch (thrown) {
      read = true;
      await this.lookUpLength();
      throw thrown;
    } finally {
      if (!read) await this.leave(call, taken, queue, over);
    }
  }

  score(count: number): Promise<Float32Array> {
    return this.call((api) => api.score(this.state.id, count), undefined);
  }

  mark(): Mark {
    return { length: this.at };
  }

  async rewind(mark: Mark): Promise<void> {
    await this.grow((api) => api.rewind(this.state.id, mark.length), undefined);
  }

  async fork(): Promise<Sequence> {
    const state = await this.call((api) => api.fork(this.state.id), undefined);
    return new RemoteSequence(this.process, state, this.family);
  }

  close(): Promise<void> {
    this.family.closed(this);
    return this.call((api) => api.close(this.state.id), undefined);
  }

  /** Makes a call when the pictures of earlier ones have been sent. */
  private call<T>(...asked: Parameters<typeof this.process.call<T>>): Promise<T> {
    const { sending } = this;
    return sending ? sending.then(() => this.process.call(...asked)) : this.process.call(...asked);
  }

  /** Sends what must be there first, and then makes the call, before any that was asked for later. */
  private ahead<S, T>(send: () => Promise<S>, ask: (sent: S) => Promise<T>): Promise<T> {
    const sent = (this.sending ?? Promise.resolve()).then(send);
    // Registered before anybody can wait for `settled`, so that it is the first to go on.
    const answer = sent.then(ask);
    const settled = sent.then(
      () => undefined,
      () => undefined,
    );
    this.sending = settled;
    void settled.then(() => {
      if (this.sending === settled) this.sending = undefined;
    });
    return answer;
  }

  private grow<T>(
    ask: (api: RemoteApi<WorkerApi>, call: CallId) => Promise<Grown<T>>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { sending } = this;
    return sending ? sending.then(() => this.growNow(ask, signal)) : this.growNow(ask, signal);
  }

  private async growNow<T>(
    ask: (api: RemoteApi<WorkerApi>, call: CallId) => Promise<Grown<T>>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    try {
      const { value, length } = await this.process.call(ask, signal);
      this.at = length;
      return value;
    } catch (thrown) {
      await this.lookUpLength();
      throw thrown;
    }
  }

  /** A call that failed may have left part of its work behind. */
  private async lookUpLength(): Promise<void> {
    try {
      this.at = await this.process.call((api) => api.lengthOf(this.state.id), undefined);
    } catch {
      // The process is gone, or the sequence: the error under way says so.
    }
  }

  /** The reader left: the model stops, and what the reader did not see is taken back. */
  private async leave(
    call: CallId,
    taken: number,
    queue: EventQueue,
    over: Promise<Grown<undefined>>,
  ): Promise<void> {
    queue.abandon();
    try {
      await this.process.call((api) => api.leave(call, taken), undefined);
      this.at = (await over).length;
    } catch {
      await this.lookUpLength();
    }
  }
}
