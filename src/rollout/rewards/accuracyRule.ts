import { boxedTexts } from './boxed';
import { compareQuantities } from './compareQuantities';
import type { AnswerOption } from './options';
import { labelledText, matchOption } from './options';
import { comparableText, MAX_RULE_TEXT, plainText, withoutLatex, withoutLeadIn } from './plainText';
import { quantityOf } from './quantity';
import { polarityOf, samePolarity } from './yesNo';

/** The rules that may decide, in the order in which they are tried. */
export type AccuracyRule = 'no answer' | 'exact text' | 'number' | 'text' | 'option' | 'yes or no';

/** What a rule says, or that none can say anything. The reason is a sentence for a person. */
export type RuleJudgement =
  | { readonly correct: boolean; readonly rule: AccuracyRule; readonly reason: string }
  | { readonly correct?: undefined; readonly reason: string };

/** What is to be judged. */
export interface AnswerToJudge {
  /** What the policy answered, without the tags around it. */
  readonly answer: string;
  /** The right answer: a text, a number, an option's letter or its text. */
  readonly groundTruth: string;
  /** Names the unit that an answer may leave out. */
  readonly question?: string;
  /** What the question offers; see `offeredOptions`. */
  readonly options?: readonly AnswerOption[];
}

interface Pair {
  /** As plain text, boxes taken off. */
  readonly answer: string;
  readonly groundTruth: string;
  readonly question: string;
  readonly options: readonly AnswerOption[];
}

type Rule = (pair: Pair) => RuleJudgement | undefined;

const quoted = (text: string): string => `"${text.length > 80 ? `${text.slice(0, 79)}…` : text}"`;

const byNumber: Rule = ({ answer, groundTruth, question }) => {
  const [mine, right] = [answer, groundTruth].map((text) => quantityOf(withoutLeadIn(withoutLatex(text))));
  if (!mine || !right) return undefined;
  const comparison = compareQuantities(mine, right, question);
  if (comparison.result === 'unclear') return { reason: comparison.reason };
  const correct = comparison.result === 'equal';
  return {
    correct,
    rule: 'number',
    reason: `${quoted(answer)} and ${quoted(groundTruth)} are ${correct ? 'the same number' : 'different numbers'}.`,
  };
};

const byText: Rule = (pair) => {
  const { answer, groundTruth } = pair;
  // What the rule for numbers leaves open, such as mm and Mm, looks alike without case.
  if (byNumber(pair)) return undefined;
  const text = comparableText(answer);
  if (text === '' || text !== comparableText(groundTruth)) return undefined;
  return { correct: true, rule: 'text', reason: 'Both say the same but for spelling.' };
};

const byOption: Rule = ({ answer, groundTruth, options }) => {
  if (options.length === 0) return undefined;
  const right = matchOption(groundTruth, options);
  if (!right.option) return { reason: `The right answer is none of the options: ${right.reason}` };
  const mine = matchOption(answer, options);
  if (!mine.option) return { reason: mine.reason };
  const correct = mine.option === right.option;
  return {
    correct,
    rule: 'option',
    reason: `The answer names option ${mine.option.letter} by its ${mine.by}; right is ${right.option.letter}.`,
  };
};

/** A letter of another option in what follows the first one, or a word that joins it to more. */
const MORE_LETTERS = /(?:^|[\s(])(?:[B-HJ-Z]|A(?=[).,:]|$))(?=$|[\s).,:])|^(?:or|and|&|\/)\b/;

/** Letters where the options themselves are not known. */
const byLetter: Rule = ({ answer, groundTruth, options }) => {
  if (options.length > 0) return undefined;
  const [mine, right] = [labelledText(answer), labelledText(groundTruth)];
  if (!mine || !right) return undefined;
  const isSame = mine.letter === right.letter;
  const bothSay = mine.rest !== undefined && right.rest !== undefined;
  const saysSame = bothSay && comparableText(mine.rest) === comparableText(right.rest);
  if (bothSay && saysSame !== isSame) return { reason: 'The letters say one thing and the words another.' };
  if (mine.rest !== undefined && !saysSame && MORE_LETTERS.test(mine.rest)) {
    return { reason: 'The answer names more than one letter.' };
  }
  return {
    correct: isSame,
    rule: 'option',
    reason: `The answer is ${mine.letter}; right is ${right.letter}.`,
  };
};

const byYesNo: Rule = ({ answer, groundTruth }) => {
  const [mine, right] = [polarityOf(answer), polarityOf(groundTruth)];
  if (!mine || !right) return undefined;
  const correct = samePolarity(mine, right);
  if (correct === undefined) return { reason: 'Both say yes or no alike, and then different things.' };
  return { correct, rule: 'yes or no', reason: `Yes or no: the two ${correct ? 'agree' : 'are opposite'}.` };
};

const RULES: readonly Rule[] = [byNumber, byText, byOption, byLetter, byYesNo];

/** The text in the box where there is one; undefined where several boxes say different things. */
function unboxed(text: string): string | undefined {
  const boxes = boxedTexts(text).map(plainText);
  const [first] = boxes;
  if (first === undefined) return plainText(text);
  return boxes.every((box) => comparableText(box) === comparableText(first)) ? first : undefined;
}

/** What the letter of a right answer stands for, so that an answer that says it in words can be compared as well. */
function spelledOut(groundTruth: string, options: readonly AnswerOption[]): string {
  const match = matchOption(groundTruth, options);
  return match.option?.text ?? groundTruth;
}

/**
 * Judges an answer by rules alone: numbers (fractions, units, percentages), the same text but for spelling, the options
 * of the question, yes or no. A rule says "wrong" only where both sides are of its kind and cannot mean the same;
 * whatever no rule is certain of is not judged. Never throws; linear in the lengths of the texts.
 */
export function judgeByRule(input: AnswerToJudge): RuleJudgement {
  const { question = '', options = [] } = input;
  const answer = input.answer.trim();
  const groundTruth = input.groundTruth.trim();
  if (groundTruth === '') return { reason: 'The right answer is not known.' };
  if (answer === '') return { correct: false, rule: 'no answer', reason: 'There is no answer.' };
  if (answer === groundTruth) {
    return { correct: true, rule: 'exact text', reason: 'The answer is the right one to the letter.' };
  }
  if (answer.length > MAX_RULE_TEXT || groundTruth.length > MAX_RULE_TEXT) {
    return { reason: `A text of more than ${MAX_RULE_TEXT} characters is not looked into.` };
  }
  const [mine, right] = [unboxed(answer), unboxed(groundTruth)];
  if (mine === undefined || right === undefined) {
    return { reason: 'There are several boxes, and they say different things.' };
  }
  const base = { answer: mine, question, options };
  const texts = new Set([right, spelledOut(right, options)]);
  let reason: string | undefined;
  for (const text of texts) {
    for (const rule of RULES) {
      const judgement = rule({ ...base, groundTruth: text });
      if (judgement?.correct !== undefined) return judgement;
      reason = judgement?.reason ?? reason;
    }
  }
  return { reason: reason ?? 'The two texts differ, and no rule can say whether they mean the same.' };
}
