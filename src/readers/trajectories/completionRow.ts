import type { CoordinateFrame } from '../../common/boundingBox';
import { promptOfText, undividedPrompt } from '../../trajectory/promptText';
import { turnsOfResponse } from '../../trajectory/segment';
import type { Prompt, Trajectory, ZoomVariant } from '../../trajectory/trajectory';
import type { Turn } from '../../trajectory/turn';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import { asInteger, asText, field, kindOf } from '../fields';
import type { InlineImages, RecordContext, RecordResult } from '../reader';
import { badRecord, originOf } from '../recordResult';
import { plainRow } from '../tableValues';
import { ChatImages } from './chatImages';
import { readMessage, type ChatMessage } from './chatMessage';
import { messagesOf } from './chatRecord';
import { divideMessages } from './chatTurns';
import { derivedGroup } from './derivedGroup';
import { outcomeOfResponse } from './responseOutcome';
import { rewardColumns, rewardOfColumns } from './rewardColumns';

/** What tells the tables of one trainer from another's. */
export interface CompletionTable {
  /** The column of advantages, behind the rewards. */
  readonly advantage: string;
  readonly zoomVariant: ZoomVariant;
  /** What the numbers of a box count. */
  readonly frame: CoordinateFrame;
  /** The step that a file's name tells. */
  stepOf(file: string): number | undefined;
}

/** What a row's prompt and completion say. */
export interface Conversation {
  readonly prompt: Prompt;
  readonly turns: readonly Turn[];
  /** All that the model and the environment wrote. */
  readonly response: string;
  readonly images: InlineImages;
}

/** Reads a row of a table with a prompt and a completion, each a text or a list of messages. */
export function readCompletionRow(
  row: JsonRecord,
  context: RecordContext,
  table: CompletionTable,
): RecordResult {
  const plain = plainRow(row);
  const conversation = conversationOf(plain, context);
  if (typeof conversation === 'string') return badRecord(context, conversation);
  const { prompt, turns, response, images } = conversation;
  const statedStep = asInteger(field(plain, 'step'));
  const step = statedStep ?? table.stepOf(context.file);
  // By the row as it was: a 64-bit integer is no reward, and JSON does not tell it from one.
  const columns = rewardColumns(row, 'completion', table.advantage);
  const { reward, verdict, used } = rewardOfColumns(plain, columns, response);
  const figures = {
    origin: originOf(context),
    prompt,
    turns,
    outcome: outcomeOfResponse(turns.at(-1)?.raw ?? response, turns, 'trainingV2'),
    ...(verdict && { verdict }),
    ...(reward && { reward }),
    ...(step !== undefined && { step }),
    frame: table.frame,
    zoomVariant: table.zoomVariant,
    extras: new Map(),
  } as const;
  return {
    status: 'ok',
    trajectory: withDetails(figures, plain, used, context),
    images,
  };
}

/** With what only views draw, and what curves need, as far as it is asked for. */
function withDetails(
  figures: Trajectory,
  row: JsonRecord,
  rewards: readonly string[],
  context: RecordContext,
): Trajectory {
  if (context.figuresOnly && !context.forCurves) return figures;
  const prompt = field(row, 'prompt');
  const key = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
  const group = derivedGroup(context.codecs, figures.step, key, undefined);
  if (context.figuresOnly) return { ...figures, group };
  const used = new Set(['prompt', 'completion', ...rewards]);
  if (asInteger(field(row, 'step')) !== undefined) used.add('step');
  return { ...figures, group, extras: extrasOf(row, used) };
}

/**
 * The conversation of a row with a `prompt` and a `completion`, each a text or a list of messages.
 * @returns a sentence when there is none
 */
export function conversationOf(row: JsonRecord, context: RecordContext): Conversation | string {
  const [prompt, completion] = [field(row, 'prompt'), field(row, 'completion')];
  const isText = typeof prompt === 'string' && typeof completion === 'string';
  if (isText) {
    return {
      prompt: context.figuresOnly ? undividedPrompt(prompt) : promptOfText(prompt),
      turns: turnsOfResponse(completion, 'trainingV2'),
      response: completion,
      images: new Map(),
    };
  }
  for (const name of ['prompt', 'completion']) {
    const value = field(row, name);
    if (typeof value !== 'string' && !Array.isArray(value)) {
      return `The column "${name}" should be a text or a list of messages, but is ${kindOf(value)}.`;
    }
  }
  const images = new ChatImages(context.codecs, []);
  const messages: ChatMessage[] = [];
  for (const [index, value] of (messagesOf({ prompt, completion })?.messages ?? []).entries()) {
    const message = readMessage(value, images);
    if (typeof message === 'string') return `Message ${index + 1} ${message}.`;
    messages.push(message);
  }
  const divided = divideMessages(messages, images);
  const response = divided.turns.map(({ raw }) => asText(raw) ?? '').join('\n');
  return { ...divided, response, images: images.inline };
}
