import type { FormatRules } from '../../analysis/rewardFormula';
import { boxedTexts, countBoxes } from './boxed';

/*
 * Whether a response keeps the form that a reward function asks for, count by count as the function counts. Sources:
 * `compute_score`, `compute_common_reasoning` and `compute_score_math` in `vl_agent.py` of DeepEyes as released, and
 * `compute_score` and `compute_score_search` in `deepeyesv2.py` of DeepEyesV2.
 */

/** Which count did not match. */
export type FormatErrorKind =
  | 'think tags'
  | 'image tags'
  | 'answer tags'
  | 'code tags'
  | 'call tags'
  | 'no answer'
  | 'long answer'
  | 'boxes';

/** One reason why the form is wrong, with a sentence for a person. */
export interface FormatError {
  readonly kind: FormatErrorKind;
  readonly reason: string;
}

/** What a reward function reads in a response. */
export interface FormatReport {
  /** Empty where the form is right. */
  readonly errors: readonly FormatError[];
  /** What is judged. */
  readonly answer: string;
  /** Where form alone makes the answer wrong, whatever it says: why. */
  readonly wrong?: string;
}

const THINK_END = '</think>';
const LONG = 1000;
const LONG_V2 = 300;

/** How often a text occurs, not overlapping, as Python's `str.count`. */
function count(text: string, part: string): number {
  let found = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found++;
  return found;
}

/** Python's `str.strip()`: its white space has four control characters more than JavaScript's and no byte-order mark. */
function strip(text: string): string {
  const isBlank = (char: string): boolean => char !== '\ufeff' && /[\s\x1c-\x1f\x85]/.test(char); // eslint-disable-line no-control-regex
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charAt(start))) start++;
  while (end > start && isBlank(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

/** Python's `len`: characters, not UTF-16 units. */
function lengthOf(text: string): number {
  let length = text.length;
  for (let at = 0; at + 1 < text.length; at++) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00) length--;
  }
  return length;
}

function afterLast(text: string, mark: string): string {
  const at = text.lastIndexOf(mark);
  return at < 0 ? text : text.slice(at + mark.length);
}

function beforeFirst(text: string, mark: string): string {
  const at = text.indexOf(mark);
  return at < 0 ? text : text.slice(0, at);
}

const times = (number: number): string => (number === 1 ? 'once' : `${number} times`);

function unequal(
  text: string,
  open: string,
  close: string,
  kind: FormatErrorKind,
  where = '',
): FormatError[] {
  const [opened, closed] = [count(text, open), count(text, close)];
  if (opened === closed) return [];
  return [{ kind, reason: `${open} occurs ${times(opened)} and ${close} ${times(closed)}${where}.` }];
}

const BEHIND = ' behind the last </think>';

function thinkErrors(response: string): FormatError[] {
  return unequal(response, '<think>', THINK_END, 'think tags');
}

function imageErrors(response: string): FormatError[] {
  return unequal(response, '<|vision_start|><|image_pad|>', '<|image_pad|><|vision_end|>', 'image tags');
}

function answerErrors(final: string): FormatError[] {
  return unequal(final, '<answer>', '</answer>', 'answer tags', BEHIND);
}

function longAnswer(answer: string, limit: number): FormatError[] {
  const length = lengthOf(answer);
  if (length < limit) return [];
  return [
    {
      kind: 'long answer',
      reason: `The answer has ${length} characters; from ${limit} on it counts as none.`,
    },
  ];
}

function report(answer: string, errors: readonly FormatError[]): FormatReport {
  const fatal = errors.find(({ kind }) => kind === 'long answer' || kind === 'no answer');
  return { errors, answer, ...(fatal && { wrong: fatal.reason }) };
}

/** Text behind the last opening tag of all, thoughts included: without any tag, the whole response. */
function checkDeepEyes(response: string): FormatReport {
  const final = strip(afterLast(response, THINK_END));
  const answer = strip(beforeFirst(afterLast(response, '<answer>'), '</answer>'));
  return report(answer, [
    ...thinkErrors(response),
    ...imageErrors(response),
    ...answerErrors(final),
    ...longAnswer(answer, LONG),
  ]);
}

/** Every `<answer>(.*?)</answer>`, as Python's `re.findall` with DOTALL. */
function answersIn(text: string): string[] {
  const found: string[] = [];
  for (let start = text.indexOf('<answer>'); start >= 0;) {
    const inner = start + '<answer>'.length;
    const end = text.indexOf('</answer>', inner);
    if (end < 0) break;
    found.push(text.slice(inner, end));
    start = text.indexOf('<answer>', end);
  }
  return found;
}

const NO_ANSWER: FormatError = {
  kind: 'no answer',
  reason: 'No <answer> with text and </answer> stands behind the last </think>.',
};

function checkReasoning(response: string): FormatReport {
  const final = strip(afterLast(response, THINK_END));
  const answer = answersIn(final).at(-1) ?? '';
  return report(answer, [
    ...thinkErrors(response),
    ...imageErrors(response),
    ...answerErrors(final),
    ...(answer === '' ? [NO_ANSWER] : longAnswer(answer, LONG)),
  ]);
}

function checkMath(response: string): FormatReport {
  const final = strip(afterLast(response, THINK_END));
  const boxes = countBoxes(final);
  const errors = thinkErrors(response);
  if (boxes === 0) {
    errors.push({ kind: 'no answer', reason: `No \\boxed{} with text stands${BEHIND}.` });
  } else if (boxes > 1) {
    errors.push({ kind: 'boxes', reason: `\\boxed{} stands ${times(boxes)}${BEHIND}; once is asked for.` });
  }
  return report(boxes === 0 ? '' : (boxedTexts(final).at(-1) ?? ''), errors);
}

/** DeepEyesV2 puts a missing first `<think>` there itself, and wants tags to be there, not only to match. */
function checkV2(response: string, hasSearch: boolean): FormatReport {
  const text = response.startsWith('<think>') ? response : `<think>${response}`;
  const final = strip(afterLast(text, THINK_END));
  const [first] = answersIn(final);
  const answer = strip(first ?? '');
  const noThought: FormatError = { kind: 'think tags', reason: `${THINK_END} does not occur.` };
  return {
    ...report(answer, [
      ...thinkErrors(text),
      ...(text.includes(THINK_END) ? [] : [noThought]),
      ...unequal(text, '<code>', '</code>', 'code tags'),
      ...(hasSearch ? unequal(text, '<tool_call>', '</tool_call>', 'call tags') : []),
      ...answerErrors(final),
      ...(answer === '' ? [NO_ANSWER] : longAnswer(answer, LONG_V2)),
    ]),
  };
}

/**
 * Checks the form of a response and finds the answer in it.
 * @param response everything behind the prompt, observations included, with special tokens where there are any
 */
export function checkFormat(response: string, rules: FormatRules): FormatReport {
  switch (rules) {
    case 'deepeyes':
      return checkDeepEyes(response);
    case 'deepeyes-reasoning':
      return checkReasoning(response);
    case 'deepeyes-math':
      return checkMath(response);
    case 'deepeyes-v2':
      return checkV2(response, false);
    case 'deepeyes-v2-search':
      return checkV2(response, true);
  }
}
