import { encodeBase64 } from '../../common/base64';
import { boxToArray } from '../../common/boundingBox';
import { writeJson } from '../../common/jsonWriter';
import type { TurnSemantics } from '../../trajectory/environment';
import type { ImageRecord, StartEvent, TrajectoryEvent } from '../../trajectory/eventLog';
import { eventLine } from '../../trajectory/eventLog';
import type { ImageReference } from '../../trajectory/imageReference';
import { parseTurn } from '../../trajectory/parseTurn';
import { partRecord } from '../../trajectory/partRecord';
import { questionOf } from '../../trajectory/promptText';
import type { Trajectory, ZoomVariant } from '../../trajectory/trajectory';
import type { Turn } from '../../trajectory/turn';
import type { InlineImages } from '../reader';

/** By which rules the producers' environments divide a turn; verl and ms-swift take the last call, as v2 does. */
const SEMANTICS_OF: Readonly<Record<ZoomVariant, TurnSemantics>> = {
  trainingV2: 'trainingV2',
  trainingV5: 'trainingV5',
  evaluation: 'evaluation',
  verl: 'trainingV2',
  msSwift: 'trainingV2',
  qwen3Vl: 'trainingV2',
  miniO3: 'trainingV2',
  chainOfFocus: 'trainingV5',
};

/**
 * Any trajectory as lines of the project's own event log, without the header line. Read back they give an equal
 * trajectory, save for its origin. Bytes of inline images go into the lines.
 * @param number the trajectory's number in the file that the lines are for
 * @param images the bytes of the trajectory's inline images; one that is not there is named by its hash alone
 */
export function linesOfTrajectory(number: number, trajectory: Trajectory, images: InlineImages): string[] {
  return eventsOfTrajectory(trajectory, images).map((event) => eventLine(number, event));
}

function eventsOfTrajectory(trajectory: Trajectory, images: InlineImages): TrajectoryEvent[] {
  const writer = new ImageWriter(images);
  const semantics = SEMANTICS_OF[trajectory.zoomVariant];
  const { tokens, verdict, reward } = trajectory;
  return [
    startEvent(trajectory, writer, semantics),
    ...trajectory.turns.flatMap((turn, index) => eventsOfTurn(turn, index, writer, semantics)),
    ...(tokens ? [{ event: 'tokens' as const, ...tokens }] : []),
    ...(verdict ? [{ event: 'verdict' as const, ...verdict }] : []),
    ...(reward ? [{ event: 'reward' as const, ...reward }] : []),
    ...endEvents(trajectory),
  ];
}

function startEvent(trajectory: Trajectory, images: ImageWriter, semantics: TurnSemantics): StartEvent {
  const { id, prompt, groundTruth, groundTruthBoxes, group, step, split, frame, zoomVariant, extras } =
    trajectory;
  const { question, images: references, ...rest } = prompt;
  return {
    event: 'start',
    ...(id !== undefined && { id }),
    prompt: {
      ...rest,
      ...(question === questionOf(prompt.user) ? {} : { question }),
      images: images.records(references),
    },
    ...(groundTruth !== undefined && { groundTruth }),
    ...(groundTruthBoxes && { boxes: groundTruthBoxes.map(boxToArray) }),
    ...(group && { group }),
    ...(step !== undefined && { step }),
    ...(split !== undefined && { split }),
    frame,
    zoomVariant,
    semantics,
    extras: [...extras],
  };
}

function eventsOfTurn(
  turn: Turn,
  index: number,
  images: ImageWriter,
  semantics: TurnSemantics,
): TrajectoryEvent[] {
  const { raw, parts, observation, recovered } = turn;
  const events: TrajectoryEvent[] = [
    { event: 'text', turn: index, text: raw, ...(recovered && { recovered: true as const }) },
  ];
  const records = parts.map(partRecord);
  // Compared as they would be written: what divides in the usual way need not be said.
  if (writeJson(records) !== writeJson(parseTurn(raw, semantics).parts.map(partRecord))) {
    events.push({ event: 'parts', turn: index, parts: records });
  }
  if (observation) {
    const { kind: _kind, images: references, tokens: span, text, ...rest } = observation;
    events.push({
      event: 'observation',
      turn: index,
      ...rest,
      ...(text === observation.raw ? {} : { text }),
      images: images.records(references),
      ...(span && { span }),
    });
  }
  return events;
}

function endEvents(trajectory: Trajectory): TrajectoryEvent[] {
  const { status, reason } = trajectory.outcome;
  const prediction = trajectory.prediction === undefined ? {} : { prediction: trajectory.prediction };
  const why = reason === undefined ? {} : { reason };
  switch (status) {
    case 'running':
      return [];
    case 'error':
      return [{ event: 'error', ...(reason !== undefined && { message: reason }), ...prediction }];
    case 'cancelled':
      return [{ event: 'cancelled', ...why, ...prediction }];
    default:
      return [{ event: 'outcome', status, ...why, ...prediction }];
  }
}

/** Puts an image's bytes where it stands first. */
class ImageWriter {
  private readonly written = new Set<string>();

  constructor(private readonly images: InlineImages) {}

  records(references: readonly ImageReference[]): ImageRecord[] {
    return references.map((reference) => {
      const bytes = reference.kind === 'inline' ? this.images.get(reference.hash) : undefined;
      if (reference.kind !== 'inline' || bytes === undefined || this.written.has(reference.hash)) {
        return reference;
      }
      this.written.add(reference.hash);
      return { ...reference, data: encodeBase64(bytes) };
    });
  }
}
