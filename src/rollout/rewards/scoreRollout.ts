import { zoomCount } from '../../analysis/trajectoryFacts';
import { ImcotError } from '../../common/errors';
import type { Reward } from '../../trajectory/reward';
import type { FormatRules } from '../../analysis/rewardFormula';
import { ALL_FORMULAS, rewardFormula } from '../../analysis/rewardFormula';
import { withoutSpecialTokens } from '../../trajectory/specialTokens';
import type { Trajectory, Verdict } from '../../trajectory/trajectory';
import { judgeByRule } from './accuracyRule';
import type { RewardFacts } from './composite';
import { composeReward, formOf } from './composite';
import type { FormatReport } from './format';
import { checkFormat } from './format';
import type { Ask } from './judge';
import { askJudge } from './judge';
import { offeredOptions } from './options';
import { responseText } from './responseText';

/** A rollout that has ended, as far as its reward depends on it. */
export interface RolloutToScore {
  /** Everything behind the prompt, observations included, with special tokens where there are any. */
  readonly response: string;
  /** The user's text, where options may stand. */
  readonly user: string;
  /** The question alone. */
  readonly question: string;
  /** Absent where the right answer is not known. */
  readonly groundTruth?: string;
  /** Crops that came back. */
  readonly crops: number;
}

/** Who judges accuracy. */
export type AccuracySource =
  | { readonly by: 'rule' }
  | { readonly by: 'judge'; readonly ask: Ask }
  /** Rules first; the judge is asked what they leave open. */
  | { readonly by: 'ruleThenJudge'; readonly ask: Ask }
  | { readonly by: 'nobody' };

/** How a rollout is scored. */
export interface ScoreOptions {
  /** Name of a formula. Default `deepeyes`. */
  readonly formula?: string;
  /** Whose checks of form. Default: those that belong to the formula. */
  readonly format?: FormatRules;
  /** Default `rule`. */
  readonly accuracy?: AccuracySource;
  /** Whether what the rules leave open is wrong, since only the same text is right. Default false. */
  readonly exact?: boolean;
  readonly signal?: AbortSignal;
}

/** A rollout's score, ready for the events `verdict` and `reward`. */
export interface RolloutScore {
  /** Absent where the answer was not judged; the reason stands in the reward's `unknown`. */
  readonly verdict?: Verdict;
  readonly reward: Reward;
}

type Accuracy = RewardFacts['accuracy'] & { readonly by?: string };

const OTHER_TEXT =
  'It is another text, and the checkpoint says that its answers are right to the letter or wrong.';

/** What a rule looks at: without an answer's tags the whole response is the answer, and thoughts are none. */
function spokenText(answer: string): string {
  const end = answer.lastIndexOf('</think>');
  return withoutSpecialTokens(end < 0 ? answer : answer.slice(end + '</think>'.length)).trim();
}

async function judgeAnswer(
  rollout: RolloutToScore,
  form: FormatReport,
  { accuracy = { by: 'rule' }, exact = false, signal }: ScoreOptions,
): Promise<Accuracy> {
  const { question, groundTruth } = rollout;
  if (form.wrong !== undefined) return { correct: false, by: 'format', reason: form.wrong };
  if (accuracy.by === 'nobody') return { reason: 'Nobody was asked to judge the answer.' };
  if (groundTruth === undefined || groundTruth.trim() === '')
    return { reason: 'The right answer is not known.' };
  const answer = spokenText(form.answer);
  const options = offeredOptions(rollout.user);
  const ruled = judgeByRule({ answer, groundTruth, question, options });
  const isSettled = ruled.correct !== undefined && (accuracy.by !== 'judge' || ruled.rule === 'no answer');
  if (isSettled) return { correct: ruled.correct, by: `rule: ${ruled.rule}`, reason: ruled.reason };
  if (exact && accuracy.by !== 'judge') return { correct: false, by: 'rule: exact text', reason: OTHER_TEXT };
  if (accuracy.by === 'rule') return ruled;
  const asked = {
    question: rollout.user.trim() === '' ? question : rollout.user,
    groundTruth,
    answer: form.answer,
  };
  const judged = await askJudge(asked, accuracy.ask, signal);
  return judged.correct === undefined ? judged : { ...judged, by: 'judge' };
}

/**
 * Scores a rollout: accuracy by rule or judge, form, crops, and the formula over them. A cancelled rollout has no score
 * and should not be given here.
 * @throws ImcotError `usage` for a formula that does not exist, `cancelled` when the signal has fired
 */
export async function scoreRollout(
  rollout: RolloutToScore,
  options: ScoreOptions = {},
): Promise<RolloutScore> {
  const { formula: name = 'deepeyes' } = options;
  const formula = rewardFormula(name);
  if (!formula) {
    const known = ALL_FORMULAS.map((each) => each.name).join(', ');
    throw new ImcotError('usage', `There is no reward formula "${name}". Choose one of: ${known}.`);
  }
  const { response, crops } = rollout;
  const form = checkFormat(response, options.format ?? formula.format);
  const accuracy = await judgeAnswer(rollout, form, options);
  const reward = composeReward(formula, {
    accuracy,
    form: formOf(form.errors),
    crops,
    searched: response.includes('<tool_call>'),
  });
  const { correct, by = 'rule', reason } = accuracy;
  if (correct === undefined) return { reward };
  return { reward, verdict: { correct, provenance: 'recomputed', by, reason } };
}

/** What of a recorded rollout its score depends on. */
export function rolloutToScore(trajectory: Trajectory): RolloutToScore {
  const { prompt, groundTruth } = trajectory;
  return {
    response: responseText(trajectory),
    user: prompt.user,
    question: prompt.question,
    crops: zoomCount(trajectory),
    ...(groundTruth !== undefined && { groundTruth }),
  };
}
