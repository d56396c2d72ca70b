import type { TurnSemantics } from '../../trajectory/environment';
import { promptOfText } from '../../trajectory/promptText';
import { recoverReward } from '../../trajectory/rewardFormula';
import { turnsOfResponse } from '../../trajectory/segment';
import { actionMaskOf, tokenRuns, withTokenSpans } from '../../trajectory/tokenAlignment';
import type { TokenTrack, Trajectory } from '../../trajectory/trajectory';
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

function buildTrajectory(record: JsonRecord, context: RecordContext): Trajectory {
  const promptText = asText(field(record, 'prompt')) ?? '';
  const response = asText(field(record, 'response')) ?? '';
  const semantics: TurnSemantics = promptText.includes(V5_MARK) ? 'trainingV5' : 'trainingV2';
  const tokens = asTexts(field(record, 'response_tokens'));
  const runs = tokens && tokenRuns(tokens);
  const lists = alignedLists(record, tokens?.length ?? -1);
  const track: TokenTrack | undefined = tokens &&
    runs && {
      texts: tokens,
      actionMask: actionMaskOf(runs, tokens.length),
      ...Object.fromEntries(lists.values()),
    };
  const plainTurns = turnsOfResponse(response, semantics);
  const turns = tokens && runs ? withTokenSpans(plainTurns, tokens, runs) : plainTurns;

  const step = asInteger(field(record, 'step'));
  const total = asFiniteNumber(field(record, 'reward'));
  const groundTruth = asPlainText(field(record, 'ground_truth'));
  const dataSource = asText(field(record, 'data_source'));
  const reward = recoverReward(total, { response, ...(dataSource !== undefined && { dataSource }) });
  const verdict = verdictOfReward(reward);
  const used = ['prompt', 'response', ...lists.keys()];
  if (tokens) used.push('response_tokens');
  if (step !== undefined) used.push('step');
  if (total !== undefined) used.push('reward');
  if (groundTruth !== undefined) used.push('ground_truth');
  return {
    origin: originOf(context),
    prompt: promptOfText(promptText),
    turns,
    outcome: outcomeOfResponse(response, turns, semantics),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(verdict && { verdict }),
    ...(total !== undefined && { reward }),
    group: derivedGroup(context.codecs, step, promptText, field(record, 'ground_truth')),
    ...(step !== undefined && { step }),
    frame: 'original',
    zoomVariant: semantics,
    ...(track && { tokens: track }),
    extras: extrasOf(record, new Set(used)),
  };
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
