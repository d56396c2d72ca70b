import type { Size } from '../../common/boundingBox';
import type { ToolCall } from '../../trajectory/toolCall';
import type { ToolReport } from '../../trajectory/toolReport';
import type { Turn } from '../../trajectory/turn';
import type { ToolOptions } from './imageZoomIn';
import { toolOf } from './toolRegistry';
import { ZOOM_RULES } from './zoomRules';

/**
 * Which image a call worked on. Every variant that is known here takes the prompt's first image, whatever was cut
 * before; tools that cut from an earlier crop would name it as another kind.
 */
export interface CallSource {
  readonly kind: 'prompt';
  /** Position among the prompt's images. */
  readonly image: number;
}

/** One call of a rollout and what the tool did with it. */
export interface PlannedCall {
  /** Position of the turn, and of the call among the turn's parts. */
  readonly turn: number;
  readonly part: number;
  readonly call: ToolCall;
  /** Whether the environment acted on it; the report says what would have happened otherwise. */
  readonly acted: boolean;
  readonly source: CallSource;
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
 * Every tool call of a rollout in order, with its report.
 * @param image size of the prompt's first image in pixels
 */
export function planCalls(turns: readonly Turn[], image: Size, options: ToolOptions): PlannedCall[] {
  return turns.flatMap((turn, index) => planTurn(turn, index, image, options));
}

function planTurn(turn: Turn, index: number, image: Size, options: ToolOptions): PlannedCall[] {
  const planned = turn.parts.flatMap((part, position): PlannedCall[] => {
    if (part.kind !== 'toolCall') return [];
    const { call, acted } = part;
    const report = planCall(call, image, options);
    return [{ turn: index, part: position, call, acted, source: { kind: 'prompt', image: 0 }, report }];
  });
  const failed = planned.some(({ acted, report }) => acted && report.rejected !== undefined);
  if (failed && ZOOM_RULES[options.variant].failsWholeTurn) return planned;
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
