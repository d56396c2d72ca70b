import type { TurnSemantics } from '../../trajectory/environment';
import { promptOfText, undividedPrompt } from '../../trajectory/promptText';
import { recoverReward } from '../../analysis/recoverReward';
import { turnsOfResponse } from '../../trajectory/segment';
import { actionMaskOf, tokenRuns, withTokenSpans } from '../../trajectory/tokenAlignment';
import type { TokenTrack, Trajectory } from '../../trajectory/trajectory';
import type { Turn } from '../../trajectory/turn';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import {
  asFiniteNumber,
  asInteger,
  asNumbers,
  asPlainText,
  asRecord,
  asText,
  asTexts,
  field,
} from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, lineRecord, originOf } from '../recordResult';
import { derivedGroup } from './derivedGroup';
import { outcomeOfResponse } from './responseOutcome';
import { verdictOfReward } from './verdictOfReward';

/*
 * The rollout dump of DeepEyes' trainer for RL Logging Board: one line per rollout, decoded with special tokens and
 * expanded pads, aligned lists of tokens. Source: `verl/utils/rl_logging_board_utils.py` of DeepEyes' verl; the `ref_*`
 * fields are RL Logging Board's own and an early version's.
 */

const V5_MARK = 'Think in the mind first, and then decide whether to call tools';

/** Lists that are aligned with `response_tokens`, and their names in the model. */
const ALIGNED = [
  ['logprobs', 'logProbabilities'],
  ['ref_logprobs', 'referenceLogProbabilities'],
  ['token_rewards', 'rewards'],
  ['values', 'values'],
] as const;

type AlignedName = (typeof ALIGNED)[number][1];

/** The token lists; a list of another length than the tokens is none of them and stays with the extras. */
function alignedLists(
  record: JsonRecord,
  length: number,
): Map<string, readonly [AlignedName, readonly number[]]> {
  const lists = new Map<string, readonly [AlignedName, readonly number[]]>();
  for (const [name, modelName] of ALIGNED) {
    const numbers = asNumbers(field(record, name), length);
    if (numbers) lists.set(name, [modelName, numbers]);
  }
  return lists;
}

/** The tokens and who wrote them, without what stands beside them. */
function maskedTokens(record: JsonRecord): Pick<Trajectory, 'tokens'> {
  const texts = asTexts(field(record, 'response_tokens'));
  return texts ? { tokens: { texts, actionMask: actionMaskOf(tokenRuns(texts), texts.length) } } : {};
}

/** What a record holds for views alone. */
function detailsOf(
  record: JsonRecord,
  plainTurns: readonly Turn[],
): Pick<Trajectory, 'turns' | 'tokens' | 'extras'> {
  const tokens = asTexts(field(record, 'response_tokens'));
  const lists = alignedLists(record, tokens?.length ?? -1);
  const used = new Set(['prompt', 'response', ...lists.keys()]);
  if (asInteger(field(record, 'step')) !== undefined) used.add('step');
  if (asFiniteNumber(field(record, 'reward')) !== undefined) used.add('reward');
  if (asPlainText(field(record, 'ground_truth')) !== undefined) used.add('ground_truth');
  if (!tokens) return { turns: plainTurns, extras: extrasOf(record, used) };
  used.add('response_tokens');
  const runs = tokenRuns(tokens);
  const track: TokenTrack = {
    texts: tokens,
    actionMask: actionMaskOf(runs, tokens.length),
    ...Object.fromEntries(lists.values()),
  };
  return {
    turns: withTokenSpans(plainTurns, tokens, runs),
    tokens: track,
    extras: extrasOf(record, used),
  };
}

function buildTrajectory(record: JsonRecord, context: RecordContext): Trajectory {
  const promptText = asText(field(record, 'prompt')) ?? '';
  const response = asText(field(record, 'response')) ?? '';
  const semantics: TurnSemantics = promptText.includes(V5_MARK) ? 'trainingV5' : 'trainingV2';
  const turns = turnsOfResponse(response, semantics);
  const step = asInteger(field(record, 'step'));
  const total = asFiniteNumber(field(record, 'reward'));
  const groundTruth = asPlainText(field(record, 'ground_truth'));
  const dataSource = asText(field(record, 'data_source'));
  const reward = recoverReward(total, { response, ...(dataSource !== undefined && { dataSource }) });
  const verdict = verdictOfReward(reward);
  const figures = {
    origin: originOf(context),
    prompt: context.figuresOnly ? undividedPrompt(promptText) : promptOfText(promptText),
    turns,
    outcome: outcomeOfResponse(response, turns, semantics),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(verdict && { verdict }),
    ...(total !== undefined && { reward }),
    ...(step !== undefined && { step }),
    frame: 'original',
    zoomVariant: semantics,
    extras: new Map(),
  } as const;
  if (context.figuresOnly && !context.forCurves) return figures;
  const group = derivedGroup(context.codecs, step, promptText, field(record, 'ground_truth'));
  if (context.figuresOnly) return { ...figures, ...maskedTokens(record), group };
  return { ...figures, ...detailsOf(record, turns), group };
}

function likeness(value: unknown): number {
  const record = asRecord(value);
  if (!record) return 0;
  const hasTexts =
    typeof field(record, 'prompt') === 'string' && typeof field(record, 'response') === 'string';
  if (!hasTexts) return 0;
  if (Array.isArray(field(record, 'response_tokens'))) return 1;
  return Object.hasOwn(record, 'reward') && Object.hasOwn(record, 'step') ? 0.7 : 0;
}

/** RL Logging Board dumps. */
export const rlLoggingBoardReader: TrajectoryReader = {
  format: 'rl-logging-board',
  label: 'RL Logging Board dump',
  layout: 'lines',
  sniff(input: SniffInput): number {
    return input.values.reduce<number>((best, value) => Math.max(best, likeness(value)), 0);
  },
  read(values: readonly unknown[], context: RecordContext): RecordResult {
    const line = lineRecord(values, { prompt: 'a text', response: 'a text' });
    if ('reason' in line) return badRecord(context, line.reason);
    return { status: 'ok', trajectory: buildTrajectory(line.record, context), images: new Map() };
  },
};
