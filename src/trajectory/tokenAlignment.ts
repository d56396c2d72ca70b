import { IM_START } from './specialTokens';
import type { ModelPart, ObservationPart, TextRange, TokenSpan, Turn } from './turn';

/*
 * Lines up a response's tokens with its turns. The tokens were decoded one by one, so those that hold a piece of a
 * character read U+FFFD and the joined tokens need not equal the text.
 */

/** A run of tokens that one side wrote. */
export interface TokenRun {
  readonly kind: 'model' | 'observation';
  readonly span: TokenSpan;
}

/** A role's header ends within so many tokens, or is none. */
const MAX_HEADER_TOKENS = 8;
/** Characters among which the next readable token is looked for after unreadable ones. */
const RESYNC_WINDOW = 64;
const UNREADABLE = '\uFFFD';

/** The role named after `<|im_start|>` at `index`, and the first token after its line. */
function headerAt(tokens: readonly string[], index: number): { role: string; end: number } {
  let text = '';
  let end = index + 1;
  while (end < tokens.length && end <= index + MAX_HEADER_TOKENS && !text.includes('\n'))
    text += tokens[end++] ?? '';
  return { role: (text.split('\n')[0] ?? '').trim(), end };
}

/**
 * Which tokens the policy wrote. An observation begins with the line break before `<|im_start|>user` and ends with the
 * line of `<|im_start|>assistant`; all of it was put in by the environment and is outside the loss.
 * Source: the action mask of DeepEyes' `parallel_env.py`.
 */
export function tokenRuns(tokens: readonly string[]): TokenRun[] {
  const runs: TokenRun[] = [];
  let start = 0;
  let inObservation = false;
  const close = (end: number): void => {
    if (end > start) runs.push({ kind: inObservation ? 'observation' : 'model', span: { start, end } });
    start = end;
  };
  for (let index = 0; index < tokens.length; index++) {
    if (tokens[index] !== IM_START) continue;
    const header = headerAt(tokens, index);
    const isAssistant = header.role === 'assistant';
    if (!inObservation && !isAssistant) {
      close(index > start && tokens[index - 1] === '\n' ? index - 1 : index);
      inObservation = true;
    } else if (inObservation && isAssistant) {
      close(header.end);
      inObservation = false;
      index = header.end - 1;
    }
  }
  close(tokens.length);
  return runs;
}

/** True for the tokens of the model's runs. */
export function actionMaskOf(runs: readonly TokenRun[], length: number): boolean[] {
  const mask = new Array<boolean>(length).fill(false);
  for (const run of runs) if (run.kind === 'model') mask.fill(true, run.span.start, run.span.end);
  return mask;
}

/**
 * Character ranges of a run's tokens in its text. Unreadable tokens share the stretch up to the next readable one.
 * @returns undefined when the tokens are not those of the text
 */
function rangesOfTokens(tokens: readonly string[], span: TokenSpan, text: string): TextRange[] | undefined {
  const ranges: TextRange[] = [];
  let at = 0;
  let index = span.start;
  while (index < span.end) {
    const token = tokens[index] ?? '';
    if (text.startsWith(token, at)) {
      ranges.push({ start: at, end: at + token.length });
      at += token.length;
      index++;
      continue;
    }
    if (!token.includes(UNREADABLE)) return undefined;
    let next = index + 1;
    while (next < span.end && (tokens[next] ?? '').includes(UNREADABLE)) next++;
    const readable = tokens[next] ?? '';
    const found = text.slice(at, at + RESYNC_WINDOW * (next - index)).indexOf(readable);
    const end = next === span.end ? text.length : found < 0 ? -1 : at + found;
    if (end < 0) return undefined;
    for (; index < next; index++) ranges.push({ start: at, end });
    at = end;
  }
  return at === text.length ? ranges : undefined;
}

/** The tokens that hold any character of a range. Undefined for an empty range or one that no token touches. */
function tokensOfRange(ranges: readonly TextRange[], first: number, range: TextRange): TokenSpan | undefined {
  // Ranges are sorted by both ends, so the first token that ends after the start is found by halving.
  const lowest = (test: (entry: TextRange) => boolean): number => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const entry = ranges[middle];
      if (entry && test(entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  const start = lowest((entry) => entry.end > range.start);
  const end = lowest((entry) => entry.start >= range.end);
  return end > start ? { start: first + start, end: first + end } : undefined;
}

function partsWithTokens(turn: Turn, tokens: readonly string[], span: TokenSpan): readonly ModelPart[] {
  const ranges = rangesOfTokens(tokens, span, turn.raw);
  if (!ranges) return turn.parts;
  return turn.parts.map((part) => {
    const found = tokensOfRange(ranges, span.start, part.range);
    return found ? { ...part, tokens: found } : part;
  });
}

/**
 * Adds token spans to the parts and observations of turns. A turn whose text can't be matched with its tokens keeps
 * only what is certain; where the number of runs is not that of the turns, nothing is added.
 * A token on the border of two parts counts in both.
 */
export function withTokenSpans(
  turns: readonly Turn[],
  tokens: readonly string[],
  runs: readonly TokenRun[],
): readonly Turn[] {
  const expected = turns.flatMap((turn) => [
    ...(turn.raw === '' ? [] : ['model']),
    ...(turn.observation ? ['observation'] : []),
  ]);
  if (expected.length !== runs.length || expected.some((kind, index) => kind !== runs[index]?.kind))
    return turns;
  let next = 0;
  return turns.map((turn) => {
    const model = turn.raw === '' ? undefined : runs[next++];
    const parts = model ? partsWithTokens(turn, tokens, model.span) : turn.parts;
    if (!turn.observation) return { ...turn, parts };
    const run = runs[next++];
    const observation: ObservationPart = run ? { ...turn.observation, tokens: run.span } : turn.observation;
    return { ...turn, parts, observation };
  });
}
