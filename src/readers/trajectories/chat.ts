import type { Trajectory } from '../../trajectory/trajectory';
import { extrasOf } from '../extras';
import { asRecord, asText, kindOf, type JsonRecord } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, originOf } from '../recordResult';
import { ChatImages } from './chatImages';
import { readMessage, roleOf, type ChatMessage } from './chatMessage';
import {
  groupOf,
  imagesOf,
  messagesOf,
  nameOf,
  outcomeOf,
  RecordFields,
  rewardOf,
  verdictOf,
} from './chatRecord';
import { divideMessages } from './chatTurns';

/** Key among the extras: types of content parts that can't be shown, such as `input_audio`. */
export const UNREAD_PARTS = 'unreadParts';

/** Fields that tell DeepEyes' evaluation files, whose messages stand under another name. */
const NOT_CHAT = 'pred_output';

/**
 * Conversations, one per line, in the spellings of OpenAI's chat and responses APIs, Anthropic, ShareGPT and
 * LLaMA-Factory, ms-swift, verl and Qwen.
 */
export const chatReader: TrajectoryReader = {
  format: 'chat',
  label: 'chat messages',
  layout: 'lines',
  sniff,
  read,
};

function sniff(input: SniffInput): number {
  const known = input.values.filter((value) => value !== undefined);
  if (known.length === 0) return input.lines.some(startsLikeChat) ? 0.5 : 0;
  const chats = known.filter(isChat).length;
  return chats === 0 ? 0 : 0.4 + (0.5 * chats) / known.length;
}

/** A first line that is too long to be seen whole, which inline images make it. */
function startsLikeChat(line: string): boolean {
  const head = line.slice(0, 4096);
  return /^\ufeff?\s*(?:\[|\{.*"(?:messages|conversations|prompt)"\s*:\s*\[)\s*\{\s*"(?:role|from)"/s.test(
    head,
  );
}

function isChat(value: unknown): boolean {
  const record = asRecord(value);
  if (record && Object.hasOwn(record, NOT_CHAT)) return false;
  const found = messagesOf(value);
  return (
    found !== undefined && found.messages.length > 0 && found.messages.every((message) => roleOf(message))
  );
}

function read(values: readonly unknown[], context: RecordContext): RecordResult {
  const value = values[0];
  const found = messagesOf(value);
  if (found === undefined) {
    return badRecord(
      context,
      `A list of messages, or an object that has one under "messages", "conversations" or "prompt", was expected; ${kindOf(value)} without one was found.`,
    );
  }
  const record: JsonRecord = asRecord(value) ?? {};
  const fields = new RecordFields(record, found.used);
  const images = new ChatImages(context.codecs, imagesOf(fields));
  const messages: ChatMessage[] = [];
  for (const [index, message] of found.messages.entries()) {
    const read = readMessage(message, images);
    if (typeof read === 'string') return badRecord(context, `Message ${index + 1} ${read}.`);
    messages.push(read);
  }
  return {
    status: 'ok',
    trajectory: trajectoryOf(messages, record, fields, images, context),
    images: images.inline,
  };
}

function trajectoryOf(
  messages: readonly ChatMessage[],
  record: JsonRecord,
  fields: RecordFields,
  images: ChatImages,
  context: RecordContext,
): Trajectory {
  const { prompt, turns } = divideMessages(messages, images);
  const id = fields.first(['id'], nameOf);
  const group = fields.first(['uid', 'group', 'group_id'], groupOf);
  const step = fields.first(['step', 'global_step'], (value) =>
    Number.isSafeInteger(value) ? (value as number) : undefined,
  );
  const groundTruth =
    fields.first(['ground_truth', 'solution', 'answer'], nameOf) ??
    // verl's data sets have it one level down; the rest of that object stays with the extras.
    nameOf(asRecord(record['reward_model'])?.['ground_truth']);
  const prediction = fields.first(['prediction', 'pred_ans', 'pred'], asText);
  const verdict = fields.first(['correct', 'is_correct', 'acc'], verdictOf);
  const reward = fields.first(['reward', 'score', 'rewards'], rewardOf);
  const outcome = outcomeOf(fields);
  const unread = messages.flatMap((message) => message.unread);
  const extras = new Map(extrasOf(record, fields.used));
  if (unread.length > 0) extras.set(UNREAD_PARTS, [...new Set(unread)]);
  return {
    origin: originOf(context),
    ...(id !== undefined && { id }),
    prompt,
    turns,
    outcome,
    ...(prediction !== undefined && { prediction }),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(verdict && { verdict }),
    ...(reward && { reward }),
    ...(group && { group }),
    ...(step !== undefined && { step }),
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras,
  };
}
