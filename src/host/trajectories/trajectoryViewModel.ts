import type { RewardFormula } from '../../analysis/rewardFormula';
import type { Contradiction } from '../../analysis/contradictions';
import { contradictions } from '../../analysis/contradictions';
import type { TrajectoryFacts } from '../../analysis/trajectoryFacts';
import type { Size } from '../../common/boundingBox';
import { boxToArray } from '../../common/boundingBox';
import { previewJson } from '../../common/json';
import type {
  GroundTruthBoxes,
  ImageView,
  MarkedPart,
  PartView,
  ToolCallView,
  TrajectoryView,
  TurnView,
} from '../../protocol/trajectoryView';
import { recordedToolOptions } from '../../rollout/recordedToolOptions';
import type { ToolOptions } from '../../rollout/tools/imageZoomIn';
import type { PlannedCall } from '../../rollout/tools/planCalls';
import { planCalls } from '../../rollout/tools/planCalls';
import type { ImageReference } from '../../trajectory/imageReference';
import type { Trajectory } from '../../trajectory/trajectory';
import type { ModelPart, ObservationPart, TokenSpan, ToolCallPart, Turn } from '../../trajectory/turn';
import { reportedCalls } from '../../rollout/reportedCalls';
import { CallPlaces, idOfSource } from './callPlaces';
import { callOverlap } from './callOverlap';
import type { PlannedImage } from '../images/imageViews';
import { ownImage, rebuiltImage, seenAs } from '../images/imageViews';
import type { ImagePlan, ResolvedImage } from '../images/resolvedImage';
import { observationId, originalId } from '../images/resolvedImage';
import { isSettingField, settingsView } from './settingsView';
import { verdictView } from './verdictView';

/** Longest JSON text of one extra field. */
const EXTRA_LENGTH = 2000;

/** What the view is made of. */
export interface ViewInput {
  readonly trajectory: Trajectory;
  readonly facts: TrajectoryFacts;
  /** Every image that has bytes or a path of its own, by id; see `lookedFor`. */
  readonly resolved: ReadonlyMap<string, ResolvedImage>;
  /** The boxes that the answer is about, where they are known. */
  readonly truth?: GroundTruthBoxes;
  /** By which its reward is worked out; as the record has it where absent. */
  readonly formula?: RewardFormula;
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
const NOT_KEPT: ResolvedImage = {
  state: 'unknown',
  message: 'It was cut from an earlier crop, and the log kept nothing of that one.',
};

/** Builds the view in one pass over the turns. Pure: the same input gives the same view. */
class ViewBuilder {
  readonly plans = new Map<string, ImagePlan>();
  private calls = 0;
  /** By whose rules the calls were judged, and how the model saw a picture of the prompt. */
  private readonly rules: (image: Size) => ToolOptions;
  /** What the tools did; a call on a picture whose size is not known is missing. */
  private readonly planned: readonly PlannedCall[];
  private readonly places: CallPlaces;
  private readonly contradictions: readonly Contradiction[];

  constructor(private readonly input: ViewInput) {
    const { trajectory } = input;
    this.rules = (image) => recordedToolOptions(trajectory, image);
    this.planned = planCalls(this.sizedTurns(), this.promptSizes(), this.rules);
    this.places = new CallPlaces(this.planned);
    this.contradictions = this.findContradictions();
  }

  private resolved(id: string): ResolvedImage {
    return this.input.resolved.get(id) ?? NOT_LOOKED_FOR;
  }

  private sizeOf(id: string, reference: ImageReference): Size | undefined {
    const resolved = this.input.resolved.get(id);
    return resolved?.state === 'available' ? resolved.size : reference.size;
  }

  promptSizes(): readonly (Size | undefined)[] {
    const { images } = this.input.trajectory.prompt;
    return images.map((image, i) => this.sizeOf(originalId(i), image));
  }

  /** The turns with the sizes of crops as their files have them: later calls may have cut from those. */
  sizedTurns(): readonly Turn[] {
    return this.input.trajectory.turns.map((turn, t) => {
      const { observation } = turn;
      if (!observation || observation.images.length === 0) return turn;
      const images = observation.images.map((image, i) => {
        const size = this.sizeOf(observationId(t, i), image);
        return size ? { ...image, size } : image;
      });
      return { ...turn, observation: { ...observation, images } };
    });
  }

  private keep({ view, plan }: PlannedImage): ImageView {
    if (plan) this.plans.set(view.id, plan);
    return view;
  }

  private findContradictions(): readonly Contradiction[] {
    const [first = { width: 0, height: 0 }] = this.promptSizes();
    const calls = reportedCalls(this.planned, this.rules(first));
    return contradictions({ ...this.input.trajectory, turns: this.sizedTurns() }, calls);
  }

  private marks(turn: number, part: number | 'observation'): MarkedPart {
    const own = this.contradictions.filter((entry) => entry.turn === turn && entry.part === part);
    return own.length === 0 ? {} : { contradictions: own.map(({ text }) => text) };
  }

  originals(): ImageView[] {
    return this.input.trajectory.prompt.images.map((image, i) => {
      const size = this.sizeOf(originalId(i), image);
      const seen = size && this.rules(size).resized;
      return this.keep(ownImage(originalId(i), 'original', image, this.resolved(originalId(i)), seen));
    });
  }

  private call(part: ToolCallPart, turn: number, position: number): ToolCallView {
    this.calls += 1;
    const { call, acted } = part;
    const planned = this.planned.find((entry) => entry.turn === turn && entry.part === position);
    const place = planned && this.places.of(planned);
    const shared = {
      text: call.text,
      acted,
      number: this.calls,
      ...(planned && { report: planned.report }),
      ...(planned?.source && { source: idOfSource(planned.source) }),
      ...(place && { place }),
      ...callOverlap(call, this.input, place),
    };
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

  /** How many tokens a part has, and where they begin if there is more to tell of each. */
  private tokens(span: TokenSpan | undefined): { readonly tokens?: number; readonly firstToken?: number } {
    const isTracked = this.input.trajectory.tokens?.logProbabilities !== undefined;
    return { ...tokenCount(span), ...(span && isTracked && { firstToken: span.start }) };
  }

  private modelPart(part: ModelPart, turn: number, position: number): PartView {
    const { text, closed } = part;
    const told = { ...this.tokens(part.tokens), ...this.marks(turn, position) };
    if (part.kind === 'toolCall') {
      // Evaluation stops generating at the closing tag, so the tag of the call that it runs is never in the text.
      const cutAtStop = part.acted && this.input.trajectory.zoomVariant === 'evaluation';
      const call = this.call(part, turn, position);
      return { kind: 'toolCall', text, closed: closed || cutAtStop, ...told, call };
    }
    return { kind: part.kind, text, closed, ...told };
  }

  /** What made image number `image` of a turn's observation; for the first one a refused call will do, as the reason. */
  private makerOf(turn: number, image: number): PlannedCall | undefined {
    const acted = this.planned.filter((entry) => entry.turn === turn && entry.acted);
    const maker = acted.find((entry) => entry.observationImage === image);
    return maker ?? (image === 0 ? acted[0] : undefined);
  }

  /** The image that a call worked on, as far as it was looked for. */
  private workedOn(maker: PlannedCall | undefined): ResolvedImage | undefined {
    const id = maker?.source ? idOfSource(maker.source) : originalId(0);
    if (maker?.source?.kind === 'observation') return this.input.resolved.get(id) ?? NOT_KEPT;
    return this.input.trajectory.prompt.images.length === 0 ? undefined : this.resolved(id);
  }

  private observedImage(turn: number, position: number, image: ImageReference): ImageView {
    const id = observationId(turn, position);
    const maker = this.makerOf(turn, position);
    const number = maker && this.numberOf(maker);
    if (image.kind === 'blank') {
      const planned = rebuiltImage(id, image, maker?.report, this.workedOn(maker));
      return numbered(this.keep(planned), number);
    }
    const size = this.sizeOf(id, image);
    const seen = this.cropSeenAs(size, maker);
    const view = this.keep(ownImage(id, 'stored', image, this.resolved(id), seen));
    const cutSize = maker && cutSizeOf(maker, size);
    return numbered(cutSize ? { ...view, cutSize } : view, number);
  }

  /** Size at which the policy saw a crop that is stored: by the limits of the rollout, where it recorded any. */
  private cropSeenAs(size: Size | undefined, maker: PlannedCall | undefined): Size | undefined {
    const told = maker?.report.resizedSize;
    if (size && told && sameSize(size, told)) return told;
    return seenAs(size, this.rules(size ?? { width: 0, height: 0 }).limits);
  }

  /** The number that the stage draws at a call. */
  private numberOf({ turn, part }: PlannedCall): number {
    const { turns } = this.input.trajectory;
    const before = turns.slice(0, turn).flatMap(({ parts }) => parts);
    const own = turns[turn]?.parts.slice(0, part + 1) ?? [];
    return [...before, ...own].filter(({ kind }) => kind === 'toolCall').length;
  }

  private observation(index: number, part: ObservationPart): PartView {
    const images = part.images.map((image, i) => this.observedImage(index, i, image));
    const { text, error } = part;
    return {
      kind: 'observation',
      text,
      ...(error !== undefined && { error }),
      ...tokenCount(part.tokens),
      ...this.marks(index, 'observation'),
      images,
    };
  }

  /** What the calls of a turn that just ended are about to bring: it is cut at once, and recorded with the answer. */
  private awaited(turn: Turn, index: number): PartView | undefined {
    const { outcome, turns } = this.input.trajectory;
    if (outcome.status !== 'running' || turn.observation || index !== turns.length - 1) return undefined;
    const brought = this.planned.filter((call) => call.turn === index && call.observationImage !== undefined);
    if (brought.length === 0) return undefined;
    const images = brought.map((_call, i) => this.observedImage(index, i, { kind: 'blank' }));
    return { kind: 'observation', text: '', images, pending: true };
  }

  turn(turn: Turn, index: number): TurnView {
    const parts = turn.parts.map((part, i) => this.modelPart(part, index, i));
    const observed = turn.observation ? this.observation(index, turn.observation) : this.awaited(turn, index);
    if (observed) parts.push(observed);
    const raw = turn.observation?.raw ?? '';
    return {
      raw: turn.raw,
      ...(raw !== '' && { observationRaw: raw }),
      parts,
      recovered: turn.recovered ?? false,
    };
  }
}

/** The size of a piece before it was resized for the model, where that is how it is stored. */
function cutSizeOf({ report }: PlannedCall, stored: Size | undefined): Size | undefined {
  if (report.tool !== 'zoom' || !report.cropSize || !report.resizedSize || !stored) return undefined;
  const { cropSize, resizedSize } = report;
  return sameSize(stored, resizedSize) && !sameSize(cropSize, resizedSize) ? cropSize : undefined;
}

function numbered(view: ImageView, call: number | undefined): ImageView {
  return call === undefined ? view : { ...view, call };
}

function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function tokenCount(span: TokenSpan | undefined): { readonly tokens?: number } {
  return span ? { tokens: span.end - span.start } : {};
}

function extrasOf(trajectory: Trajectory): [string, string][] {
  const boxes = trajectory.groundTruthBoxes?.map(boxToArray);
  return [...(boxes ? [['boxes', boxes] as const] : []), ...trajectory.extras]
    .filter(([name, value]) => !isSettingField(name, value))
    .map(([name, value]) => [name, previewJson(value, EXTRA_LENGTH)]);
}

/** raw -> model -> view: the last step. */
export function planTrajectoryView(input: ViewInput): PlannedView {
  const { trajectory, facts, truth, formula } = input;
  const builder = new ViewBuilder(input);
  const { prompt, origin, id, prediction, groundTruth, verdict, group, step, split } = trajectory;
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
    ...(truth && { groundTruthBoxes: truth }),
    ...(verdict && { verdict }),
    ...verdictView({ trajectory, turns: builder.sizedTurns(), sizes: builder.promptSizes(), truth, formula }),
    ...(group && { group }),
    ...(step !== undefined && { step }),
    ...(split !== undefined && { split }),
    frame: trajectory.frame,
    zoomVariant: trajectory.zoomVariant,
    ...countsOf(facts),
    ...trackOf(trajectory),
    settings: settingsView(trajectory.extras),
    extras: extrasOf(trajectory),
    bytes: origin.bytes,
  };
  return { view, plans: builder.plans };
}

function trackOf({ tokens }: Trajectory): Pick<TrajectoryView, 'tokenTrack'> {
  if (!tokens?.logProbabilities) return {};
  return { tokenTrack: { texts: tokens.texts, logProbabilities: tokens.logProbabilities } };
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
