import type { BoundingBox } from '../common/boundingBox';
import { boxToArray } from '../common/boundingBox';
import type { Trajectory } from '../trajectory/trajectory';
import type { ToolCallPart, Turn } from '../trajectory/turn';

/** A box that the model asked for. */
export interface RequestedBox {
  /** As requested, in the trajectory's frame. */
  readonly box: BoundingBox;
  /** Whether the call named what it looked for. */
  readonly isLabelled: boolean;
  /** Whether the environment acted on the call. */
  readonly acted: boolean;
  /** Index of the turn. */
  readonly turn: number;
}

/** Figures of one trajectory. Recovered turns are shown elsewhere and counted in none of them but `toolErrors`. */
export interface TrajectoryFacts {
  /** Crops that came back: images in observations. */
  readonly zoomCount: number;
  /** Calls that the model made, failed and ignored ones included. */
  readonly toolCalls: number;
  /**
   * Calls that came to nothing: unreadable ones, those that got an error for an answer, and the call of a recovered
   * turn, on which the tool raised.
   */
  readonly toolErrors: number;
  /** Turns that hold both a call and an answer. Training ignores the call then, evaluation runs it. */
  readonly turnsWithCallAndAnswer: number;
  readonly boxes: readonly RequestedBox[];
  /** Boxes that equal an earlier one of the same trajectory in all four numbers. */
  readonly repeatedBoxes: number;
  /** Tokens that the policy wrote; absent when the file has no tokens. */
  readonly modelTokens?: number;
  /**
   * Tokens of the observations, visual ones included; absent when the file has no tokens, or those of the policy alone.
   */
  readonly observationTokens?: number;
}

function callsOf(turn: Turn): ToolCallPart[] {
  return turn.parts.filter((part): part is ToolCallPart => part.kind === 'toolCall');
}

/** Crops that came back in a trajectory. */
export function zoomCount(trajectory: Trajectory): number {
  let count = 0;
  for (const turn of trajectory.turns) {
    if (turn.recovered !== true) count += turn.observation?.images.length ?? 0;
  }
  return count;
}

/** Boxes in the order in which they were asked for. */
function requestedBoxes(trajectory: Trajectory): RequestedBox[] {
  return trajectory.turns.flatMap((turn, index) =>
    turn.recovered === true
      ? []
      : callsOf(turn).flatMap(({ call, acted }) =>
          call.status === 'parsed' && call.box
            ? [{ box: call.box, isLabelled: call.label !== undefined, acted, turn: index }]
            : [],
        ),
  );
}

function failed(part: ToolCallPart, turn: Turn): boolean {
  if (part.call.status === 'unparsable') return true;
  return part.acted && turn.observation?.error !== undefined;
}

function countRepeated(boxes: readonly RequestedBox[]): number {
  // As text -0 is 0, and all else differs where the numbers do.
  return boxes.length - new Set(boxes.map(({ box }) => boxToArray(box).join(' '))).size;
}

/** An observation without a token is none that was counted: every one has some. */
function observationTokens(trajectory: Trajectory, counted: number): { readonly observationTokens?: number } {
  const answered = trajectory.turns.some(({ observation }) => observation !== undefined);
  return counted === 0 && answered ? {} : { observationTokens: counted };
}

/** The figures of a trajectory, all from the messages themselves. */
export function trajectoryFacts(trajectory: Trajectory): TrajectoryFacts {
  let toolCalls = 0;
  let toolErrors = 0;
  let turnsWithCallAndAnswer = 0;
  for (const turn of trajectory.turns) {
    const calls = callsOf(turn);
    if (turn.recovered === true) {
      if (calls.length > 0 && trajectory.outcome.status === 'error') toolErrors++;
      continue;
    }
    toolCalls += calls.length;
    toolErrors += calls.filter((part) => failed(part, turn)).length;
    if (calls.length > 0 && turn.parts.some((part) => part.kind === 'answer')) turnsWithCallAndAnswer++;
  }
  const boxes = requestedBoxes(trajectory);
  const mask = trajectory.tokens?.actionMask;
  const modelTokens = mask?.filter(Boolean).length;
  return {
    zoomCount: zoomCount(trajectory),
    toolCalls,
    toolErrors,
    turnsWithCallAndAnswer,
    boxes,
    repeatedBoxes: countRepeated(boxes),
    ...(modelTokens !== undefined && { modelTokens }),
    ...(mask && modelTokens !== undefined && observationTokens(trajectory, mask.length - modelTokens)),
  };
}
