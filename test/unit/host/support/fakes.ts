// A source in memory, a trajectory to draw, and images that are or are not there.
import { ImcotError } from '../../../../src/common/errors';
import { Emitter } from '../../../../src/common/event';
import type { ImageAccess } from '../../../../src/host/images/imageAccess';
import type { ImagePlan, ResolvedImage } from '../../../../src/host/images/resolvedImage';
import type { GroundTruthBoxes } from '../../../../src/protocol/trajectoryView';
import type { RecordResult } from '../../../../src/readers/reader';
import type { SourceState, TrajectorySource } from '../../../../src/readers/trajectorySource';
import type { ImageReference } from '../../../../src/trajectory/imageReference';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import type { ModelPart, Turn } from '../../../../src/trajectory/turn';

/** A source whose records are given, and whose state the test sets. */
export class FakeSource implements TrajectorySource {
  readonly name = '/logs/run.jsonl';
  readonly label = 'Test log';
  readonly changed = new Emitter<SourceState>();
  readonly onDidChange = this.changed.event;
  readonly asked: number[] = [];
  disposed = false;
  state: SourceState;

  constructor(
    public content: RecordResult[],
    readonly format: TrajectorySource['format'] = 'deepeyes-eval',
  ) {
    this.state = {
      records: content.length,
      complete: true,
      indexedBytes: 100,
      totalBytes: 100,
      incompleteTail: 0,
      generation: 0,
    };
  }

  change(state: Partial<SourceState>): void {
    this.state = { ...this.state, records: this.content.length, ...state };
    this.changed.fire(this.state);
  }

  record(index: number): Promise<RecordResult> {
    this.asked.push(index);
    const record = this.content[index];
    return record
      ? Promise.resolve(record)
      : Promise.reject(new ImcotError('missing', `There is no record ${index}.`));
  }

  async records(start: number, end: number): Promise<readonly RecordResult[]> {
    const known = Math.min(end, this.state.records);
    return Promise.all(Array.from({ length: Math.max(0, known - start) }, (_, i) => this.record(start + i)));
  }

  lastRecord(): Promise<RecordResult> {
    return this.record(this.content.length - 1);
  }

  indexed(): Promise<SourceState> {
    return Promise.resolve(this.state);
  }

  dispose(): void {
    this.disposed = true;
  }
}

const whole = (text: string) => ({ range: { start: 0, end: text.length }, text, closed: true });

/** A zoom call. */
export function zoomCall(box: [number, number, number, number], acted = true): ModelPart {
  const [x1, y1, x2, y2] = box;
  const call = {
    status: 'parsed',
    name: 'image_zoom_in_tool',
    arguments: new Map<string, unknown>(),
  } as const;
  return { kind: 'toolCall', ...whole('{}'), acted, call: { ...call, text: '{}', box: { x1, y1, x2, y2 } } };
}

/** A turn of the given parts and what came back. */
export function turn(parts: readonly ModelPart[], images?: readonly ImageReference[]): Turn {
  const observation = images && { kind: 'observation' as const, raw: '', images, text: 'seen' };
  return { raw: 'raw', parts, ...(observation && { observation }) };
}

/** A trajectory over `photo.jpg` with these turns. */
export function trajectory(turns: readonly Turn[], changes: Partial<Trajectory> = {}): Trajectory {
  return {
    origin: { file: '/logs/run.jsonl', index: 0, bytes: { start: 10, end: 110 } },
    prompt: { user: 'What?', question: 'What?', images: [{ kind: 'file', path: 'dir/photo.jpg' }] },
    turns,
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras: new Map(),
    ...changes,
  };
}

/** A record that was read. */
export function read(value: Trajectory): RecordResult {
  return { status: 'ok', trajectory: value, images: new Map() };
}

/** An answer part. */
export function answer(text: string): ModelPart {
  return { kind: 'answer', ...whole(text) };
}

/** An image of this size that is there. */
export function available(width: number, height: number): ResolvedImage {
  return {
    state: 'available',
    input: { kind: 'path', key: 'photo', path: '/photos/photo.jpg' },
    size: { width, height },
  };
}

/** Image access that finds every file at one size and notes what was asked. */
export class FakeImages implements ImageAccess {
  readonly pictures: { plan: ImagePlan; maxSide: number }[] = [];
  resolved = 0;
  found: ResolvedImage = available(1000, 800);
  truth: GroundTruthBoxes | undefined;

  truthBoxes(): Promise<GroundTruthBoxes | undefined> {
    return Promise.resolve(this.truth);
  }

  seen(...[plan, seen]: Parameters<ImageAccess['seen']>): ReturnType<ImageAccess['seen']> {
    return this.picture(plan, Math.max(seen?.width ?? 0, seen?.height ?? 0));
  }

  resolve(): Promise<ResolvedImage> {
    this.resolved += 1;
    return Promise.resolve(this.found);
  }

  picture(plan: ImagePlan, maxSide: number): ReturnType<ImageAccess['picture']> {
    this.pictures.push({ plan, maxSide });
    return Promise.resolve({ mediaType: 'image/png', bytes: new Uint8Array([1]), width: 4, height: 3 });
  }

  async region(
    ...[plan, box, maxSide]: Parameters<ImageAccess['region']>
  ): ReturnType<ImageAccess['region']> {
    return { image: await this.picture(plan, maxSide), box };
  }
}
