import type { Size } from '../common/boundingBox';
import type { RgbImage } from '../imaging/imageStore';
import type { AppendedImage, Capabilities, GenerateOptions, GenerationEvent } from './backend';
import type { Message, MessagePart, ModelImage, SamplingParameters } from './backend';
import type { LoadProgress, LocalModelOptions } from './localModelOptions';

/*
 * What crosses between a model's process and whoever uses the model: the two ends of one `Channel`. The process holds
 * one model and any number of sequences, each by a number. Calls that can be stopped carry a `CallId` of the caller's
 * choice; `cancel` stops them by it. Every result says how long the sequence is then.
 *
 * Beside the calls the process posts a bare `Heartbeat` from its event loop.
 */

/** Names a running call, unique within the process's life. */
export type CallId = number;

/** Names a sequence, unique within the process's life. */
export type SequenceId = number;

/** Names a picture that was sent ahead, unique within the process's life. */
export type PictureId = number;

/** Pixels that are there already: the whole of a large picture in one message would hold the sender's thread. */
export interface SentPixels extends Size {
  readonly picture: PictureId;
}

/** `ModelImage` as it crosses. */
export type SentImage = Omit<ModelImage, 'pixels'> & { readonly pixels: RgbImage | SentPixels };

/** `Message` as it crosses. */
export interface SentMessage extends Omit<Message, 'parts'> {
  readonly parts: readonly (
    Exclude<MessagePart, { type: 'image' }> | { readonly type: 'image'; readonly image: SentImage }
  )[];
}

/** What a process says every so often, to show that its event loop turns. */
export interface Heartbeat {
  readonly type: 'heartbeat';
}

/** What is known of a model once it is open. */
export interface OpenedModel {
  readonly capabilities: Capabilities;
  readonly defaults: Partial<SamplingParameters>;
}

/** A sequence and its length in tokens. */
export interface SequenceState {
  readonly id: SequenceId;
  readonly length: number;
}

/** A result, and the sequence's length after it. */
export interface Grown<T> {
  readonly value: T;
  readonly length: number;
}

/** `GenerateOptions` without what can't cross. */
export type RemoteGenerateOptions = Omit<GenerateOptions, 'signal'>;

/** What the model's process answers to. Errors come back as `ImcotError` with their code. */
export interface WorkerApi {
  /** Opens the one model; a second call is refused. */
  open(options: LocalModelOptions): Promise<OpenedModel>;
  start(): Promise<SequenceState>;
  /** A piece of a picture's pixels, `length` bytes in all. The picture goes with the first message that names it. */
  picture(id: PictureId, length: number, offset: number, bytes: Uint8Array): Promise<void>;
  /** The picture will not be named. */
  forgetPicture(id: PictureId): Promise<void>;
  appendMessage(
    sequence: SequenceId,
    call: CallId,
    message: SentMessage,
  ): Promise<Grown<{ readonly tokens?: number; readonly images: readonly AppendedImage[] }>>;
  appendText(sequence: SequenceId, call: CallId, text: string): Promise<Grown<number>>;
  appendTokens(sequence: SequenceId, call: CallId, ids: readonly number[]): Promise<Grown<undefined>>;
  appendImage(sequence: SequenceId, call: CallId, image: SentImage): Promise<Grown<AppendedImage>>;
  /** Resolves when the generation is over and all its events were taken. */
  generate(sequence: SequenceId, call: CallId, options: RemoteGenerateOptions): Promise<Grown<undefined>>;
  /** Log-probabilities of the last `count` tokens. */
  score(sequence: SequenceId, count: number): Promise<Float32Array>;
  /** Drops what stands behind `length`. */
  rewind(sequence: SequenceId, length: number): Promise<Grown<undefined>>;
  fork(sequence: SequenceId): Promise<SequenceState>;
  close(sequence: SequenceId): Promise<void>;
  lengthOf(sequence: SequenceId): Promise<number>;
  /** Stops a running call, a waiting one too; sent ahead of a call it lets that begin as stopped. Calls are numbered upwards. */
  cancel(call: CallId): Promise<void>;
  /**
   * The reader of a generation left after `taken` events: it ends, and what came after them is dropped from the sequence,
   * as if the model had never run ahead.
   */
  leave(call: CallId, taken: number): Promise<void>;
  /** Ends everything and the process. */
  shutdown(): Promise<void>;
}

/** What the user's side of the channel answers to. */
export interface WorkerClientApi {
  progress(progress: LoadProgress): Promise<void>;
  /** The model is open, and something about it changed: another device took over, say, for the reason given. */
  changed(capabilities: Capabilities, reason: string): Promise<void>;
  /**
   * An event of a generation, and the sequence's length after it. Resolves when the reader has taken it: the process lets
   * the model run ahead of the reader by a bounded number of events.
   */
  generated(call: CallId, event: GenerationEvent, length: number): Promise<void>;
}
