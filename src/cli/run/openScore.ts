import type { Disposable } from '../../common/disposable';
import { openJudge } from '../../launch/judge';
import type { ScoreOptions } from '../../rollout/rewards/scoreRollout';
import type { CliIo } from '../cliIo';
import { lineLogger, SERVER_KEY } from './openModel';
import type { RunSettings } from './runSettings';

/** The name of the variable that holds the judge's key. */
export const JUDGE_KEY = 'IMCOT_JUDGE_KEY';

/** How rollouts are scored. Disposing it lets the judge go. */
export interface OpenedScore extends Disposable {
  readonly options: ScoreOptions;
}

/**
 * Who judges, and by which formula: rules, and where a judge was named, that one for what the rules leave open.
 * @throws ImcotError when the judge's server can't be reached
 */
export async function openScore(
  { judge, formula, model }: Pick<RunSettings, 'judge' | 'formula' | 'model'>,
  io: CliIo,
): Promise<OpenedScore> {
  const named = formula === undefined ? {} : { formula };
  if (!judge) return { options: named, dispose: () => undefined };
  // The model's key goes to the judge only where both are the same server.
  const isSame = model.kind === 'server' && model.address === judge.address;
  const key = process.env[JUDGE_KEY] ?? (isSame ? process.env[SERVER_KEY] : undefined);
  const opened = await openJudge({
    ...judge,
    logger: lineLogger(io),
    signal: io.signal,
    ...(key !== undefined && key !== '' && { key }),
  });
  return {
    options: { ...named, accuracy: { by: 'ruleThenJudge', ask: opened.ask } },
    dispose: () => opened.dispose(),
  };
}
