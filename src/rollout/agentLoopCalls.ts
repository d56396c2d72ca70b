import type { Size } from '../common/boundingBox';
import { throwIfCancelled } from '../common/cancel';
import { errorCode, errorMessage, ImcotError } from '../common/errors';
import type { AppendedImage, Message, MessagePart, Sequence } from '../inference/backend';
import { observationWords } from '../trajectory/segment';
import type { ToolCall } from '../trajectory/toolCall';
import type { ToolReport } from '../trajectory/toolReport';
import type { RolloutPlan, RolloutRun } from './agentLoopPlan';
import { imagePart, textMessage } from './agentLoopPlan';
import type { Picture } from './picture';
import type { ObservationPiece } from './protocols/protocol';
import type { RolloutEnd, RolloutEvent } from './rolloutEvents';
import type { AreaLimits } from './rolloutSettings';
import { noImage } from './tools/noImage';
import { toolOf } from './tools/toolRegistry';

type Events = AsyncGenerator<RolloutEvent, RolloutEnd | undefined, undefined>;
type Appended = Awaited<ReturnType<Sequence['appendMessage']>>;

/** A call that its tool accepted. */
interface AcceptedCall {
  readonly report: ToolReport;
  readonly source: Picture;
}

/** Runs the calls of a rollout's turns and shows the model what they bring. */
export class CallRunner {
  /** All pictures of the conversation, those of the prompt first, and how the model sees them. */
  private readonly pictures: Picture[];
  private readonly seen: AppendedImage[];

  constructor(
    private readonly plan: RolloutPlan,
    private readonly run: RolloutRun,
    private readonly sequence: Sequence,
    promptImages: readonly AppendedImage[],
  ) {
    this.pictures = [...plan.task.pictures];
    this.seen = [...promptImages];
  }

  /**
   * The environment's answer to a turn with calls.
   * @param isLast nothing is generated after this turn
   * @returns the end, when it lies in the calls
   */
  async *act(calls: readonly ToolCall[], turn: number, isLast: boolean): Events {
    const { evaluates } = this.run.protocol;
    const accepted: AcceptedCall[] = [];
    for (const call of calls) {
      const { event, source } = this.judge(call, turn);
      yield event;
      // As in Python, where the first exception leaves the loop over the calls.
      if (event.report.rejected !== undefined || !source)
        return yield* this.refuse(event.report, turn, isLast);
      accepted.push({ report: event.report, source });
    }
    // In training the last turn's tools run for nothing.
    if (isLast && !evaluates) return undefined;
    const pictures = this.pictures.length + accepted.length;
    if (pictures > this.plan.limits.maxImages) return tooManyImages(pictures, this.plan.limits.maxImages);
    const crops = yield* this.cut(accepted, turn);
    return yield* this.show(crops, turn, isLast);
  }

  private judge(
    call: ToolCall,
    turn: number,
  ): { readonly event: Extract<RolloutEvent, { type: 'toolCall' }>; readonly source: Picture | undefined } {
    const { protocol, settings } = this.run;
    const { variant } = protocol;
    const picture = protocol.sourceOf(call, this.pictures.length);
    const source = picture === undefined ? undefined : this.pictures[picture];
    const resized = picture === undefined ? undefined : this.seen[picture]?.seen;
    const tool = toolOf(call, variant);
    if (picture === undefined)
      return {
        event: { type: 'toolCall', turn, call, report: noImage(this.pictures.length, this.plan.frame) },
        source,
      };
    const report = tool.plan(call, sizeOf(source), {
      variant,
      frame: this.plan.frame,
      limits: this.plan.cropLimits,
      ...(resized && { resized }),
      ...(settings.minBoxSideAbove !== undefined && { minSideAbove: settings.minBoxSideAbove }),
    });
    const on = source ? { on: { picture, tool: tool.name } } : {};
    return { event: { type: 'toolCall', turn, call, report, ...on }, source };
  }

  private async *cut(
    accepted: readonly AcceptedCall[],
    turn: number,
  ): AsyncGenerator<RolloutEvent, readonly Picture[], undefined> {
    const { cutter, signal } = this.run;
    const crops: Picture[] = [];
    for (const { report, source } of accepted) {
      const picture = await cutter.cut(source.pixels, report, signal);
      throwIfCancelled(signal);
      crops.push(picture);
      yield { type: 'crop', turn, picture, report };
    }
    return crops;
  }

  /** The environment's complaint goes back to the model; in evaluation it is the end. */
  private async *refuse(report: ToolReport, turn: number, isLast: boolean): Events {
    const { evaluates, refusal } = this.run.protocol;
    if (evaluates) return { type: 'end', status: 'error', reason: report.rejection ?? refusal };
    if (isLast) return undefined;
    const words = report.environmentError ?? refusal;
    const appended = await this.append(textMessage('user', words));
    if (!appended.fits) return appended.end;
    const told = { raw: words, text: words, error: words };
    yield { type: 'observation', turn, ...told, pictures: [], appended: appended.appended };
    return undefined;
  }

  private async *show(crops: readonly Picture[], turn: number, isLast: boolean): Events {
    const pieces = this.run.protocol.observation(crops.length, this.pictures.length);
    const raw = pieces.map((piece) => (typeof piece === 'string' ? piece : '<image>')).join('');
    const observation = {
      type: 'observation',
      turn,
      raw,
      text: observationWords(raw),
      pictures: crops,
    } as const;
    if (isLast) {
      yield observation;
      return undefined;
    }
    const appended = await this.append({ role: 'user', parts: this.partsOf(pieces, crops) });
    if (!appended.fits) return appended.end;
    this.pictures.push(...crops);
    this.seen.push(...appended.appended.images);
    yield { ...observation, appended: appended.appended };
    return undefined;
  }

  private partsOf(pieces: readonly ObservationPiece[], crops: readonly Picture[]): MessagePart[] {
    return pieces.map((piece) => {
      if (typeof piece === 'string') return { type: 'text', text: piece };
      const crop = crops[piece.picture];
      if (!crop)
        throw new ImcotError('internal', `An observation names picture ${piece.picture}, which was not cut.`);
      return imagePart(crop, this.keptArea(crop));
    });
  }

  /**
   * A crop comes from the cutter at the size that its limits give it, and stays so: the rule of sizes, applied once more,
   * may give another one where the two limits are close.
   */
  private keptArea({ pixels }: Picture): AreaLimits {
    const { minPixels, maxPixels } = this.plan.cropLimits;
    const area = pixels.width * pixels.height;
    return { minPixels: Math.min(minPixels, area), maxPixels: Math.max(maxPixels, area) };
  }

  /** Appends an observation, unless the sequence would be full with it: then it is dropped and the rollout ends. */
  private async append(
    message: Message,
  ): Promise<
    { readonly fits: true; readonly appended: Appended } | { readonly fits: false; readonly end: RolloutEnd }
  > {
    const { totalTokens } = this.plan;
    const { signal } = this.run;
    try {
      const appended = await this.sequence.appendMessage(message, signal);
      throwIfCancelled(signal);
      if (this.sequence.length < totalTokens) return { fits: true, appended };
    } catch (thrown) {
      if (errorCode(thrown) !== 'limit') throw thrown;
      return { fits: false, end: { type: 'end', status: 'length', reason: errorMessage(thrown) } };
    }
    const reason = `With the observation the limit of ${totalTokens} tokens in all is reached.`;
    return { fits: false, end: { type: 'end', status: 'length', reason } };
  }
}

/** The size alone: reports are kept, and must not hold pixels. */
function sizeOf(picture: Picture | undefined): Size {
  return { width: picture?.pixels.width ?? 0, height: picture?.pixels.height ?? 0 };
}

function tooManyImages(pictures: number, allowed: number): RolloutEnd {
  const reason = `The next request would hold ${pictures} images; at most ${allowed} are allowed.`;
  return { type: 'end', status: 'length', reason };
}
