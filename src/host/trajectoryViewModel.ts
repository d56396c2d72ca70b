import type { TrajectoryFacts } from '../analysis/trajectoryFacts';
import { previewJson } from '../common/json';
import type { ImageView, PartView, ToolCallView, TrajectoryView, TurnView } from '../protocol/trajectoryView';
import type { PlannedCall } from '../rollout/tools/planCalls';
import { planCalls } from '../rollout/tools/planCalls';
import type { ImageReference } from '../trajectory/imageReference';
import type { ToolReport } from '../trajectory/toolReport';
import type { Trajectory } from '../trajectory/trajectory';
import type { ModelPart, ObservationPart, TokenSpan, ToolCallPart, Turn } from '../trajectory/turn';
import { finiteReward } from './finiteReward';
import type { PlannedImage } from './imageViews';
import { ownImage, rebuiltImage, seenAs } from './imageViews';
import type { ImagePlan, ResolvedImage } from './resolvedImage';
import { observationId, originalId } from './resolvedImage';

/** Longest JSON text of one extra field. */
const EXTRA_LENGTH = 2000;

/** What the view is made of. */
export interface ViewInput {
  readonly trajectory: Trajectory;
  readonly facts: TrajectoryFacts;
  /** Every image that has bytes or a path of its own, by id; see `lookedFor`. */
  readonly resolved: ReadonlyMap<string, ResolvedImage>;
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
  /** What the tools did; empty when the size of the original is not known. */
  private readonly planned: readonly PlannedCall[];

  constructor(private readonly input: ViewInput) {
    const { prompt, turns, zoomVariant: variant, frame } = input.trajectory;
    const first = prompt.images[0];
    this.original = first && this.resolved(originalId(0));
    const size = this.original?.state === 'available' ? this.original.size : first?.size;
    const resized = seenAs(size);
    this.planned = size ? planCalls(turns, size, { variant, frame, ...(resized && { resized }) }) : [];
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

  private call(part: ToolCallPart, turn: number, position: number): ToolCallView {
    this.calls += 1;
    const { call, acted } = part;
    const report = this.planned.find((entry) => entry.turn === turn && entry.part === position)?.report;
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

  private modelPart(part: ModelPart, turn: number, position: number): PartView {
    const { text, closed } = part;
    const tokens = tokenCount(part.tokens);
    if (part.kind === 'toolCall') {
      // Evaluation stops generating at the closing tag, so the tag of the call that it runs is never in the text.
      const cutAtStop = part.acted && this.input.trajectory.zoomVariant === 'evaluation';
      const call = this.call(part, turn, position);
      return { kind: 'toolCall', text, closed: closed || cutAtStop, ...tokens, call };
    }
    return { kind: part.kind, text, closed, ...tokens };
  }

  /** What made image number `image` of a turn's observation; for the first one a refused call will do, as the reason. */
  private makerOf(turn: number, image: number): ToolReport | undefined {
    const acted = this.planned.filter((entry) => entry.turn === turn && entry.acted);
    const maker = acted.find((entry) => entry.observationImage === image);
    return (maker ?? (image === 0 ? acted[0] : undefined))?.report;
  }

  private observation(index: number, part: ObservationPart): PartView {
    const images = part.images.map((image, i) => {
      const id = observationId(index, i);
      if (image.kind !== 'blank') return this.keep(ownImage(id, 'stored', image, this.resolved(id)));
      return this.keep(rebuiltImage(id, image, this.makerOf(index, i), this.original));
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
    const parts = turn.parts.map((part, i) => this.modelPart(part, index, i));
    if (turn.observation) parts.push(this.observation(index, turn.observation));
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
  const { trajectory, facts } = input;
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
    ...(reward && { reward: finiteReward(reward) }),
    ...(group && { group }),
    ...(step !== undefined && { step }),
    ...(split !== undefined && { split }),
    frame: trajectory.frame,
    zoomVariant: trajectory.zoomVariant,
    ...countsOf(facts),
    extras: extrasOf(trajectory),
    bytes: origin.bytes,
  };
  return { view, plans: builder.plans };
}

function countsOf(
  facts: TrajectoryFacts,
): Pick<TrajectoryView, 'zoomCount' | 'toolCalls' | 'modelTokens' | 'observationTokens'> {
  const { zoomCount, toolCalls, modelTokens, observationTokens } = facts;
  return {
    zoomCount,
    toolCalls,
    ...(modelTokens !== undefined && { modelTokens }),
    ...(observationTokens !== undefined && { observationTokens }),
  };
}
