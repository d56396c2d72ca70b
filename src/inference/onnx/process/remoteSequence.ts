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

  constructor(
    private readonly process: ModelProcess,
    private readonly state: SequenceState,
    private readonly family: SequenceFamily,
  ) {
    this.at = state.length;
    family.born(this);
  }

  get length(): number {
    return this.at;
  }

  appendMessage(
    message: Message,
    signal?: AbortSignal,
  ): Promise<{ readonly tokens?: number; readonly images: readonly AppendedImage[] }> {
    return this.grow((api, call) => api.appendMessage(this.state.id, call, message), signal);
  }

  appendText(text: string, signal?: AbortSignal): Promise<number> {
    return this.grow((api, call) => api.appendText(this.state.id, call, text), signal);
  }

  async appendTokens(ids: readonly number[], signal?: AbortSignal): Promise<void> {
    await this.grow((api, call) => api.appendTokens(this.state.id, call, ids), signal);
  }

  appendImage(image: ModelImage, signal?: AbortSignal): Promise<AppendedImage> {
    return this.grow((api, call) => api.appendImage(this.state.id, call, image), signal);
  }

  async *generate({ signal, ...options }: GenerateOptions): AsyncGenerator<GenerationEvent> {
    const queue = new EventQueue();
    const stopper = new AbortController();
    const stop = (): void => stopper.abort();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    const activity = this.family.enter(stopper);
    let call = 0;
    const over = this.process
      .call(
        (api, id) => api.generate(this.state.id, (call = id), options),
        stopper.signal,
        (event, length) => {
          if (event.type === 'token') activity.token();
          return queue.push(event, length);
        },
      )
      .finally(() => {
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
    return this.process.call((api) => api.score(this.state.id, count), undefined);
  }

  mark(): Mark {
    return { length: this.at };
  }

  async rewind(mark: Mark): Promise<void> {
    await this.grow((api) => api.rewind(this.state.id, mark.length), undefined);
  }

  async fork(): Promise<Sequence> {
    const state = await this.process.call((api) => api.fork(this.state.id), undefined);
    return new RemoteSequence(this.process, state, this.family);
  }

  close(): Promise<void> {
    this.family.closed(this);
    return this.process.call((api) => api.close(this.state.id), undefined);
  }

  private async grow<T>(
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
