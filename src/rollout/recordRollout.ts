import type { OutcomeEvent } from '../trajectory/eventLog';
import { partRecord } from '../trajectory/partRecord';
import type { RecordedImage, TrajectoryRecorder, TrajectoryStart } from './recorder';
import type { Picture } from './picture';
import type { RolloutEnd, RolloutEvent } from './rolloutEvents';

/** Where a rollout's log begins: a `Recorder`, or what has begun it already. */
export interface TrajectoryBeginner {
  start(start: TrajectoryStart): TrajectoryRecorder;
}

/**
 * Writes a rollout to an event log as it happens. Each event is passed on only when what it says is in the file, so
 * what anybody saw is never lost. Leaving early stops the rollout; its log then has no end, as after a crash.
 * @param started is given the trajectory's recorder at once, to add what is known after the end (verdict, reward)
 * @throws ImcotError `denied` when the log can't be written, and what the events throw
 */
export async function* recordRollout(
  events: AsyncIterable<RolloutEvent>,
  recorder: TrajectoryBeginner,
  started?: (trajectory: TrajectoryRecorder) => void,
): AsyncGenerator<RolloutEvent, void, undefined> {
  let trajectory: TrajectoryRecorder | undefined;
  for await (const event of events) {
    if (event.type === 'start') {
      trajectory = recorder.start(event.start);
      started?.(trajectory);
      await trajectory.started;
    } else if (trajectory) await write(event, trajectory);
    yield event;
  }
}

/** Events that have no line of their own (`prompt`, `crop`) are for those who watch. */
async function write(
  event: Exclude<RolloutEvent, { type: 'start' }>,
  trajectory: TrajectoryRecorder,
): Promise<void> {
  switch (event.type) {
    case 'text':
      return writeText(event, trajectory);
    case 'turn':
      if (!event.writesParts) return;
      return trajectory.record({ event: 'parts', turn: event.turn, parts: event.parts.map(partRecord) });
    case 'toolCall': {
      const { turn, call } = event;
      // What could not be read has no name.
      const name = call.status === 'parsed' ? call.name : '';
      const given = call.status === 'parsed' ? { arguments: call.arguments } : {};
      return trajectory.record({ event: 'toolCall', turn, name, ...given });
    }
    case 'observation': {
      const { turn, raw, text, error, pictures, appended } = event;
      const images = pictures.map((picture, index) => recorded(picture, appended?.images[index]?.tokens));
      return trajectory.observe({
        turn,
        raw,
        ...(text !== raw && { text }),
        ...(images.length > 0 && { images }),
        ...(error !== undefined && { error }),
      });
    }
    case 'end':
      return writeEnd(event, trajectory);
    default:
  }
}

function writeText(
  { turn, text, id, logProbability }: Extract<RolloutEvent, { type: 'text' }>,
  trajectory: TrajectoryRecorder,
): Promise<void> {
  // Without either, this is a piece of several tokens, or the rest of a character that none completed.
  const isToken = id !== undefined || logProbability !== undefined;
  return trajectory.record({
    event: 'text',
    turn,
    text,
    ...(isToken && { tokens: [text] }),
    ...(logProbability !== undefined && { logProbabilities: [logProbability] }),
  });
}

function recorded({ record }: Picture, visualTokens: number | undefined): RecordedImage {
  return { ...record, ...(visualTokens !== undefined && { visualTokens }) };
}

function writeEnd(end: RolloutEnd, trajectory: TrajectoryRecorder): Promise<void> {
  const { status, reason, prediction } = end;
  const why = reason === undefined ? {} : { reason };
  const told = prediction === undefined ? {} : { prediction };
  if (status === 'cancelled') return trajectory.record({ event: 'cancelled', ...why, ...told });
  if (status === 'error') {
    const message = reason === undefined ? {} : { message: reason };
    return trajectory.record({ event: 'error', ...message, ...told });
  }
  const outcome: OutcomeEvent = { event: 'outcome', status, ...why, ...told };
  return trajectory.record(outcome);
}
