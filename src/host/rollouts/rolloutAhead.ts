import { ImcotError } from '../../common/errors';
import type { Question } from '../../launch/question';
import type { SettledChoices } from '../../launch/rolloutChoices';
import { planRollout } from '../../rollout/agentLoopPlan';
import type { Picture, PictureCutter } from '../../rollout/picture';
import type { Recorder, TrajectoryRecorder, TrajectoryStart } from '../../rollout/recorder';
import type { TrajectoryBeginner } from '../../rollout/recordRollout';
import type { GroupKey } from '../../trajectory/group';

/** A rollout that is about to be played by a model which may have to be loaded first. */
export interface RolloutAhead {
  readonly question: Question;
  readonly picture: Picture;
  readonly choices: SettledChoices;
  /** The model's name as people know it. */
  readonly model: string;
  readonly id?: string;
  readonly group?: GroupKey;
  /** What the log says about it besides, for a person. */
  readonly note?: string;
}

const notYet = (): never => {
  throw new ImcotError('internal', 'The model of a rollout was used before it was there.');
};
const cutter: PictureCutter = { cut: notYet };

/**
 * What the log says of a rollout before its model is loaded: all but the device.
 * @throws ImcotError `usage` when a setting is not what it may be
 */
export function startAhead(rollout: RolloutAhead): TrajectoryStart {
  const { question, picture, choices, model, id, group, note } = rollout;
  const { image: _image, id: _id, ...asked } = question;
  const task = { ...asked, pictures: [picture], ...(id !== undefined && { id }), ...(group && { group }) };
  const capabilities = {
    model,
    device: '',
    contextLength: Number.MAX_SAFE_INTEGER,
    wireText: false,
    branches: false,
    scores: false,
    maxTopCount: 0,
  };
  const backend = { capabilities, defaults: {}, start: notYet, dispose: () => undefined };
  const { start } = planRollout(task, { ...choices, backend, cutter });
  const { device: _device, ...settings } = start.settings ?? {};
  return { ...start, settings, ...(note !== undefined && { extras: [['note', note]] }) };
}

/** A rollout whose log has begun. It is played with `beginner` in place of the recorder. */
export interface BegunRollout {
  readonly trajectory: TrajectoryRecorder;
  readonly beginner: TrajectoryBeginner;
}

/**
 * Writes the start event; what the model then adds to the settings follows when it is there.
 * @throws ImcotError `denied` when the log can't be written
 */
export async function beginAhead(start: TrajectoryStart, recorder: Recorder): Promise<BegunRollout> {
  const trajectory = recorder.start(start);
  await trajectory.started;
  return { trajectory, beginner: { start: (real) => goOn(trajectory, start, real) } };
}

function goOn(
  trajectory: TrajectoryRecorder,
  said: TrajectoryStart,
  real: TrajectoryStart,
): TrajectoryRecorder {
  const known = said.settings ?? {};
  const fresh = Object.entries(real.settings ?? {}).filter(
    ([name, value]) => JSON.stringify(known[name]) !== JSON.stringify(value),
  );
  if (fresh.length > 0) {
    // Whoever writes next learns of a failure: after one, nothing can be written any more.
    trajectory.record({ event: 'settings', settings: Object.fromEntries(fresh) }).catch(() => undefined);
  }
  return trajectory;
}
