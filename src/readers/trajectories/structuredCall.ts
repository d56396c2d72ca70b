import { writeJson } from '../../common/jsonWriter';
import { readToolCall } from '../../trajectory/environment';
import type { ThoughtPart, ToolCallPart } from '../../trajectory/turn';

/**
 * The part for a call that a chat API returned beside the text. It is brought to the text that Hermes-style models
 * write between the tags and read from there, so that both kinds of calls read alike, bad arguments included.
 * @param args a JSON text, or the value itself
 * @param at offset in the turn's text where the call is shown; its range there is empty
 */
export function structuredCallPart(name: string, args: unknown, acted: boolean, at: number): ToolCallPart {
  const written = typeof args === 'string' ? args : writeJson(args ?? {});
  const text = `{"name": ${JSON.stringify(name)}, "arguments": ${written}}`;
  return {
    kind: 'toolCall',
    range: { start: at, end: at },
    text,
    closed: true,
    call: readToolCall(text, 'trainingV2'),
    acted,
  };
}

/** The part for reasoning that a chat API returned beside the text. */
export function structuredThoughtPart(text: string): ThoughtPart {
  return { kind: 'thought', range: { start: 0, end: 0 }, text, closed: true };
}
