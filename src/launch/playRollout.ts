import { errorMessage } from '../common/errors';
import type { Backend } from '../inference/backend';
import { runRollout } from '../rollout/agentLoop';
import type { Picture, PictureCutter } from '../rollout/picture';
import type { PlainEvent, TrajectoryRecorder } from '../rollout/recorder';
import type { TrajectoryBeginner } from '../rollout/recordRollout';
import { recordRollout } from '../rollout/recordRollout';
import type { RolloutScore, RolloutToScore, ScoreOptions } from '../rollout/rewards/scoreRollout';
import { scoreRollout } from '../rollout/rewards/scoreRollout';
import type { RolloutEnd, RolloutEvent } from '../rollout/rolloutEvents';
import type { GroupKey } from '../trajectory/group';
import type { Reward } from '../trajectory/reward';
import type { Question } from './question';
import type { SettledChoices } from './rolloutChoices';

/** What happens while a rollout is played: its own events, and its score behind the end. */
export type PlayEvent = RolloutEvent | { readonly type: 'score'; readonly score: RolloutScore };

/** One rollout to play. */
export interface RolloutToPlay {
  readonly question: Question;
  readonly picture: Picture;
  readonly choices: SettledChoices;
  /** Names it in its log. */
  readonly id?: string;
  /** The rollouts of one question. */
  readonly group?: GroupKey;
}

/** With what it is played. */
export interface RolloutPlayer {
  readonly backend: Backend;
  readonly cutter: PictureCutter;
  readonly recorder: TrajectoryBeginner;
  /** Who judges, and by which formula; default: by rule, DeepEyes' formula. */
  readonly score?: ScoreOptions;
  readonly signal?: AbortSignal;
}

/**
 * Plays a rollout into its log and scores it. Each event is passed on when what it says is in the file. A cancelled or
 * failed rollout has no score. Leaving early stops the model.
 * @throws ImcotError `usage` before the first event for a setting that may not be; `denied` when the log can't be written
 */
export async function* playRollout(
  { question, picture, choices, id, group }: RolloutToPlay,
  player: RolloutPlayer,
): AsyncGenerator<PlayEvent, void, undefined> {
  const { backend, cutter, recorder, signal } = player;
  const { image: _image, id: ownId, ...asked } = question;
  const name = id ?? ownId;
  const task = {
    ...asked,
    pictures: [picture],
    ...(name !== undefined && { id: name }),
    ...(group && { group }),
  };
  const run = { ...choices, backend, cutter, ...(signal && { signal }) };
  let trajectory: TrajectoryRecorder | undefined;
  let end: RolloutEnd | undefined;
  let user = question.question;
  let response = '';
  let crops = 0;
  const events = recordRollout(runRollout(task, run), recorder, (started) => (trajectory = started));
  for await (const event of events) {
    if (event.type === 'start') user = event.start.prompt.user;
    else if (event.type === 'turn') response += event.raw;
    else if (event.type === 'observation') {
      response += event.raw;
      crops += event.pictures.length;
    } else if (event.type === 'end') end = event;
    yield event;
  }
  if (!trajectory || !end || end.status === 'cancelled' || end.status === 'error') return;
  const { groundTruth } = question;
  const rollout = { response, user, question: question.question, crops };
  const facts = { ...rollout, ...(groundTruth !== undefined && { groundTruth }) };
  const ended = trajectory;
  const score = await scoreIntoLog(facts, choices, player, (event) => ended.record(event));
  if (score) yield { type: 'score', score };
}

/**
 * Scores a rollout that came to an end of its own and adds the score to its log. Undefined when it was stopped while the
 * judge was asked.
 * @param record adds to the rollout's log
 */
export async function scoreIntoLog(
  rollout: RolloutToScore,
  choices: SettledChoices,
  player: Pick<RolloutPlayer, 'score' | 'signal'>,
  record: (event: PlainEvent) => Promise<void>,
): Promise<RolloutScore | undefined> {
  const score = await scored(rollout, choices, player);
  if (!score) return undefined;
  const { verdict, reward } = score;
  // Both at once, so that they stand in the file together or not at all.
  await Promise.all([
    ...(verdict ? [record({ event: 'verdict', ...verdict })] : []),
    ...(saysSomething(reward) ? [record({ event: 'reward', ...reward })] : []),
  ]);
  return score;
}

function saysSomething({ parts, unknown = [] }: Reward): boolean {
  return parts.length + unknown.length > 0;
}

async function scored(
  rollout: RolloutToScore,
  { protocol, exactAnswers: exact }: SettledChoices,
  { score: options = {}, signal }: Pick<RolloutPlayer, 'score' | 'signal'>,
): Promise<RolloutScore | undefined> {
  try {
    const score = await scoreRollout(rollout, {
      ...options,
      ...(exact && { exact }),
      ...(signal && { signal }),
    });
    const rewarded = protocol.acts && protocol.name.startsWith('deepeyes');
    return rewarded ? score : { ...score, reward: withoutFormula(score.reward) };
  } catch (thrown) {
    // Stopped while the judge was asked: the rollout stands, without a score.
    if (signal?.aborted) return undefined;
    throw thrown instanceof Error ? thrown : new Error(errorMessage(thrown));
  }
}

/**
 * Other protocols have neither DeepEyes' form nor its bonus: there, only whether the answer is right. The verdict says
 * that; where there is none, what stays of the reward is why.
 */
function withoutFormula({ unknown = [] }: Reward): Reward {
  const open = unknown.filter(({ name }) => name === 'accuracy');
  return { parts: [], ...(open.length > 0 && { unknown: open }) };
}
