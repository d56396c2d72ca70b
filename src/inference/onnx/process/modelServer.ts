import type { Disposable } from '../../../common/disposable';
import { ImcotError } from '../../../common/errors';
import type { MessagePortLike } from '../../../common/rpc';
import { Channel } from '../../../common/rpc';
import type { AppendedImage, Backend, Sequence } from '../../backend';
import type { LoadProgress, LocalModelOptions } from '../../localModelOptions';
import type {
  CallId,
  Grown,
  OpenedModel,
  PictureId,
  RemoteGenerateOptions,
  SentImage,
  SentMessage,
  SequenceId,
  SequenceState,
  WorkerApi,
  WorkerClientApi,
} from '../../workerApi';
import { GenerationSender } from './generationSender';
import { ProgressSender } from './progressSender';
import { ReceivedPictures } from './receivedPictures';
import { Turns } from './turns';

/** Opens a model; what it throws reaches the one who asked, with its code. */
export type OpenModel = (
  options: LocalModelOptions,
  hooks: { onProgress(progress: LoadProgress): void; readonly signal: AbortSignal },
) => Promise<Backend>;

interface Slot {
  readonly sequence: Sequence;
  readonly turns: Turns;
}

/** The model's side of the channel: one model, its sequences, and the calls that run. */
export class ModelServer implements WorkerApi, Disposable {
  private readonly channel: Channel<WorkerClientApi>;
  private readonly opening = new AbortController();
  private asked = false;
  private backend: Backend | undefined;
  private nextSequence = 1;
  private readonly pictures = new ReceivedPictures();
  private readonly slots = new Map<SequenceId, Slot>();
  private readonly calls = new Map<CallId, AbortController>();
  private latestCall: CallId = 0;
  /** Calls that were stopped before they came. */
  private readonly stoppedEarly = new Set<CallId>();
  private readonly generations = new Map<CallId, GenerationSender>();

  /** @param onShutdown called once everything is let go of, when the other side asked for the end */
  constructor(
    port: MessagePortLike,
    private readonly openModel: OpenModel,
    private readonly onShutdown: () => void,
  ) {
    this.channel = new Channel<WorkerClientApi>(port, this);
  }

  async open(options: LocalModelOptions): Promise<OpenedModel> {
    if (this.asked) throw new ImcotError('usage', 'This process has a model already: start another one.');
    this.asked = true;
    const progress = new ProgressSender((value) => this.channel.remote.progress(value));
    const backend = await this.openModel(options, {
      onProgress: (value) => {
        if (this.backend)
          void this.channel.remote.changed(this.backend.capabilities, value.message).catch(nothing);
        else progress.push(value);
      },
      signal: this.opening.signal,
    });
    if (this.opening.signal.aborted) {
      backend.dispose();
      throw new ImcotError('cancelled', 'Loading the model was stopped.');
    }
    this.backend = backend;
    return { capabilities: backend.capabilities, defaults: backend.defaults };
  }

  async start(): Promise<SequenceState> {
    if (!this.backend) throw new ImcotError('usage', 'No model is open in this process.');
    return this.keep(await this.backend.start());
  }

  picture(id: PictureId, length: number, offset: number, bytes: Uint8Array): Promise<void> {
    this.pictures.add(id, length, offset, bytes);
    return Promise.resolve();
  }

  forgetPicture(id: PictureId): Promise<void> {
    this.pictures.forget(id);
    return Promise.resolve();
  }

  appendMessage(
    sequence: SequenceId,
    call: CallId,
    sent: SentMessage,
  ): Promise<Grown<{ readonly tokens?: number; readonly images: readonly AppendedImage[] }>> {
    const message = this.pictures.message(sent);
    return this.grow(sequence, call, (target, signal) => target.appendMessage(message, signal));
  }

  appendText(sequence: SequenceId, call: CallId, text: string): Promise<Grown<number>> {
    return this.grow(sequence, call, (target, signal) => target.appendText(text, signal));
  }

  appendTokens(sequence: SequenceId, call: CallId, ids: readonly number[]): Promise<Grown<undefined>> {
    return this.grow(sequence, call, (target, signal) => target.appendTokens(ids, signal).then(nothing));
  }

  appendImage(sequence: SequenceId, call: CallId, sent: SentImage): Promise<Grown<AppendedImage>> {
    const image = this.pictures.image(sent);
    return this.grow(sequence, call, (target, signal) => target.appendImage(image, signal));
  }

  generate(sequence: SequenceId, call: CallId, options: RemoteGenerateOptions): Promise<Grown<undefined>> {
    const sender = new GenerationSender((event, length) =>
      this.channel.remote.generated(call, event, length),
    );
    this.generations.set(call, sender);
    const branches = this.backend?.capabilities.branches === true;
    return this.grow(sequence, call, (target, signal) =>
      sender.send(target, { ...options, signal }, branches).then(nothing),
    ).finally(() => this.generations.delete(call));
  }

  score(sequence: SequenceId, count: number): Promise<Float32Array> {
    return this.inTurn(sequence, (target) => target.score(count));
  }

  rewind(sequence: SequenceId, length: number): Promise<Grown<undefined>> {
    return this.inTurn(sequence, async (target) => {
      await target.rewind({ length });
      return { value: undefined, length: target.length };
    });
  }

  fork(sequence: SequenceId): Promise<SequenceState> {
    return this.inTurn(sequence, async (target) => this.keep(await target.fork()));
  }

  lengthOf(sequence: SequenceId): Promise<number> {
    return this.inTurn(sequence, (target) => Promise.resolve(target.length));
  }

  async close(sequence: SequenceId): Promise<void> {
    await this.inTurn(sequence, (target) => target.close());
    this.slots.delete(sequence);
  }

  cancel(call: CallId): Promise<void> {
    if (call > this.latestCall) this.stoppedEarly.add(call);
    this.calls.get(call)?.abort();
    return Promise.resolve();
  }

  leave(call: CallId, taken: number): Promise<void> {
    this.generations.get(call)?.leave(taken);
    return this.cancel(call);
  }

  shutdown(): Promise<void> {
    this.dispose();
    this.onShutdown();
    return Promise.resolve();
  }

  dispose(): void {
    this.opening.abort();
    for (const call of this.calls.values()) call.abort();
    this.backend?.dispose();
    this.backend = undefined;
    this.slots.clear();
    this.channel.dispose();
  }

  private keep(sequence: Sequence): SequenceState {
    const id = this.nextSequence++;
    this.slots.set(id, { sequence, turns: new Turns() });
    return { id, length: sequence.length };
  }

  private async inTurn<T>(id: SequenceId, task: (sequence: Sequence) => Promise<T>): Promise<T> {
    const slot = this.slots.get(id);
    if (!slot) throw new ImcotError('usage', 'This conversation was closed: start another one.');
    return slot.turns.run(() => task(slot.sequence));
  }

  /** A call that can be stopped, also while it waits for its turn. */
  private async grow<T>(
    id: SequenceId,
    call: CallId,
    task: (sequence: Sequence, signal: AbortSignal) => Promise<T>,
  ): Promise<Grown<T>> {
    const controller = new AbortController();
    this.calls.set(call, controller);
    this.latestCall = call;
    if (this.stoppedEarly.delete(call)) controller.abort();
    try {
      return await this.inTurn(id, async (sequence) => {
        const value = await task(sequence, controller.signal);
        return { value, length: sequence.length };
      });
    } finally {
      this.calls.delete(call);
    }
  }
}

const nothing = (): undefined => undefined;
