import type { Reward, RewardPart } from '../../trajectory/reward';
import type { Outcome, Trajectory, Verdict } from '../../trajectory/trajectory';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import { asInteger, asPlainText, asRecord, asText, field, kindOf } from '../fields';
import type { InnerRecord, RecordContext, RecordResult } from '../reader';
import { badRecord, originOf } from '../recordResult';
import { ChatImages } from './chatImages';
import type { ChatMessage } from './chatMessage';
import { divideMessages } from './chatTurns';
import { readInspectMessage, withAttachments } from './inspectMessages';

/*
 * A sample of an Inspect log: one epoch of one question. Source: `EvalSample` in Inspect's `log/_log.py`, 0.3.
 */

/** What the model has a place for, and what only repeats it: events hold the messages again, with timings. */
const USED = new Set([
  'id',
  'input',
  'choices',
  'target',
  'messages',
  'output',
  'scores',
  'attachments',
  'events',
  'events_data',
  'error',
  'limit',
]);

/** Words for right and wrong that Inspect's scorers write, and what they count. Source: its `value_to_float`. */
const GRADES: ReadonlyMap<unknown, number> = new Map<unknown, number>([
  ['C', 1],
  ['I', 0],
  ['P', 0.5],
  ['N', 0],
  [true, 1],
  [false, 0],
]);

/** Reads a sample. */
export function readInspectSample(values: readonly unknown[], context: RecordContext): RecordResult {
  const inner = values[0] as InnerRecord | undefined;
  const sample = asRecord(inner?.entry);
  if (!inner || !sample)
    return badRecord(context, `A sample is an object, but this is ${kindOf(inner?.entry)}.`);
  const listed = field(sample, 'messages');
  if (!Array.isArray(listed))
    return badRecord(context, `The field "messages" should be a list, but is ${kindOf(listed)}.`);
  const attachments = asRecord(field(sample, 'attachments')) ?? {};
  const images = new ChatImages(context.codecs, []);
  const messages: ChatMessage[] = [];
  for (const [index, value] of listed.entries()) {
    const message = readInspectMessage(withAttachments(value, attachments), images);
    if (typeof message === 'string') return badRecord(context, `Message ${index + 1} ${message}.`);
    messages.push(message);
  }
  const trajectory = trajectoryOf(sample, inner.head, messages, images, context);
  return { status: 'ok', trajectory, images: images.inline };
}

function trajectoryOf(
  sample: JsonRecord,
  head: JsonRecord,
  messages: readonly ChatMessage[],
  images: ChatImages,
  context: RecordContext,
): Trajectory {
  const { prompt, turns } = divideMessages(messages, images);
  const id = asPlainText(field(sample, 'id'));
  const groundTruth = targetOf(field(sample, 'target'));
  const scores = Object.entries(asRecord(field(sample, 'scores')) ?? {}).map(
    ([name, score]) => [name, asRecord(score) ?? {}] as const,
  );
  const verdict = verdictOf(scores);
  const reward = rewardOf(scores);
  const prediction = predictionOf(scores, sample);
  const step = stepOf(head);
  const extras = new Map(extrasOf(sample, USED));
  if (scores.length > 0) extras.set('scores', Object.fromEntries(scores));
  const limit = field(sample, 'limit');
  if (limit !== undefined && limit !== null) extras.set('limit', limit);
  return {
    origin: originOf(context),
    ...(id !== undefined && { id }),
    prompt,
    turns,
    outcome: outcomeOf(sample),
    ...(prediction !== undefined && { prediction }),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(verdict && { verdict }),
    ...(reward && { reward }),
    // The epochs of a sample are rollouts of one question.
    ...(id !== undefined && { group: { key: id, provenance: 'uid' as const } }),
    ...(step !== undefined && { step }),
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras,
  };
}

type Scores = readonly (readonly [string, JsonRecord])[];

/** Right or wrong by the first scorer that says so. */
function verdictOf(scores: Scores): Verdict | undefined {
  for (const [name, score] of scores) {
    const value = field(score, 'value');
    if (value !== 'C' && value !== 'I' && typeof value !== 'boolean') continue;
    const reason = asText(field(score, 'explanation'));
    return {
      correct: GRADES.get(value) === 1,
      provenance: 'stored',
      by: name,
      ...(reason !== undefined && { reason }),
    };
  }
  return undefined;
}

/** Every score that is a number, or that Inspect counts as one, is a part; a sum is not recorded. */
function rewardOf(scores: Scores): Reward | undefined {
  const parts = scores.flatMap(([name, score]): RewardPart[] => {
    const stated = field(score, 'value');
    const value = typeof stated === 'number' ? stated : GRADES.get(stated);
    return value !== undefined && Number.isFinite(value) ? [{ name, value, provenance: 'stored' }] : [];
  });
  return parts.length > 0 ? { parts } : undefined;
}

function predictionOf(scores: Scores, sample: JsonRecord): string | undefined {
  for (const [, score] of scores) {
    const answer = asText(field(score, 'answer'));
    if (answer !== undefined && answer !== '') return answer;
  }
  return asText(field(asRecord(field(sample, 'output')) ?? {}, 'completion'));
}

function targetOf(value: unknown): string | undefined {
  if (!Array.isArray(value)) return asPlainText(value);
  return value.flatMap((entry) => asPlainText(entry) ?? []).join(', ');
}

/** Training's step, where whoever evaluated checkpoints wrote it among the run's metadata. */
function stepOf(head: JsonRecord): number | undefined {
  const inEval = asRecord(field(asRecord(field(head, 'eval')) ?? {}, 'metadata'));
  for (const metadata of [asRecord(field(head, 'metadata')), inEval]) {
    const step = asInteger(field(metadata ?? {}, 'step'));
    if (step !== undefined) return step;
  }
  return undefined;
}

function outcomeOf(sample: JsonRecord): Outcome {
  const error = asRecord(field(sample, 'error'));
  if (error) {
    const reason = asText(field(error, 'message'));
    return { status: 'error', ...(reason !== undefined && { reason }) };
  }
  const limit = asText(field(asRecord(field(sample, 'limit')) ?? {}, 'type'));
  if (limit !== undefined)
    return { status: limit === 'token' || limit === 'context' ? 'length' : 'turnLimit', reason: limit };
  const [choice] = listOf(field(asRecord(field(sample, 'output')) ?? {}, 'choices'));
  const stop = asText(field(asRecord(choice) ?? {}, 'stop_reason'));
  const isLength = stop === 'max_tokens' || stop === 'model_length';
  return { status: isLength ? 'length' : 'finished', ...(stop !== undefined && { reason: stop }) };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
