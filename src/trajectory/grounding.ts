import type { Decision } from './decision';
import { readToolCall } from './environment';
import { parsePythonJson } from './jsonText';
import { parseTurn } from './parseTurn';
import type { ToolCall } from './toolCall';
import { ZOOM_TOOL } from './toolCall';
import type { ModelPart } from './turn';

/*
 * Mini-o3's calls: `<grounding>{"bbox_2d": [...], "source": "original_image"}</grounding>`. Source: its
 * `verl/trainer/constants.py`. Of several the last counts: its pattern begins with a greedy `.*`
 * (`verl/workers/rollout/vllm_rollout/vllm_rollout_spmd.py`).
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

/** Cuts the text of one turn of Mini-o3 into parts. Otherwise as `parseTurn`. */
export function parseGroundingTurn(text: string): {
  readonly parts: readonly ModelPart[];
  readonly decision: Decision;
} {
  const { parts, decision } = parseTurn(exchanged(text), 'trainingV2');
  return {
    decision,
    parts: parts.map((part): ModelPart => {
      const own = text.slice(part.range.start, part.range.end);
      return part.kind === 'toolCall'
        ? { ...part, text: own, call: readGrounding(own) }
        : { ...part, text: own };
    }),
  };
}
