import { parsePythonJson } from '../../trajectory/jsonText';
import { readToolCall } from '../../trajectory/environment';
import type { ToolCall } from '../../trajectory/toolCall';
import { ZOOM_TOOL } from '../../trajectory/toolCall';
import type { ModelPart } from '../../trajectory/turn';
import { readTurn } from './deepEyes';
import type { ReadTurn } from './protocol';

/*
 * Mini-o3's calls: `<grounding>{"bbox_2d": [...], "source": "original_image"}</grounding>`. Source: its
 * `verl/trainer/constants.py`. Which of several counts is not known: the last, as in DeepEyes' training [inferred].
 */

const PAIRS = [
  ['<grounding>', '<tool_call>'],
  ['</grounding>', '</tool_call>'],
] as const;

/** Both pairs of tags have the same lengths, so a text with them exchanged has the same ranges. */
function exchanged(text: string): string {
  return text.replaceAll(/<\/?(?:grounding|tool_call)>/g, (tag) => {
    const pair = PAIRS.find((both) => both.some((name) => name === tag));
    return (pair?.[0] === tag ? pair[1] : pair?.[0]) ?? tag;
  });
}

/** The text between the tags as a call of the zoom tool. Never throws. */
export function readGrounding(text: string): ToolCall {
  const parsed = parsePythonJson(text.trim());
  if (!parsed.ok) return { status: 'unparsable', text, error: parsed.error };
  const call = readToolCall(`{"name": "${ZOOM_TOOL}", "arguments": ${text.trim()}}`, 'trainingV2');
  return { ...call, text };
}

/** Divides a turn of Mini-o3. */
export function readGroundingTurn(text: string): ReadTurn {
  const read = readTurn(exchanged(text), 'trainingV2');
  const parts = read.parts.map((part): ModelPart => {
    const own = text.slice(part.range.start, part.range.end);
    return part.kind === 'toolCall'
      ? { ...part, text: own, call: readGrounding(own) }
      : { ...part, text: own };
  });
  const acted = parts.flatMap((part) => (part.kind === 'toolCall' && part.acted ? [part.call] : []));
  return { ...read, parts, acted };
}
