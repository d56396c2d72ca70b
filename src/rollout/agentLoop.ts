import { throwIfCancelled } from '../common/cancel';
import { errorMessage } from '../common/errors';
import type { AppendedImage, Sequence } from '../inference/backend';
import { CallRunner } from './agentLoopCalls';
import type { RolloutPlan, RolloutRun, RolloutTask } from './agentLoopPlan';
import { planRollout } from './agentLoopPlan';
import { TurnPlayer } from './agentLoopTurn';
import type { RolloutEnd, RolloutEvent } from './rolloutEvents';

/**
 * One rollout: the model is asked, speaks, its calls are run and what they bring is shown to it, until it answers or a
 * limit is reached. Nothing random is added: the same model, task and settings give the same events. Leaving the loop
 * early stops the model.
 *
 * A fault of the model or of the cutting is not thrown: it becomes the last event. Source of the rules:
 * `parallel_env.py` and the environments of DeepEyes, and its evaluation scripts.
 * @throws ImcotError `usage` before the first event, when a setting is not what it may be
 */
export async function* runRollout(
  task: RolloutTask,
  run: RolloutRun,
): AsyncGenerator<RolloutEvent, void, undefined> {
  const plan = planRollout(task, run);
  yield { type: 'start', start: plan.start };
  let sequence: Sequence | undefined;
  try {
    throwIfCancelled(run.signal);
    sequence = await run.backend.start();
    yield yield* episode(plan, run, sequence);
  } catch (thrown) {
    yield endOfFault(thrown, run.signal);
  } finally {
    // A backend that is gone has nothing left to free, and the fault that ended it was told.
    await sequence?.close().catch(() => undefined);
  }
}

async function* episode(
  plan: RolloutPlan,
  run: RolloutRun,
  sequence: Sequence,
): AsyncGenerator<RolloutEvent, RolloutEnd, undefined> {
  let tokens: number | undefined = 0;
  const images: AppendedImage[] = [];
  for (const message of plan.messages) {
    const appended = await sequence.appendMessage(message, run.signal);
    throwIfCancelled(run.signal);
    tokens = tokens === undefined || appended.tokens === undefined ? undefined : tokens + appended.tokens;
    images.push(...appended.images);
  }
  yield { type: 'prompt', ...(tokens !== undefined && { tokens }), images };
  const turns = new TurnPlayer(plan, run, sequence, new CallRunner(plan, run, sequence, images));
  for (let turn = 0; ; turn++) {
    const end = yield* turns.play(turn);
    if (end) return end;
  }
}

function endOfFault(thrown: unknown, signal: AbortSignal | undefined): RolloutEnd {
  // Whatever a stopped call throws, somebody wanted it to stop.
  if (signal?.aborted) return { type: 'end', status: 'cancelled' };
  return { type: 'end', status: 'error', reason: errorMessage(thrown), thrown };
}
