import type { Size } from '../common/boundingBox';
import { previewJson } from '../common/json';
import type { ImageView, PartView, ToolCallView, TrajectoryView, TurnView } from '../protocol/trajectoryView';
import type { ImageReference } from '../trajectory/imageReference';
import type { ToolCall } from '../trajectory/toolCall';
import type { ToolReport } from '../trajectory/toolReport';
import type { Trajectory } from '../trajectory/trajectory';
import type { ModelPart, ObservationPart, TokenSpan, ToolCallPart, Turn } from '../trajectory/turn';
import type { PlannedImage } from './imageViews';
import { ownImage, rebuiltImage } from './imageViews';
import type { ImagePlan, ResolvedImage } from './resolvedImage';
import { observationId, originalId } from './resolvedImage';

/** Longest JSON text of one extra field. */
const EXTRA_LENGTH = 2000;

/** Counts over a trajectory; absent = the file does not tell. */
export interface TrajectoryCounts {
  readonly zoomCount: number;
  readonly toolCalls: number;
  readonly modelTokens?: number;
  readonly observationTokens?: number;
}

/** What the view is made of. */
export interface ViewInput {
  readonly trajectory: Trajectory;
  readonly counts: TrajectoryCounts;
  /** Every image that has bytes or a path of its own, by id; see `lookedFor`. */
  readonly resolved: ReadonlyMap<string, ResolvedImage>;
  /** What a tool did with a call, on an original of this size. Undefined for calls that no tool of ours knows. */
  readonly report: (call: ToolCall, original: Size) => ToolReport | undefined;
}

/** A trajectory for display, and how to make the picture of each image that has one. */
export interface PlannedView {
  readonly view: TrajectoryView;
  readonly plans: ReadonlyMap<string, ImagePlan>;
}

/** The images of a trajectory that have bytes or a path of their own, with their ids. Blank ones only in the prompt. */
export function lookedFor(trajectory: Trajectory): readonly (readonly [string, ImageReference])[] {
  const originals = trajectory.prompt.images.map((image, i) => [originalId(i), image] as const);
  const observed = trajectory.turns.flatMap((turn, t) =>
    (turn.observation?.images ?? []).map((image, i) => [observationId(t, i), image] as const),
  );
  return [...originals, ...observed.filter(([, image]) => image.kind !== 'blank')];
}

const NOT_LOOKED_FOR: ResolvedImage = { state: 'unknown', message: 'This image was not looked for.' };

/** Builds the view in one pass over the turns. Pure: the same input gives the same view. */
class ViewBuilder {
  readonly plans = new Map<string, ImagePlan>();
  private calls = 0;
  /** The tools work on the prompt's first image, never on an earlier crop. */
  private readonly original: ResolvedImage | undefined;
  private readonly originalSize: Size | undefined;

  constructor(private readonly input: ViewInput) {
    const first = input.trajectory.prompt.images[0];
    this.original = first && this.resolved(originalId(0));
    this.originalSize = this.original?.state === 'available' ? this.original.size : first?.size;
  }

  private resolved(id: string): ResolvedImage {
    return this.input.resolved.get(id) ?? NOT_LOOKED_FOR;
  }

  private keep({ view, plan }: PlannedImage): ImageView {
    if (plan) this.plans.set(view.id, plan);
    return view;
  }

  originals(): ImageView[] {
    return this.input.trajectory.prompt.images.map((image, i) =>
      this.keep(ownImage(originalId(i), 'original', image, this.resolved(originalId(i)))),
    );
  }

  private report(call: ToolCall): ToolReport | undefined {
    return this.originalSize && this.input.report(call, this.originalSize);
  }

  private call(part: ToolCallPart): ToolCallView {
    this.calls += 1;
    const { call, acted } = part;
    const report = this.report(call);
    const shared = { text: call.text, acted, number: this.calls, ...(report && { report }) };
    if (call.status === 'unparsable') return { status: 'unparsable', error: call.error, ...shared };
    const { name, box, label, angle } = call;
    return {
      status: 'parsed',
      name,
      ...(box && { box }),
      ...(label !== undefined && { label }),
      ...(angle !== undefined && { angle }),
      ...shared,
    };
  }

  private modelPart(part: ModelPart): PartView {
    const { text, closed } = part;
    const tokens = tokenCount(part.tokens);
    if (part.kind === 'toolCall') {
      return { kind: 'toolCall', text, closed, ...tokens, call: this.call(part) };
    }
    return { kind: part.kind, text, closed, ...tokens };
  }

  private observation(turn: Turn, index: number, part: ObservationPart): PartView {
    const acted = turn.parts.find((candidate) => candidate.kind === 'toolCall' && candidate.acted);
    const report = acted?.kind === 'toolCall' ? this.report(acted.call) : undefined;
    const images = part.images.map((image, i) => {
      const id = observationId(index, i);
      if (image.kind !== 'blank') return this.keep(ownImage(id, 'stored', image, this.resolved(id)));
      // One call makes one image: further blanks have no call that could explain them.
      return this.keep(rebuiltImage(id, image, i === 0 ? report : undefined, this.original));
    });
    const { text, error } = part;
    return {
      kind: 'observation',
      text,
      ...(error !== undefined && { error }),
      ...tokenCount(part.tokens),
      images,
    };
  }

  turn(turn: Turn, index: number): TurnView {
    const parts = turn.parts.map((part) => this.modelPart(part));
    if (turn.observation) parts.push(this.observation(turn, index, turn.observation));
    return { raw: turn.raw, parts, recovered: turn.recovered ?? false };
  }
}

function tokenCount(span: TokenSpan | undefined): { readonly tokens?: number } {
  return span ? { tokens: span.end - span.start } : {};
}

function extrasOf(trajectory: Trajectory): [string, string][] {
  return [...trajectory.extras].map(([name, value]) => [name, previewJson(value, EXTRA_LENGTH)]);
}

/** raw -> model -> view: the last step. */
export function planTrajectoryView(input: ViewInput): PlannedView {
  const { trajectory, counts } = input;
  const builder = new ViewBuilder(input);
  const { prompt, origin, id, prediction, groundTruth, verdict, reward, group, step, split } = trajectory;
  const view: TrajectoryView = {
    index: origin.index,
    ...(id !== undefined && { id }),
    ...(prompt.system !== undefined && { system: prompt.system }),
    question: prompt.question,
    user: prompt.user,
    originals: builder.originals(),
    turns: trajectory.turns.map((turn, i) => builder.turn(turn, i)),
    outcome: trajectory.outcome,
    ...(prediction !== undefined && { prediction }),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(verdict && { verdict }),
    ...(reward && { reward }),
    ...(group && { group }),
    ...(step !== undefined && { step }),
    ...(split !== undefined && { split }),
    frame: trajectory.frame,
    zoomVariant: trajectory.zoomVariant,
    ...countsOf(counts),
    extras: extrasOf(trajectory),
    bytes: origin.bytes,
  };
  return { view, plans: builder.plans };
}

function countsOf({ zoomCount, toolCalls, modelTokens, observationTokens }: TrajectoryCounts): TrajectoryCounts {
  return {
    zoomCount,
    toolCalls,
    ...(modelTokens !== undefined && { modelTokens }),
    ...(observationTokens !== undefined && { observationTokens }),
  };
}
