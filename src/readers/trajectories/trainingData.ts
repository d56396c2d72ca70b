import { questionOf } from '../../trajectory/promptText';
import type { Trajectory } from '../../trajectory/trajectory';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import { asPlainText, asRecord, asText, field, kindOf } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, originOf } from '../recordResult';
import { plainRow, plainValue } from '../tableValues';
import { ChatImages } from './chatImages';
import { readMessage, type ChatMessage } from './chatMessage';
import { divideMessages } from './chatTurns';

/*
 * Training data of DeepEyes and of verl in general: a row is a question before anybody has answered it. Columns:
 * data_source, prompt (messages), images (bytes or a path each), ability, env_name, reward_model (ground truth),
 * extra_info. Source: `rl_dataset.py` of verl and of DeepEyes, and the data sets that they name.
 */

const USED = new Set(['prompt', 'images', 'data_source', 'reward_model']);

/** Training data as Parquet. */
export const trainingDataReader: TrajectoryReader = {
  format: 'training-data',
  label: 'training data',
  layout: 'parquet',
  pictureColumns: ['images'],
  sniff({ columns = [] }: SniffInput): number {
    const has = (name: string): boolean => columns.includes(name);
    // With a completion it is what a model said.
    if (!has('prompt') || has('completion') || !has('reward_model')) return 0;
    return has('data_source') ? 0.9 : 0.6;
  },
  read(values: readonly unknown[], context: RecordContext): RecordResult {
    const row = asRecord(values[0]);
    if (!row) return badRecord(context, `A row is an object, but this is ${kindOf(values[0])}.`);
    const prompt = plainValue(field(row, 'prompt'));
    if (typeof prompt !== 'string' && prompt !== null && !Array.isArray(prompt))
      return badRecord(
        context,
        `The column "prompt" should be a list of messages, but is ${kindOf(field(row, 'prompt'))}.`,
      );
    const pictures = field(row, 'images');
    const images = new ChatImages(context.codecs, Array.isArray(pictures) ? (pictures as unknown[]) : []);
    const messages: ChatMessage[] = [];
    const listed: readonly unknown[] = Array.isArray(prompt) ? prompt : textMessage(prompt);
    for (const [index, value] of listed.entries()) {
      const message = readMessage(value, images);
      if (typeof message === 'string') return badRecord(context, `Message ${index + 1} ${message}.`);
      messages.push(message);
    }
    const trajectory = trajectoryOf(plainRow({ ...row, images: undefined }), messages, images, context);
    const unread = typeof pictures === 'string' ? pictures : undefined;
    return {
      status: 'ok',
      trajectory:
        unread === undefined
          ? trajectory
          : { ...trajectory, extras: new Map([...trajectory.extras, ['images', unread]]) },
      images: images.inline,
    };
  },
};

const textMessage = (prompt: string | null): readonly unknown[] =>
  prompt === null ? [] : [{ role: 'user', content: prompt }];

function trajectoryOf(
  row: JsonRecord,
  messages: readonly ChatMessage[],
  images: ChatImages,
  context: RecordContext,
): Trajectory {
  const info = asRecord(field(row, 'extra_info')) ?? {};
  const reward = asRecord(field(row, 'reward_model')) ?? {};
  const { prompt, turns } = divideMessages(messages, images);
  const id = asPlainText(field(info, 'id')) ?? asPlainText(field(info, 'index'));
  const groundTruth = asPlainText(field(reward, 'ground_truth'));
  const split = asText(field(row, 'data_source'));
  const asked = asText(field(info, 'question'));
  const extras = new Map(extrasOf(row, USED));
  const { ground_truth: _, ...rest } = reward;
  if (Object.keys(rest).length > 0) extras.set('reward_model', rest);
  return {
    origin: originOf(context),
    ...(id !== undefined && { id }),
    // A prompt that is empty leaves the question to `extra_info`.
    prompt: messages.length > 0 || asked === undefined ? prompt : { ...prompt, question: questionOf(asked) },
    turns,
    outcome: { status: 'finished', reason: 'A question of a training set: nobody has answered it.' },
    ...(groundTruth !== undefined && { groundTruth }),
    ...(split !== undefined && { split }),
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras,
  };
}
