import { optionsOf } from '../../trajectory/promptText';
import type { Trajectory } from '../../trajectory/trajectory';
import { answerText } from '../signals/answerText';
import { commonInOrder, contentWords, wordsOf } from './words';

/** One of the answers that a question may have. */
export interface Alternative {
  /** The letter that it has among the options. */
  readonly letter?: string;
  /** Its words that tell something, in order. */
  readonly words: readonly string[];
  /** Those of them that the others lack. */
  readonly own: readonly string[];
}

/** A sentence names an alternative when it has so much of its words in their order. */
const NAMED_FROM = 0.5;

/**
 * The answers that a question may have: its options; or both readings of "left or right"; or the answer that was given
 * in the end, when it says something that the question does not.
 */
export function alternativesOf(trajectory: Trajectory): readonly Alternative[] {
  const { prompt } = trajectory;
  const options = [...(optionsOf(prompt.user) ?? '').matchAll(/^\s*\(?([A-Z])[.):]\s*(.+)$/gm)].map(
    ([, letter = '', text = '']) => ({ letter, words: contentWords(text) }),
  );
  if (options.length > 1) return told(options);
  const choice = /([\p{L}]+) or ([\p{L}]+)/iu.exec(prompt.question);
  if (choice) {
    const [whole, first = '', second = ''] = choice;
    const readings = [first, second].map((word) => ({
      words: contentWords(prompt.question.replace(whole, word)),
    }));
    return told(readings);
  }
  const asked = new Set(wordsOf(prompt.question));
  const words = contentWords(answerText(trajectory) ?? '').slice(0, 20);
  const own = words.filter((word) => !asked.has(word));
  return own.length > 0 ? [{ words, own }] : [];
}

function told(
  alternatives: readonly { readonly letter?: string; readonly words: readonly string[] }[],
): readonly Alternative[] {
  const isCommon = (word: string): boolean => alternatives.every(({ words }) => words.includes(word));
  return alternatives.map((one) => ({ ...one, own: one.words.filter((word) => !isCommon(word)) }));
}

/** Sentences that plan, ask or weigh state no belief. */
const NO_BELIEF =
  /\b(?:whether|if|determine|need to|let's|let us|let me|I'll|I will|will help|help us|can use|focus|zoom|closer look|should|would|instead of|not)\b|\?$/i;
/** A place in the picture is no answer to where one thing is of another. */
const PLACE_IN_PICTURE =
  /\b(?:left|right|top|bottom|upper|lower|above|below)(?:[- ][a-z]+){0,2} of the (?:image|picture|photo|frame|scene)\b/i;

/** The alternative that a sentence states; undefined when it states none, or several. */
export function statedAlternative(
  sentence: string,
  alternatives: readonly Alternative[],
  question: string,
): Alternative | undefined {
  // Most sentences name none, and cutting them into words costs most.
  const lower = sentence.toLowerCase();
  if (!alternatives.some(({ own }) => own.some((word) => lower.includes(word)))) return undefined;
  if (NO_BELIEF.test(sentence) || PLACE_IN_PICTURE.test(sentence)) return undefined;
  const words = wordsOf(sentence).slice(0, 200);
  const named = alternatives.filter(({ own }) => own.some((word) => words.includes(word)));
  const [only] = named;
  if (!only || named.length > 1 || !only.own.every((word) => words.includes(word))) return undefined;
  if (describesOther(sentence, only)) return undefined;
  const share = commonInOrder(only.words, words) / only.words.length;
  const about = contentWords(question).some((word) => words.includes(word));
  return share >= NAMED_FROM && about ? only : undefined;
}

/** Whether a word that only this alternative has stands before something else that it describes: "the red mailbox". */
function describesOther(sentence: string, { words, own }: Alternative): boolean {
  const pieces = sentence.toLowerCase().match(/[\p{L}\p{N}'’-]+|[^\s\p{L}\p{N}]/gu) ?? [];
  return pieces.some((piece, at) => {
    const [next] = contentWords(pieces[at + 1] ?? '');
    return own.includes(piece) && next !== undefined && !words.includes(next) && !AFTER.has(next);
  });
}

/** Content words that may follow an answer without being described by it. */
const AFTER = new Set(
  `after again against although also because before behind beside but closer here indeed instead like near next now over
  rather since than then though too under when where while based`.split(/\s+/),
);

/** The alternative that the answer names: by what only it says, else by its letter, which models mix up. */
export function answeredAlternative(
  answer: string,
  alternatives: readonly Alternative[],
): Alternative | undefined {
  const words = wordsOf(answer).slice(0, 200);
  const said = contentWords(answer);
  const named = alternatives.filter(
    (one) =>
      one.own.length > 0 &&
      one.own.every((word) => words.includes(word)) &&
      (said.every((word) => one.words.includes(word)) ||
        commonInOrder(one.words, words) >= NAMED_FROM * one.words.length),
  );
  if (named.length === 1) return named[0];
  const letter = /^\s*\(?([A-Z])(?:[.):]|\s*$)/.exec(answer)?.[1];
  return alternatives.find((one) => one.letter !== undefined && one.letter === letter);
}
