import type { Size } from '../../common/boundingBox';
import type { ToolCall } from '../../trajectory/toolCall';
import type { ToolReport } from '../../trajectory/toolReport';
import type { Turn } from '../../trajectory/turn';
import { ROLLOUT_PROTOCOLS } from '../protocols/protocolByName';
import type { CallSource, ConversationPicture } from './conversationPictures';
import { observedPictures, promptPictures } from './conversationPictures';
import type { ToolOptions } from './imageZoomIn';
import { noImage } from './noImage';
import { toolOf } from './toolRegistry';
import { ZOOM_RULES } from './zoomRules';

/** One call of a rollout and what the tool did with it. */
export interface PlannedCall {
  /** Position of the turn, and of the call among the turn's parts. */
  readonly turn: number;
  readonly part: number;
  readonly call: ToolCall;
  /** Whether the environment acted on it; the report says what would have happened otherwise. */
  readonly acted: boolean;
  /** The picture that it worked on; absent when it names one that is not there. */
  readonly source?: CallSource;
  /** Pixels of that picture; boxes of the report count them. Absent with the source. */
  readonly sourceSize?: Size;
  readonly report: ToolReport;
  /**
   * Position among the pictures that the turn's observation brings, when this call brought one. The observation that
   * was recorded may still hold none: the last turn's is dropped in training.
   */
  readonly observationImage?: number;
}

/** What the tool that the call names does with it, by the variant's rules. */
export function planCall(call: ToolCall, image: Size, options: ToolOptions): ToolReport {
  return toolOf(call, options.variant).plan(call, image, options);
}

/**
 * Every tool call of a rollout in order, with its report. Left out are calls on a picture whose size nothing tells.
 * @param images sizes in pixels of the prompt's images, or of the first one alone
 * @param options by whose rules; as a function of a prompt image's size where that decides how the model saw it
 */
export function planCalls(
  turns: readonly Turn[],
  images: Size | readonly (Size | undefined)[],
  options: ToolOptions | ((image: Size) => ToolOptions),
): PlannedCall[] {
  const sizes = 'width' in images ? [images] : images;
  const planner = new CallPlanner(sizes, typeof options === 'function' ? options : () => options);
  return turns.flatMap((turn, index) => planner.turn(turn, index));
}

class CallPlanner {
  /** All pictures of the conversation so far, in the order in which calls count them. */
  private readonly pictures: ConversationPicture[];
  /** The rules, with how the model saw the first picture. */
  private readonly usual: ToolOptions;

  constructor(
    sizes: readonly (Size | undefined)[],
    private readonly options: (image: Size) => ToolOptions,
  ) {
    this.pictures = promptPictures(sizes);
    this.usual = options(sizes[0] ?? { width: 0, height: 0 });
  }

  turn(turn: Turn, index: number): PlannedCall[] {
    const planned = turn.parts.flatMap((part, position): PlannedCall[] => {
      if (part.kind !== 'toolCall') return [];
      const told = this.plan(part.call);
      return told ? [{ turn: index, part: position, call: part.call, acted: part.acted, ...told }] : [];
    });
    const numbered = numberedImages(planned, ZOOM_RULES[this.usual.variant].failsWholeTurn);
    const makers = new Map<number, ToolReport>();
    for (const { observationImage, report } of numbered)
      if (observationImage !== undefined) makers.set(observationImage, report);
    this.pictures.push(...observedPictures(turn, index, makers));
    return numbered;
  }

  private plan(call: ToolCall): Pick<PlannedCall, 'source' | 'sourceSize' | 'report'> | undefined {
    const place = sourceOf(this.usual.variant, call, this.pictures.length);
    const picture = place === undefined ? undefined : this.pictures[place];
    // A log that names no picture at all does not say that there was none.
    if (this.pictures.length === 0) return undefined;
    if (!picture) return { report: noImage(this.pictures.length, this.usual.frame) };
    const { source, size } = picture;
    if (!size) return undefined;
    const on = { source, sourceSize: size };
    if (source.kind === 'prompt') return { ...on, report: planCall(call, size, this.options(size)) };
    // A crop's size as the model saw it follows from the limits of crops, not from how the prompt's image was seen.
    const { resized: _resized, ...options } = this.usual;
    return { ...on, report: planCall(call, size, options) };
  }
}

/** Which picture a call works on, by the protocol of the variant. */
function sourceOf(variant: ToolOptions['variant'], call: ToolCall, pictures: number): number | undefined {
  const protocol = ROLLOUT_PROTOCOLS.find((entry) => entry.variant === variant);
  return protocol ? protocol.sourceOf(call, pictures) : 0;
}

/** The place of each call's picture in the observation. */
function numberedImages(planned: readonly PlannedCall[], failsWholeTurn: boolean): PlannedCall[] {
  const failed = planned.some(({ acted, report }) => acted && report.rejected !== undefined);
  if (failed && failsWholeTurn) return [...planned];
  let next = 0;
  return planned.map((call) => {
    const brings = call.acted && call.report.rejected === undefined;
    return brings ? { ...call, observationImage: next++ } : call;
  });
}

/**
 * Whether the visual tokens that a file recorded for an observation are what the report would give. Undefined when the
 * report gives none: a refused call brings no picture.
 */
export function explainsTokens(report: ToolReport, recorded: number): boolean | undefined {
  return report.visualTokens === undefined ? undefined : report.visualTokens === recorded;
}
