import type { Sequence, TokenChoice } from '../../../src/inference/backend';
import type { LocalSequence } from '../../../src/inference/onnx/model/localSequence';
import type { Kind } from '../report';
import type { ConversationCase } from './cases';

/** Below this distance of the two best logits the order of additions may choose another token. */
export const NEAR_TIE = 1e-3;

/** A generated token, with the best three of its step. */
interface Step {
  readonly id: number | undefined;
  readonly logProbability: number;
  readonly top: readonly TokenChoice[];
}

/** How to generate. */
export interface GreedyRun {
  readonly steps: number;
  readonly repetitionPenalty?: number;
  /** Something to do between two pieces of the generation, each `every` tokens long. */
  readonly between?: { readonly every: number; readonly task: () => Promise<void> };
}

/** Generates exactly `steps` tokens, past any end of turn, as the reference did. */
export async function generateGreedily(sequence: Sequence, run: GreedyRun): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const sampling = {
    temperature: 0,
    ...(run.repetitionPenalty !== undefined && { repetitionPenalty: run.repetitionPenalty }),
  };
  while (steps.length < run.steps) {
    const maxTokens = Math.min(run.steps - steps.length, run.between?.every ?? Infinity);
    let ended = '';
    for await (const event of sequence.generate({ sampling, maxTokens, topCount: 3 })) {
      if (event.type === 'end') ended = event.reason;
      else steps.push({ id: event.id, logProbability: event.logProbability ?? NaN, top: event.top });
    }
    // The reference goes on after an end of turn; raw text of no tokens opens the sequence again.
    if (ended === 'endOfTurn') await sequence.appendTokens([]);
    else if (ended !== 'length') throw new Error(`the generation ended by "${ended}"`);
    await run.between?.task();
  }
  return steps;
}

/** Where greedy continuations are counted, in steps. */
export interface GreedyKinds {
  readonly tokens: Kind;
  readonly logProbabilities: Kind;
  /** Present on one way only: the runner-up and its distance. */
  readonly seconds?: Kind;
  readonly margins?: Kind;
}

/** Compares a plain greedy continuation; a step whose recorded margin is too small may end the comparison. */
export function compareGreedy(
  source: ConversationCase,
  found: readonly Step[],
  limit: number,
  kinds: GreedyKinds,
): void {
  const { greedy } = source;
  if (!greedy) return;
  const all = [kinds.tokens, kinds.logProbabilities, kinds.seconds, kinds.margins].filter(
    (kind) => kind !== undefined,
  );
  for (const kind of all) kind.expect(greedy.ids.length);
  if (limit < greedy.ids.length) {
    for (const kind of all) kind.excuse(greedy.ids.length - limit, `limited to ${limit} steps`);
  }
  for (const [index, id] of greedy.ids.slice(0, limit).entries()) {
    const place = `"${source.name}" step ${index}`;
    const step = found[index];
    const margin = greedy.margins[index] ?? 0;
    if (step?.id !== id && margin < NEAR_TIE) {
      const reason = `"${source.name}" parts at step ${index}, rightly: its margin is ${margin.toExponential(1)}`;
      for (const kind of all) kind.excuse(limit - index, reason);
      return;
    }
    kinds.tokens.compared(place, Number(step?.id !== id));
    const error = Math.abs((step?.logProbability ?? NaN) - (greedy.logProbabilities[index] ?? NaN));
    kinds.logProbabilities.compared(place, error);
    const [first, second, third] = step?.top ?? [];
    kinds.margins?.compared(
      place,
      Math.abs((first?.logProbability ?? NaN) - (second?.logProbability ?? NaN) - margin),
    );
    if (kinds.seconds) compareSecond(kinds.seconds, place, greedy.seconds[index], second, third);
  }
}

/** Another runner-up is right where it and the recorded one are as good as equal. */
function compareSecond(
  kind: Kind,
  place: string,
  wanted: number | undefined,
  second: TokenChoice | undefined,
  third: TokenChoice | undefined,
): void {
  const gap = (second?.logProbability ?? NaN) - (third?.logProbability ?? NaN);
  if (second?.id !== wanted && third?.id === wanted && gap < NEAR_TIE) {
    kind.excuse(1, `${place}: second and third are ${gap.toExponential(1)} apart`);
  } else kind.compared(place, Number(second?.id !== wanted));
}

/** Where a run with a penalty parts from the recorded one, and how near the two tokens were; undefined: nowhere. */
export interface Parting {
  readonly step: number;
  readonly gap: number;
}

/**
 * The recorded run has no margins with a penalty: where another token was chosen, the distance of the two is taken from
 * our own logits.
 * @param start the sequence's length before the run
 */
export async function partingOf(
  sequence: LocalSequence,
  start: number,
  prompt: readonly number[],
  found: readonly Step[],
  wanted: { readonly penalty: number; readonly ids: readonly number[] },
): Promise<Parting | undefined> {
  const step = found.findIndex(({ id }, index) => id !== wanted.ids[index]);
  if (step < 0) return undefined;
  const seen = new Set([...prompt, ...wanted.ids.slice(0, step)]);
  const logits = await sequence.logitsAfter([start + step - 1]);
  const score = (id: number): number => {
    const logit = logits[id] ?? NaN;
    if (!seen.has(id)) return logit;
    return logit > 0 ? logit / wanted.penalty : logit * wanted.penalty;
  };
  return { step, gap: Math.abs(score(found[step]?.id ?? -1) - score(wanted.ids[step] ?? -1)) };
}
