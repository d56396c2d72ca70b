import { ERROR_WORDS, observationWords } from '../../trajectory/segment';
import { parseTurn } from '../../trajectory/parseTurn';
import { questionOf } from '../../trajectory/promptText';
import type { Prompt } from '../../trajectory/trajectory';
import type { ModelPart, ObservationPart, Turn } from '../../trajectory/turn';
import type { ChatImages } from './chatImages';
import { IMAGE_PLACEHOLDER, type ChatMessage } from './chatMessage';
import { structuredCallPart, structuredThoughtPart } from './structuredCall';

/** Texts of several messages that are shown as one. */
const BETWEEN_MESSAGES = '\n\n';

/** Prompt and turns of a conversation: what stands before the first assistant message is the prompt. */
export function divideMessages(
  messages: readonly ChatMessage[],
  images: ChatImages,
): { readonly prompt: Prompt; readonly turns: readonly Turn[] } {
  const first = messages.findIndex((message) => message.role === 'assistant');
  const before = first < 0 ? messages : messages.slice(0, first);
  return {
    prompt: promptOf(before, images),
    turns: turnsOf(first < 0 ? [] : messages.slice(first)),
  };
}

function promptOf(messages: readonly ChatMessage[], images: ChatImages): Prompt {
  const systems = messages.filter((message) => message.role === 'system');
  const others = messages.filter((message) => message.role !== 'system');
  const user = joinTexts(others).replaceAll(IMAGE_PLACEHOLDER, '');
  return {
    ...(systems.length > 0 && { system: joinTexts(systems) }),
    user,
    question: questionOf(user),
    // Images of the record's list that no text points to were given with the prompt.
    images: [...messages.flatMap((message) => message.images), ...images.remaining()],
  };
}

/** Each assistant message is a turn, with everything up to the next one as its observation. */
function turnsOf(messages: readonly ChatMessage[]): Turn[] {
  const turns: Turn[] = [];
  for (let index = 0; index < messages.length;) {
    const message = messages[index];
    if (message === undefined) break;
    let end = index + 1;
    while (end < messages.length && messages[end]?.role !== 'assistant') end++;
    const replies = messages.slice(index + 1, end);
    const observation = replies.length > 0 ? observationOf(replies) : undefined;
    turns.push({
      raw: message.text,
      parts: partsOf(message, replies),
      ...(observation && { observation }),
    });
    index = end;
  }
  return turns;
}

/** Reasoning and calls that stand beside the text come before and behind what stands in it. */
function partsOf(message: ChatMessage, replies: readonly ChatMessage[]): ModelPart[] {
  const answered = new Set(replies.flatMap((reply) => reply.answers));
  return [
    ...message.thoughts.map(structuredThoughtPart),
    ...parseTurn(message.text, 'trainingV2').parts,
    ...message.calls.map((call, index) => {
      // Without ids the replies answer the calls in order.
      const acted =
        call.id !== undefined && answered.size > 0 ? answered.has(call.id) : index < replies.length;
      return structuredCallPart(call.name, call.arguments, acted, message.text.length);
    }),
  ];
}

function observationOf(replies: readonly ChatMessage[]): ObservationPart {
  const images = replies.flatMap((reply) => reply.images);
  const raw = joinTexts(replies);
  const text = observationWords(raw);
  const failed = replies.some((reply) => reply.failed) || (ERROR_WORDS.test(text) && images.length === 0);
  return { kind: 'observation', raw, images, text, ...(failed && { error: text }) };
}

function joinTexts(messages: readonly ChatMessage[]): string {
  return messages
    .map((message) => message.text)
    .filter((text) => text !== '')
    .join(BETWEEN_MESSAGES);
}
