import type { BoundingBox } from '../../common/boundingBox';
import { intersectionOverUnion } from '../../common/boundingBox';
import type { Trajectory } from '../../trajectory/trajectory';
import type { Turn } from '../../trajectory/turn';
import type { TrajectoryFacts } from '../trajectoryFacts';
import { trajectoryFacts } from '../trajectoryFacts';
import { placedBoxes } from './placedBoxes';

/** What measures look at in one rollout. */
export interface RolloutFigures {
  readonly trajectory: Trajectory;
  readonly facts: TrajectoryFacts;
  /** Generations of the policy. */
  readonly turns: number;
  /** Whether the last generation holds an answer that is closed. */
  readonly isAnswered: boolean;
  /** Calls of which is known what came of them, and how many of them gave a crop. */
  readonly settledCalls: number;
  readonly calledCrops: number;
  /** Share of the image in each box of which it is known. */
  readonly areas: readonly number[];
  /** Of each call with a box the highest IoU over the boxes of the ground truth; empty where these are not known. */
  readonly ious: readonly number[];
}

/** Works out the figures of a rollout. */
export function rolloutFigures(trajectory: Trajectory): RolloutFigures {
  const turns = trajectory.turns.filter(({ recovered }) => recovered !== true);
  const facts = trajectoryFacts(trajectory);
  const placed = facts.boxes.length > 0 ? placedBoxes(trajectory) : [];
  const calls = turns.map(callsOf);
  return {
    trajectory,
    facts,
    turns: turns.length,
    isAnswered: turns.at(-1)?.parts.some(({ kind, closed }) => kind === 'answer' && closed) ?? false,
    settledCalls: calls.reduce((sum, { settled }) => sum + settled, 0),
    calledCrops: calls.reduce((sum, { crops }) => sum + crops, 0),
    areas: placed.flatMap(({ area }) => area ?? []),
    ious: bestOverlaps(
      placed.flatMap(({ box }) => box ?? []),
      trajectory.groundTruthBoxes ?? [],
    ),
  };
}

/** A call that ran and whose reply the log leaves out, as it does after the last turn, is not settled. */
function callsOf({ parts, observation }: Turn): { readonly settled: number; readonly crops: number } {
  let settled = 0;
  for (const part of parts) {
    if (part.kind !== 'toolCall') continue;
    const isOpen = part.acted && part.call.status === 'parsed' && observation === undefined;
    if (!isOpen) settled++;
  }
  return { settled, crops: Math.min(settled, observation?.images.length ?? 0) };
}

function bestOverlaps(boxes: readonly BoundingBox[], truths: readonly BoundingBox[]): number[] {
  if (truths.length === 0) return [];
  return boxes.map((box) =>
    truths.reduce((best, truth) => Math.max(best, intersectionOverUnion(box, truth)), 0),
  );
}
