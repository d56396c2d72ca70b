import { optionsOf } from '../../trajectory/promptText';
import { bareText, comparableText, plainText, withoutLatex, withoutLeadIn } from './plainText';

/** One of the answers that a question offers. */
export interface AnswerOption {
  /** A capital letter. */
  readonly letter: string;
  readonly text: string;
}

/** Which option a text names, and by what; or why it names none. */
export type OptionMatch =
  | { readonly option: AnswerOption; readonly by: 'letter' | 'text' | 'words' }
  | { readonly option?: undefined; readonly reason: string };

/** The longest text that is searched for options, in UTF-16 units. */
const MAX_USER_TEXT = 32_768;

const LINE = /^ ?[([]?([A-Z])[.):\]] ?(.*)$/;
const INLINE = /\(([A-Z])\) ?/g;

/** Options are lettered from A on without a gap; anything else is no list of options. */
function lettered(options: readonly AnswerOption[]): readonly AnswerOption[] {
  const inOrder = options.every(({ letter }, index) => letter.charCodeAt(0) === 65 + index);
  return options.length > 1 && inOrder ? options : [];
}

function optionsOfLines(text: string): readonly AnswerOption[] {
  const found: AnswerOption[] = [];
  for (const line of text.split('\n')) {
    const [, letter, rest] = LINE.exec(plainText(line)) ?? [];
    if (letter !== undefined && rest !== undefined) found.push({ letter, text: rest });
  }
  return lettered(found);
}

function optionsWithin(text: string): readonly AnswerOption[] {
  const marks = [...text.matchAll(INLINE)];
  return lettered(
    marks.map((mark, index) => ({
      letter: mark[1] ?? '',
      text: plainText(text.slice(mark.index + mark[0].length, marks[index + 1]?.index)),
    })),
  );
}

/**
 * The options that a user's text offers: the lines behind `Options:`, else lines that begin with `A.`, `B)` and so on,
 * else `(A) ... (B) ...` within the text. Empty where there are none, and where the text is too long for a question.
 */
export function offeredOptions(user: string): readonly AnswerOption[] {
  if (user.length > MAX_USER_TEXT) return [];
  const listed = optionsOf(user);
  const ofList = listed === undefined ? [] : optionsOfLines(listed);
  if (ofList.length > 0) return ofList;
  const ofLines = optionsOfLines(user);
  return ofLines.length > 0 ? ofLines : optionsWithin(user);
}

/** A text that begins with an option's letter: `B`, `(B)`, `B.`, `B) cat`, `B: cat`. */
export interface LabelledText {
  readonly letter: string;
  /** What follows the letter; absent where nothing does. */
  readonly rest?: string;
}

/** Takes the letter off a text; undefined where it has none. A letter alone may be small, one before words may not. */
export function labelledText(plain: string): LabelledText | undefined {
  const text = withoutLeadIn(withoutLatex(plain));
  const alone = /^[([]?([A-Za-z])[)\]]?$/.exec(text)?.[1];
  if (alone !== undefined) return { letter: alone.toUpperCase() };
  const found = /^(?:[([]([A-Z])[)\]][.:]?|([A-Z])[.):]|([A-Z])(?= - ))(.*)$/s.exec(text);
  const letter = found?.[1] ?? found?.[2] ?? found?.[3];
  const rest = bareText((found?.[4] ?? '').replace(/^ - /, ''));
  return letter === undefined ? undefined : { letter, ...(rest !== '' && { rest }) };
}

const ARTICLES = new Set(['a', 'an', 'the']);
const PLACE = /\bin the (?:image|picture|photo)\b/g;

/** The words that tell texts apart: no articles, and not that something is in the image, where everything is. */
function wordsOf(comparable: string): string[] {
  return comparable
    .replaceAll(PLACE, ' ')
    .split(/[^\p{L}\p{N}'%$€£°.+-]+/u)
    .filter((word) => word !== '' && !ARTICLES.has(word));
}

function isInOrderWithin(words: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const word of whole) if (word === words[at]) at++;
  return at === words.length;
}

/**
 * Options whose words, in their order, hold all words of the text, while the text holds every word that is not common
 * to all options: "the cap is white" is part of "The color of the cap is white", and says what makes it that option.
 */
function matchesByWords(text: string, options: readonly AnswerOption[]): readonly AnswerOption[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  const held = new Set(words);
  const lists = options.map((option) => wordsOf(comparableText(option.text)));
  const sets = lists.map((list) => new Set(list));
  return options.filter((_, index) => {
    const list = lists[index] ?? [];
    const own = list.filter((word) => !sets.every((set) => set.has(word)));
    return own.length > 0 && own.every((word) => held.has(word)) && isInOrderWithin(words, list);
  });
}

function matchText(text: string, options: readonly AnswerOption[]): OptionMatch {
  const equal = options.filter((option) => comparableText(option.text) === text);
  const matches = equal.length > 0 ? equal : matchesByWords(text, options);
  const [only, ...others] = matches;
  if (only && others.length === 0) return { option: only, by: equal.length > 0 ? 'text' : 'words' };
  return {
    reason: only
      ? `The words fit more than one option (${matches.map(({ letter }) => letter).join(', ')}).`
      : 'The words are those of no option.',
  };
}

/**
 * Which of the options a text names, by letter, by text, or by words that only one of them has. A letter together with
 * another option's text names none.
 * @param plain of bounded length
 */
export function matchOption(plain: string, options: readonly AnswerOption[]): OptionMatch {
  const byText = matchText(comparableText(plain), options);
  const labelled = labelledText(plain);
  const byLetter = options.find(({ letter }) => letter === labelled?.letter);
  if (!labelled || !byLetter) return byText;
  if (labelled.rest === undefined) {
    const isBoth = byText.option !== undefined && byText.option !== byLetter;
    return isBoth
      ? { reason: `"${labelled.letter}" is the letter of one option and the text of another.` }
      : { option: byLetter, by: 'letter' };
  }
  const rest = matchText(comparableText(labelled.rest), options);
  if (rest.option === byLetter) return { option: byLetter, by: 'letter' };
  // The whole may be the option's text, as in "A. Smith".
  if (rest.option === undefined)
    return byText.option
      ? byText
      : { reason: `The letter is ${labelled.letter}, but what follows it is not that option.` };
  return {
    reason: `The letter is ${labelled.letter}, but the words are those of option ${rest.option.letter}.`,
  };
}
