import assert from 'node:assert/strict';
import type { FormatRules } from '../../../../src/analysis/rewardFormula';
import type { FormatErrorKind } from '../../../../src/rollout/rewards/format';
import { checkFormat } from '../../../../src/rollout/rewards/format';

const kinds = (response: string, rules: FormatRules = 'deepeyes'): FormatErrorKind[] =>
  checkFormat(response, rules).errors.map(({ kind }) => kind);
const reasons = (response: string, rules: FormatRules = 'deepeyes'): string[] =>
  checkFormat(response, rules).errors.map(({ reason }) => reason);

const CROP = '<|vision_start|><|image_pad|><|image_pad|><|vision_end|>';
const GOOD = `<think>I look.</think><tool_call>{}</tool_call><|im_end|>\n<|im_start|>user\n<tool_response>${CROP}</tool_response><|im_end|>\n<|im_start|>assistant\n<think>Red.</think><answer>red</answer><|im_end|>`;

describe('checkFormat, released compute_score', () => {
  it('a response whose counts all match has no error, and its answer is what stands in the last tag', () => {
    assert.deepEqual(checkFormat(GOOD, 'deepeyes'), { errors: [], answer: 'red' });
  });

  it('<think> opened more often than closed, and the other way round', () => {
    assert.deepEqual(reasons('<think>a<think>b</think><answer>c</answer>'), [
      '<think> occurs 2 times and </think> once.',
    ]);
    assert.deepEqual(reasons('b</think><answer>c</answer>'), ['<think> occurs 0 times and </think> once.']);
  });

  it('a thought that is never closed', () => {
    assert.deepEqual(kinds('<think>a<answer>c</answer>'), ['think tags']);
  });

  it('image tags: a start without its end, an end without its start', () => {
    assert.deepEqual(reasons(`<|vision_start|><|image_pad|><answer>c</answer>`), [
      '<|vision_start|><|image_pad|> occurs once and <|image_pad|><|vision_end|> 0 times.',
    ]);
    assert.deepEqual(kinds(`${CROP}<|image_pad|><|vision_end|><answer>c</answer>`), ['image tags']);
  });

  it('image tags without a pad between them are no image', () => {
    assert.deepEqual(kinds('<|vision_start|><answer>c</answer>'), []);
  });

  it('answer tags count behind the last </think> alone', () => {
    assert.deepEqual(reasons('<think>a</think><answer>b'), [
      '<answer> occurs once and </answer> 0 times behind the last </think>.',
    ]);
    assert.deepEqual(kinds('<think>a</think>b</answer>'), ['answer tags']);
    assert.deepEqual(kinds('<think><answer></think><answer>b</answer>'), []);
  });

  it('two whole answers match in number: no error, and the last one counts', () => {
    assert.deepEqual(checkFormat('<answer>a</answer><answer>b</answer>', 'deepeyes'), {
      errors: [],
      answer: 'b',
    });
  });

  it('an answer within the last thought is taken, since the text is searched whole', () => {
    const report = checkFormat('<think>so <answer>b</answer></think>done', 'deepeyes');
    assert.deepEqual(report, { errors: [], answer: 'b' });
  });

  it('no answer tag is no error: 0 equals 0, and the whole text is the answer', () => {
    const report = checkFormat(' <think>a</think> It is red. ', 'deepeyes');
    assert.deepEqual(report, { errors: [], answer: '<think>a</think> It is red.' });
  });

  it('999 characters are an answer, 1000 are an error and wrong whatever they say', () => {
    const at = (length: number, char = 'x'): string => `<answer>${char.repeat(length)}</answer>`;
    assert.deepEqual(kinds(at(999)), []);
    const long = checkFormat(at(1000), 'deepeyes');
    assert.deepEqual(long.errors, [
      { kind: 'long answer', reason: 'The answer has 1000 characters; from 1000 on it counts as none.' },
    ]);
    assert.equal(long.wrong, 'The answer has 1000 characters; from 1000 on it counts as none.');
  });

  it('characters are code points, and white space around the answer does not count', () => {
    assert.deepEqual(kinds(`<answer>${'𝒳'.repeat(999)}</answer>`), []);
    assert.deepEqual(kinds(`<answer>${'𝒳'.repeat(1000)}</answer>`), ['long answer']);
    assert.deepEqual(kinds(`<answer>\n ${'x'.repeat(999)} \n</answer>`), []);
    // Python strips U+001F and keeps U+FEFF; JavaScript's trim does the opposite.
    assert.deepEqual(kinds(`<answer>${'x'.repeat(999)}\x1f</answer>`), []);
    assert.deepEqual(kinds(`<answer>${'x'.repeat(999)}\ufeff</answer>`), ['long answer']);
  });

  it('every case at once gives every sentence', () => {
    const response = `<think>${CROP}<|vision_start|><|image_pad|> ${'y'.repeat(1000)}<answer>`;
    assert.deepEqual(kinds(`${response}${'y'.repeat(1000)}`), [
      'think tags',
      'image tags',
      'answer tags',
      'long answer',
    ]);
  });
});

describe('checkFormat, common reasoning', () => {
  it('needs an answer behind the last thought, closed and with text', () => {
    assert.deepEqual(kinds('<think>a</think>red', 'deepeyes-reasoning'), ['no answer']);
    assert.deepEqual(kinds('<think>a</think><answer></answer>', 'deepeyes-reasoning'), ['no answer']);
    assert.deepEqual(kinds('<think>a</think><answer>red', 'deepeyes-reasoning'), [
      'answer tags',
      'no answer',
    ]);
    assert.deepEqual(kinds('<think><answer>red</answer></think>', 'deepeyes-reasoning'), ['no answer']);
    assert.equal(typeof checkFormat('red', 'deepeyes-reasoning').wrong, 'string');
  });

  it('takes the last answer, and blanks are text there', () => {
    assert.equal(checkFormat('<answer>a</answer><answer>b</answer>', 'deepeyes-reasoning').answer, 'b');
    assert.deepEqual(kinds('<answer> </answer>', 'deepeyes-reasoning'), []);
    assert.deepEqual(kinds(`<answer>${'x'.repeat(1000)}</answer>`, 'deepeyes-reasoning'), ['long answer']);
  });
});

describe('checkFormat, mathematics', () => {
  const boxed = (text: string): FormatErrorKind[] => kinds(`<think>a</think>${text}`, 'deepeyes-math');

  it('exactly one box behind the last thought', () => {
    assert.deepEqual(boxed('\\boxed{4}'), []);
    assert.deepEqual(boxed('4'), ['no answer']);
    assert.deepEqual(boxed('\\boxed{4} or \\boxed{5}'), ['boxes']);
    assert.deepEqual(kinds('<think>\\boxed{4}</think>', 'deepeyes-math'), ['no answer']);
    assert.deepEqual(kinds('<think>\\boxed{4}</think>\\boxed{5}', 'deepeyes-math'), []);
  });

  it('no box is wrong without judging, several are judged by the last', () => {
    const none = checkFormat('<think>a</think>4', 'deepeyes-math');
    assert.equal(none.wrong, 'No \\boxed{} with text stands behind the last </think>.');
    const two = checkFormat('\\boxed{4} or \\boxed{5}', 'deepeyes-math');
    assert.equal(two.wrong, undefined);
    assert.equal(two.answer, '5');
    assert.deepEqual(two.errors, [
      { kind: 'boxes', reason: '\\boxed{} stands 2 times behind the last </think>; once is asked for.' },
    ]);
  });

  it('boxes count as the expression \\\\boxed{([^}]+)} counts them; what is judged keeps its braces', () => {
    assert.deepEqual(boxed('\\boxed{}'), ['no answer']);
    assert.deepEqual(boxed('\\boxed{4'), ['no answer']);
    assert.deepEqual(boxed('\\boxed{\\boxed{4}}'), []);
    assert.equal(checkFormat('\\boxed{\\frac{1}{2}}', 'deepeyes-math').answer, '\\frac{1}{2}');
    assert.deepEqual(boxed('\\boxed{\\frac{1}{2}}'), []);
  });

  it('thoughts must match, answer tags and long answers do not matter', () => {
    assert.deepEqual(kinds('a</think>\\boxed{4}', 'deepeyes-math'), ['think tags']);
    assert.deepEqual(boxed(`<answer>\\boxed{${'4'.repeat(1000)}}`), []);
  });
});

describe('checkFormat, DeepEyesV2', () => {
  it('a first <think> is supplied; a thought and an answer must be there', () => {
    assert.deepEqual(kinds('a</think><answer>b</answer>', 'deepeyes-v2'), []);
    assert.deepEqual(kinds('<think>a</think>b', 'deepeyes-v2'), ['no answer']);
    assert.deepEqual(kinds('<answer>b</answer>', 'deepeyes-v2'), ['think tags', 'think tags']);
  });
  it('code counts, calls count with search alone, 300 characters are too many', () => {
    assert.deepEqual(kinds('<think><code></think><answer>b</answer>', 'deepeyes-v2'), ['code tags']);
    assert.deepEqual(kinds('<think><tool_call></think><answer>b</answer>', 'deepeyes-v2'), []);
    assert.deepEqual(kinds('<think><tool_call></think><answer>b</answer>', 'deepeyes-v2-search'), [
      'call tags',
    ]);
    assert.deepEqual(kinds(`<think></think><answer>${'x'.repeat(299)}</answer>`, 'deepeyes-v2'), []);
    assert.deepEqual(kinds(`<think></think><answer>${'x'.repeat(300)}</answer>`, 'deepeyes-v2'), [
      'long answer',
    ]);
  });
});
