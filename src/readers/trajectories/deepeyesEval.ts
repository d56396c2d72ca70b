import { parseTurn } from '../../trajectory/parseTurn';
import { questionOf } from '../../trajectory/promptText';
import { ERROR_WORDS, observationWords } from '../../trajectory/segment';
import type { ImageReference } from '../../trajectory/imageReference';
import type { Outcome, Prompt, Trajectory, Verdict } from '../../trajectory/trajectory';
import type { ObservationPart, Turn } from '../../trajectory/turn';
import { extrasOf } from '../extras';
import type { JsonRecord } from '../fields';
import { asNumber, asPlainText, asRecord, asText, field } from '../fields';
import type { RecordContext, RecordResult, SniffInput, TrajectoryReader } from '../reader';
import { badRecord, lineRecord, originOf } from '../recordResult';
import { ChatImages } from './chatImages';

/*
 * Results of DeepEyes' evaluation on V* and HR-Bench, with and without the judge's verdict (`acc`). Source: the writers
 * `eval_vstar.py`, `eval_hrbench.py`, `judge_result.py`. Images in the messages are emptied data URLs; older files have no
 * `image`. An exception ends the loop, and the turn on which it was raised is only kept as `pred_ans`.
 */

const SPLIT_IN_NAME = /^result_(direct_attributes|relative_position|hr_bench_4k|hr_bench_8k)(?=[_.])/;
const KNOWN_FIELDS = [
  'image',
  'question',
  'answer_str',
  'pred_ans',
  'pred_output',
  'status',
  'acc',
  'category',
];

interface Message {
  readonly role: string;
  readonly text: string;
  readonly images: readonly ImageReference[];
}

function readMessage(value: unknown, images: ChatImages): Message | undefined {
  const record = asRecord(value);
  const role = record && asText(field(record, 'role'));
  if (!record || role === undefined) return undefined;
  const content = field(record, 'content');
  if (!Array.isArray(content)) return { role, text: asText(content) ?? '', images: [] };
  const texts: string[] = [];
  const found: ImageReference[] = [];
  for (const entry of content) {
    const part = asRecord(entry);
    if (typeof entry === 'string') texts.push(entry);
    if (!part) continue;
    const text = asText(field(part, 'text'));
    if (text !== undefined) texts.push(text);
    const image = field(part, 'image_url') ?? field(part, 'image');
    if (image !== undefined) found.push(images.reference(image));
  }
  return { role, text: texts.join(''), images: found };
}

/** What comes before the first assistant message. The first image that the file emptied is the one named by `image`. */
function readPrompt(messages: readonly Message[], record: JsonRecord): Prompt {
  const system = messages.find((message) => message.role === 'system');
  const asked = messages.filter((message) => message.role !== 'system');
  const user = asked.map((message) => message.text).join('\n\n');
  const images = asked.flatMap((message) => message.images);
  const path = asText(field(record, 'image'));
  if (path !== undefined && path !== '') {
    const first = images[0];
    if (!first || first.kind === 'blank') images.splice(0, 1, { kind: 'file', path });
  }
  const question = asPlainText(field(record, 'question')) ?? questionOf(user);
  return { ...(system && { system: system.text }), user, question, images };
}

function observationOf(message: Message): ObservationPart {
  const text = observationWords(message.text);
  const isError = message.images.length === 0 && ERROR_WORDS.test(text);
  const { images } = message;
  return { kind: 'observation', raw: message.text, images, text, ...(isError && { error: text }) };
}

function readTurns(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'assistant') {
      turns.push({ raw: message.text, parts: parseTurn(message.text, 'evaluation').parts });
      continue;
    }
    const last = turns.at(-1);
    const observation = observationOf(message);
    if (last && !last.observation) turns[turns.length - 1] = { ...last, observation };
    else turns.push({ raw: '', parts: [], observation });
  }
  return turns;
}

/** The turn on which the tool raised: not among the messages, but left as the prediction since it had no answer. */
function recoveredTurn(turns: readonly Turn[], prediction: string | undefined): Turn | undefined {
  if (prediction === undefined || turns.some((turn) => turn.raw === prediction)) return undefined;
  const { parts, decision } = parseTurn(prediction, 'evaluation');
  return decision.acted.length > 0 ? { raw: prediction, parts, recovered: true } : undefined;
}

function readOutcome(status: string | undefined, turns: readonly Turn[], isToolError: boolean): Outcome {
  if (status === 'error') {
    const reason = isToolError
      ? 'The tool could not run the last call: the evaluation stopped with an exception.'
      : 'The evaluation stopped with an exception.';
    return { status: 'error', reason };
  }
  const last = turns.at(-1)?.raw ?? '';
  // The loop goes on until a closing answer tag appears, so without one its limit of calls ended it.
  if (!last.includes('</answer>')) {
    return { status: 'turnLimit', reason: 'The evaluation gave up before an answer came.' };
  }
  return { status: 'finished', ...(status !== undefined && { reason: status }) };
}

function readVerdict(record: JsonRecord): Verdict | undefined {
  const accuracy = asNumber(field(record, 'acc'));
  if (accuracy === undefined || Number.isNaN(accuracy)) return undefined;
  return { correct: accuracy > 0.5, provenance: 'stored' };
}

function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

function buildTrajectory(record: JsonRecord, context: RecordContext, images: ChatImages): Trajectory {
  const listed = field(record, 'pred_output') as readonly unknown[];
  const messages = listed
    .map((entry) => readMessage(entry, images))
    .filter((message) => message !== undefined);
  const firstTurn = messages.findIndex((message) => message.role === 'assistant');
  const split = firstTurn < 0 ? messages.length : firstTurn;
  const status = asText(field(record, 'status'));
  const prediction = asPlainText(field(record, 'pred_ans'));
  const stated = readTurns(messages.slice(split));
  const recovered = status === 'error' ? recoveredTurn(stated, prediction) : undefined;
  const turns = recovered ? [...stated, recovered] : stated;

  // HR-Bench's `answer` is a letter and `answer_str` its text; V* has the text alone.
  const answerText = asPlainText(field(record, 'answer_str'));
  const groundTruth = answerText ?? asPlainText(field(record, 'answer'));
  const category = asPlainText(field(record, 'category'));
  const splitName = category ?? SPLIT_IN_NAME.exec(baseName(context.file))?.[1];
  const used = new Set(answerText === undefined ? [...KNOWN_FIELDS, 'answer'] : KNOWN_FIELDS);
  const extras = new Map(extrasOf(record, used));
  if (messages.length < listed.length) extras.set('unreadable messages', listed.length - messages.length);
  const verdict = readVerdict(record);
  return {
    origin: originOf(context),
    prompt: readPrompt(messages.slice(0, split), record),
    turns,
    outcome: readOutcome(status, turns, recovered !== undefined),
    ...(prediction !== undefined && !recovered && { prediction }),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(verdict && { verdict }),
    ...(splitName !== undefined && { split: splitName }),
    frame: 'original',
    zoomVariant: 'evaluation',
    extras,
  };
}

function looksLikeResult(value: unknown): boolean {
  const record = asRecord(value);
  return (
    record !== undefined && Array.isArray(field(record, 'pred_output')) && Object.hasOwn(record, 'pred_ans')
  );
}

/** DeepEyes' evaluation results. */
export const deepeyesEvalReader: TrajectoryReader = {
  format: 'deepeyes-eval',
  label: 'DeepEyes evaluation results',
  layout: 'lines',
  sniff(input: SniffInput): number {
    return input.values.some(looksLikeResult) ? 1 : 0;
  },
  read(values: readonly unknown[], context: RecordContext): RecordResult {
    const line = lineRecord(values, { pred_output: 'a list' });
    if ('reason' in line) return badRecord(context, line.reason);
    const images = new ChatImages(context.codecs, []);
    return { status: 'ok', trajectory: buildTrajectory(line.record, context, images), images: images.inline };
  },
};
