import { streamRecords } from '../files/streamRecords';
import { imcotReader } from '../readers/trajectories/imcot';
import { rolloutToScore } from '../rollout/rewards/scoreRollout';
import type { BatchPlayer } from './batch';
import type { LoggedRollout } from './batchLog';
import { endedByItself } from './batchLog';
import { scoreIntoLog } from './playRollout';
import type { SettledChoices } from './rolloutChoices';

/**
 * Scores rollouts that the log has whole but for their score: a run that is killed while a judge thinks leaves such ones.
 * @param scored is told of each verdict
 */
export async function scoreEarlier(
  unscored: readonly LoggedRollout[],
  choices: SettledChoices,
  player: Pick<BatchPlayer, 'log' | 'score' | 'signal'>,
  scored: (correct: boolean) => void,
): Promise<void> {
  if (unscored.length === 0) return;
  const { log, signal } = player;
  const numbers = new Map(unscored.map(({ id, trajectory }) => [id, trajectory]));
  const records = streamRecords(log.place.file, { readers: [imcotReader], ...(signal && { signal }) });
  for await (const record of records) {
    if (record.status !== 'ok') continue;
    const { id, outcome, verdict, reward } = record.trajectory;
    const number = id === undefined ? undefined : numbers.get(id);
    if (number === undefined || !endedByItself(outcome.status) || verdict || reward) continue;
    const score = await scoreIntoLog(rolloutToScore(record.trajectory), choices, player, (event) =>
      log.recorder.amend(number, event),
    );
    if (score?.verdict) scored(score.verdict.correct);
  }
}
