import { encodeBase64 } from '../common/base64';
import type { Size } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import type {
  EventLogHeader,
  ImageRecord,
  ObservationEvent,
  PromptRecord,
  StartEvent,
  TrajectoryEvent,
} from '../trajectory/eventLog';
import { eventLine, headerLine } from '../trajectory/eventLog';
import type { ImageReference } from '../trajectory/imageReference';

/** Images up to this many bytes stand inside the log; larger ones in files beside it. */
export const INLINE_IMAGE_BYTES = 8192;

/** Where lines and images go. Calls may overlap; lines keep the order of the calls. */
export interface EventSink {
  /**
   * Adds a line; the line end is the sink's. Once the promise resolves the line is in the file, whatever happens to
   * this process. After one failure every later call fails, so that a log has no holes.
   */
  append(line: string): Promise<void>;
  /**
   * Stores an image under its content hash, at most once.
   * @returns the path by which the log names it, relative to the log
   */
  writeImage(hash: string, mediaType: string, bytes: Uint8Array): Promise<string>;
}

/** What a recorder needs besides the sink. */
export interface RecorderOptions {
  /** Lower-case hex SHA-256. */
  readonly sha256: (bytes: Uint8Array) => string;
  /** The time that events carry, ISO 8601; without it they carry none. */
  readonly now?: () => string;
  /** The first trajectory's number, above those that the file has already. Default 0. */
  readonly firstTrajectory?: number;
}

/** An image to be recorded: a reference as it is, or bytes that the recorder stores. */
export type RecordedImage =
  | ImageReference
  | {
      readonly kind: 'bytes';
      readonly bytes: Uint8Array;
      readonly mediaType: string;
      readonly size?: Size;
      readonly visualTokens?: number;
    };

/** A start event whose prompt has images as they come. */
export interface TrajectoryStart extends Omit<StartEvent, 'event' | 'prompt'> {
  readonly prompt: Omit<PromptRecord, 'images'> & { readonly images?: readonly RecordedImage[] };
}

/** An observation whose images are as they come. */
export interface RecordedObservation extends Omit<ObservationEvent, 'event' | 'images'> {
  readonly images?: readonly RecordedImage[];
}

/** Every event that carries no image is recorded as it is. */
export type PlainEvent = Exclude<TrajectoryEvent, StartEvent | ObservationEvent>;

/** Writes trajectories to one event log (docs/trajectory-format.md). Several may be open at once. */
export class Recorder {
  private next: number;

  constructor(
    private readonly sink: EventSink,
    private readonly options: RecorderOptions,
  ) {
    this.next = options.firstTrajectory ?? 0;
  }

  /** The first line of a new file; to be written once, before any trajectory. */
  header(header: Omit<EventLogHeader, 'imcot'> = {}): Promise<void> {
    return this.sink.append(headerLine(header));
  }

  /** Begins a trajectory. Its recorder's promises include the start event's. */
  start(start: TrajectoryStart): TrajectoryRecorder {
    return new TrajectoryRecorder(this.sink, this.options, this.next++, start);
  }

  /**
   * Adds to a trajectory that an earlier program began in this file and did not finish.
   * @param trajectory its number
   */
  amend(trajectory: number, event: PlainEvent): Promise<void> {
    return this.sink.append(eventLine(trajectory, event, this.options.now?.()));
  }
}

/**
 * Writes one trajectory's events. Each promise resolves when its event is in the file, and rejects when it or an
 * earlier one could not be written.
 */
export class TrajectoryRecorder {
  /** Resolves when the start event is in the file. */
  readonly started: Promise<void>;
  private last: Promise<void>;
  /** Inline images that the log has already, by hash. */
  private readonly inlined = new Set<string>();

  constructor(
    private readonly sink: EventSink,
    private readonly options: RecorderOptions,
    /** The trajectory's number in its file. */
    readonly trajectory: number,
    start: TrajectoryStart,
  ) {
    this.started = this.begin(start);
    this.last = this.started;
  }

  /** Any event that carries no image: text, a tool call, an outcome, an error and so on. */
  record(event: PlainEvent): Promise<void> {
    return this.enqueue(() => this.append(event));
  }

  /** What the environment gave back, with its images. */
  observe(observation: RecordedObservation): Promise<void> {
    return this.enqueue(async () => {
      const { images, ...rest } = observation;
      await this.append({ event: 'observation', ...rest, ...(await this.store(images)) });
    });
  }

  private async begin(start: TrajectoryStart): Promise<void> {
    const { images, ...prompt } = start.prompt;
    await this.append({ event: 'start', ...start, prompt: { ...prompt, ...(await this.store(images)) } });
  }

  /** Events wait for their images, and later events for them, so that the log has the order of the calls. */
  private enqueue(write: () => Promise<void>): Promise<void> {
    this.last = this.last.then(write);
    return this.last;
  }

  private append(event: TrajectoryEvent): Promise<void> {
    return this.sink.append(eventLine(this.trajectory, event, this.options.now?.()));
  }

  private async store(
    images: readonly RecordedImage[] | undefined,
  ): Promise<{ images?: readonly ImageRecord[] }> {
    if (images === undefined) return {};
    const records: ImageRecord[] = [];
    for (const image of images) records.push(await this.storeOne(image));
    return { images: records };
  }

  private async storeOne(image: RecordedImage): Promise<ImageRecord> {
    if (image.kind !== 'bytes') return image;
    const { bytes, mediaType, kind: _kind, ...told } = image;
    if (bytes.length === 0) throw new ImcotError('usage', 'An image without bytes was to be recorded.');
    const hash = this.options.sha256(bytes);
    if (bytes.length > INLINE_IMAGE_BYTES) {
      return { kind: 'file', path: await this.sink.writeImage(hash, mediaType, bytes), ...told };
    }
    const known = this.inlined.has(hash);
    this.inlined.add(hash);
    return { kind: 'inline', hash, mediaType, ...told, ...(known ? {} : { data: encodeBase64(bytes) }) };
  }
}
