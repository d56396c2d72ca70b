import { parseGroundingTurn } from '../../trajectory/grounding';
import { promptOfText } from '../../trajectory/promptText';
import { observationWords } from '../../trajectory/segment';
import type { Outcome, Prompt } from '../../trajectory/trajectory';
import type { ModelPart, ObservationPart, Turn } from '../../trajectory/turn';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import { asInteger, asPlainText, asRecord, asText, field } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, originOf } from '../recordResult';
import { ChatImages } from './chatImages';
import { readMessage, type ChatMessage } from './chatMessage';
import { divideMessages } from './chatTurns';
import { derivedGroup } from './derivedGroup';

/*
 * Mini-o3's folders, `<save_traj_dir>/<doc_id>[_<k>]/traj.jsonl` with the pictures beside it: a line that begins a
 * rollout (doc_id, initial_prompt, ground_truth), one per generation (turn_idx, text_output), one after a grounding that
 * failed (error_info). The file is opened for appending, so another run of the question begins again. A grounding that
 * worked leaves no line, but `observation_<turn_idx + 1>_original_image.jpg`; that it worked shows in the generation
 * that follows. Source: `save_traj_and_obs` in its `verl/workers/rollout/vllm_rollout/vllm_rollout_spmd.py`.
 */

const ORIGINAL = 'original_image.jpg';
const HEADER = ['doc_id', 'initial_prompt', 'ground_truth'];

/** Key among the extras: lines that are none of the kinds, damaged ones included. */
export const UNREAD_LINES = 'unreadLines';

/** Mini-o3's folders of rollouts. */
export const miniO3Reader: TrajectoryReader = {
  format: 'mini-o3',
  label: 'Mini-o3 rollout folder',
  layout: 'sections',
  begins: (value) => headerOf(value) !== undefined,
  sniff({ name, values }: SniffInput): number {
    if (values.some((value) => headerOf(value) !== undefined)) return 1;
    const isTurns = values.some((value) => turnOf(value) !== undefined);
    return isTurns ? (name === 'traj.jsonl' ? 0.8 : 0.5) : 0;
  },
  read,
};

function headerOf(value: unknown): JsonRecord | undefined {
  const record = asRecord(value);
  return record && Object.hasOwn(record, 'doc_id') && Object.hasOwn(record, 'initial_prompt')
    ? record
    : undefined;
}

function turnOf(value: unknown): { readonly index: number | undefined; readonly text: string } | undefined {
  const record = asRecord(value);
  const text = record && asText(field(record, 'text_output'));
  return record && text !== undefined ? { index: asInteger(field(record, 'turn_idx')), text } : undefined;
}

function errorOf(value: unknown): string | undefined {
  const record = asRecord(value);
  return record && asText(field(record, 'error_info'));
}

function read(values: readonly unknown[], context: RecordContext): RecordResult {
  const header = headerOf(values[0]) ?? {};
  const images = new ChatImages(context.codecs, []);
  const prompt = promptOf(field(header, 'initial_prompt'), images);
  if (typeof prompt === 'string') return badRecord(context, prompt);
  const { turns, unread } = turnsOf(headerOf(values[0]) ? values.slice(1) : values);
  const id = asPlainText(field(header, 'doc_id'));
  const truth = field(header, 'ground_truth');
  const groundTruth = asPlainText(truth);
  const used = new Set(groundTruth === undefined ? HEADER.slice(0, 2) : HEADER);
  const extras = new Map(extrasOf(header, used));
  if (unread > 0) extras.set(UNREAD_LINES, unread);
  return {
    status: 'ok',
    images: images.inline,
    trajectory: {
      origin: originOf(context),
      ...(id !== undefined && { id }),
      prompt: { ...prompt, images: [{ kind: 'file', path: ORIGINAL }] },
      turns,
      outcome: outcomeOf(turns),
      ...(groundTruth !== undefined && { groundTruth }),
      group: derivedGroup(context.codecs, undefined, prompt.raw ?? prompt.user, truth),
      frame: 'relative1',
      zoomVariant: 'miniO3',
      extras,
    },
  };
}

function promptOf(value: unknown, images: ChatImages): Prompt | string {
  if (!Array.isArray(value)) return promptOfText(asText(value) ?? '');
  const messages: ChatMessage[] = [];
  for (const [index, entry] of value.entries()) {
    const message = readMessage(entry, images);
    if (typeof message === 'string') return `Message ${index + 1} of the prompt ${message}.`;
    messages.push(message);
  }
  return divideMessages(messages, images).prompt;
}

function turnsOf(lines: readonly unknown[]): { readonly turns: readonly Turn[]; readonly unread: number } {
  const turns: Turn[] = [];
  let unread = 0;
  for (const [position, line] of lines.entries()) {
    const turn = turnOf(line);
    const next = lines[position + 1];
    if (!turn) {
      // An error belongs to the generation before it; without one it stands alone.
      if (errorOf(line) === undefined) unread++;
      else if (!turnOf(lines[position - 1]))
        turns.push({ raw: '', parts: [], observation: failure(errorOf(line) ?? '') });
      continue;
    }
    const { parts } = parseGroundingTurn(turn.text);
    const called = parts.findLast((part) => part.kind === 'toolCall');
    const error = errorOf(next);
    const wentOn = error !== undefined || turnOf(next) !== undefined;
    const observation =
      error !== undefined
        ? failure(error)
        : wentOn && called
          ? crop((turn.index ?? turns.length) + 1)
          : undefined;
    turns.push({
      raw: turn.text,
      parts: parts.map((part): ModelPart => {
        return part.kind === 'toolCall' ? { ...part, acted: wentOn && part === called } : part;
      }),
      ...(observation && { observation }),
    });
  }
  return { turns, unread };
}

function failure(raw: string): ObservationPart {
  const text = observationWords(raw);
  return { kind: 'observation', raw, images: [], text, error: text };
}

function crop(number: number): ObservationPart {
  const path = `observation_${number}_original_image.jpg`;
  return { kind: 'observation', raw: '', images: [{ kind: 'file', path }], text: '' };
}

/** A grounding that nothing came of ends a rollout at a limit: of turns, pictures or length. */
function outcomeOf(turns: readonly Turn[]): Outcome {
  const last = turns.at(-1);
  if (!last) return { status: 'running', reason: 'There is no generation yet.' };
  if (last.observation)
    return { status: 'running', reason: 'The last grounding has no generation after it.' };
  const isCall = last.parts.some(({ kind }) => kind === 'toolCall');
  return isCall
    ? { status: 'turnLimit', reason: 'The last grounding got no reply: a limit was reached.' }
    : { status: 'finished' };
}
