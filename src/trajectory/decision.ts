import type { TurnSemantics } from './environment';
import { MAX_CALLS_PER_TURN_V5 } from './environment';
import type { TextRange } from './turn';

/** A tagged stretch of model text: what stands between the tags, and the same with its tags. */
export interface TaggedSpan {
  readonly inner: TextRange;
  readonly outer: TextRange;
  /** False when there is no closing tag. */
  readonly closed: boolean;
}

/** What an environment makes of one turn. Ranges are offsets into the turn's text. */
export interface Decision {
  /** Every tool call in the text, in order. */
  readonly calls: readonly TaggedSpan[];
  /** Those of `calls` that the environment acts on, in the order in which it does. */
  readonly acted: readonly TaggedSpan[];
  /** Every answer in the text, in order. */
  readonly answers: readonly TaggedSpan[];
  /** The answer that the environment takes, if any. */
  readonly answer?: TaggedSpan;
  /** Whether the episode ends with this turn. False after a failed call: the error goes back to the policy. */
  readonly ends: boolean;
}

const CALL = { open: '<tool_call>', close: '</tool_call>' } as const;
const ANSWER = { open: '<answer>', close: '</answer>' } as const;

interface TagPair {
  readonly open: string;
  readonly close: string;
}

/**
 * Python's `re.findall(r'<t>(.*?)</t>', text, re.DOTALL)`: from the first free opening tag to the next closing one, and
 * on from there. Linear: once no closing tag is left the search stops.
 */
function findAll(text: string, tags: TagPair, from = 0): TaggedSpan[] {
  const found: TaggedSpan[] = [];
  let position = from;
  for (;;) {
    const start = text.indexOf(tags.open, position);
    if (start < 0) return found;
    const innerStart = start + tags.open.length;
    const innerEnd = text.indexOf(tags.close, innerStart);
    if (innerEnd < 0) return found;
    position = innerEnd + tags.close.length;
    found.push({
      inner: { start: innerStart, end: innerEnd },
      outer: { start, end: position },
      closed: true,
    });
  }
}

/** Training: the last answer if it isn't empty, before any call; else the last call (v2) or the first three (v5). */
function decideTraining(text: string, environment: 'trainingV2' | 'trainingV5'): Decision {
  const calls = findAll(text, CALL);
  const answers = findAll(text, ANSWER);
  const last = answers.at(-1);
  if (last && last.inner.end > last.inner.start) {
    return { calls, acted: [], answers, answer: last, ends: true };
  }
  const chosen = environment === 'trainingV2' ? calls.slice(-1) : calls.slice(0, MAX_CALLS_PER_TURN_V5);
  // v2 takes an empty text between the tags for no call at all; v5 hands it to the JSON parser.
  const acted = chosen.filter((span) => environment === 'trainingV5' || span.inner.end > span.inner.start);
  return { calls, acted, answers, ends: acted.length === 0 };
}

/**
 * Evaluation: `text.split('<tool_call>')[1].split('</tool_call>')[0]`, so the first call reaches to the next tag of
 * either kind or to the end; and the loop ends when the text holds `</answer>`, whatever else it holds.
 */
function decideEvaluation(text: string): Decision {
  const calls: TaggedSpan[] = [];
  const start = text.indexOf(CALL.open);
  if (start >= 0) {
    const innerStart = start + CALL.open.length;
    const nextOpen = text.indexOf(CALL.open, innerStart);
    const piece = nextOpen < 0 ? text.length : nextOpen;
    const close = text.indexOf(CALL.close, innerStart);
    const closed = close >= 0 && close < piece;
    const outerEnd = closed ? close + CALL.close.length : piece;
    calls.push({
      inner: { start: innerStart, end: closed ? close : piece },
      outer: { start, end: outerEnd },
      closed,
    });
    for (const later of findAll(text, CALL, outerEnd)) calls.push(later);
  }
  const answers = findAll(text, ANSWER);
  const answer = answers[0];
  const ends = text.includes(ANSWER.close);
  return { calls, acted: calls.slice(0, 1), answers, ends, ...(answer && { answer }) };
}

/**
 * What the environment would do with a turn, worked out from the whole text: tags inside a thought count as well,
 * since the environments search without looking at `<think>`.
 * Source: `visual_toolbox_v2.py`, `visual_toolbox_v5.py`, `eval_vstar.py`, `eval_hrbench.py` of DeepEyes.
 */
export function decide(text: string, environment: TurnSemantics): Decision {
  return environment === 'evaluation' ? decideEvaluation(text) : decideTraining(text, environment);
}
