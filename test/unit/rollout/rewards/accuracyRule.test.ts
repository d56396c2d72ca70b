import assert from 'node:assert/strict';
import type { RuleJudgement } from '../../../../src/rollout/rewards/accuracyRule';
import { judgeByRule } from '../../../../src/rollout/rewards/accuracyRule';
import type { AnswerOption } from '../../../../src/rollout/rewards/options';

const OPEN = undefined;
const options = (...texts: readonly string[]): AnswerOption[] =>
  texts.map((text, index) => ({ letter: String.fromCharCode(65 + index), text }));

function judge(
  answer: string,
  groundTruth: string,
  more: { question?: string; options?: readonly AnswerOption[] } = {},
): RuleJudgement {
  return judgeByRule({ answer, groundTruth, ...more });
}

/** Rows of answer, right answer, and what must be said: true, false, or not judged. */
function table(
  rows: readonly (readonly [string, string, boolean | undefined])[],
  more: { question?: string; options?: readonly AnswerOption[] } = {},
): void {
  for (const [answer, groundTruth, expected] of rows) {
    const judgement = judge(answer, groundTruth, more);
    assert.equal(judgement.correct, expected, `${answer} | ${groundTruth}: ${judgement.reason}`);
    assert.notEqual(judgement.reason, '');
  }
}

describe('judgeByRule', () => {
  it('letters in every dress', () => {
    const right = [
      'A',
      'A.',
      '(A)',
      'A)',
      '[A]',
      'a',
      '(a)',
      '**A**',
      'Ａ',
      '（Ａ）',
      'A) cat',
      'A. cat',
      '(A) cat',
    ];
    const said = [
      'The answer is A',
      'The answer is A.',
      'Answer: A',
      'The correct answer is (A).',
      'Option A',
      'So the answer is A',
    ];
    for (const text of [...right, ...said]) {
      table([
        [text, 'A', true],
        [text, 'B', false],
      ]);
      table(
        [
          [text, 'A', true],
          [text, 'cat', true],
          [text, 'B', false],
          [text, 'dog', false],
        ],
        {
          options: options('cat', 'dog'),
        },
      );
    }
  });

  it('more than one letter, or a letter against its text, is not judged', () => {
    table([
      ['A or B', 'A', OPEN],
      ['A) or B)', 'A', OPEN],
      ['A. B', 'A', OPEN],
      ['A. blue', 'A. red', OPEN],
      ['A cat', 'A', OPEN],
      ['I think so', 'A', OPEN],
    ]);
    table(
      [
        ['A) dog', 'cat', OPEN],
        ['B. cat', 'A', OPEN],
        ['A. bird', 'A', OPEN],
      ],
      { options: options('cat', 'dog') },
    );
    table([['B', 'A', OPEN]], { options: options('B', 'A') });
  });

  it('the text of an option, or the words that only it has', () => {
    const colours = options('The color of the cap is white.', 'The color of the cap is red.');
    table(
      [
        ['The cap is white.', 'The color of the cap is white.', true],
        ['white', 'A', true],
        ['The cap in the image is red', 'The color of the cap is white.', false],
        ['The cap is not red', 'A', OPEN],
        ['The cap is yellow.', 'The color of the cap is white.', OPEN],
        ['The cap', 'A', OPEN],
      ],
      { options: colours },
    );
    table(
      [
        ['left', 'A', true],
        ['The house is on the left side of the shovel.', 'A', OPEN],
        ['The shovel is on the left side.', 'B', false],
      ],
      {
        options: options(
          'The shovel is on the left side of the house.',
          'The shovel is on the right side of the house.',
        ),
      },
    );
    table(
      [
        ['red', 'B', false],
        ['blue', 'B', OPEN],
      ],
      { options: options('red', 'red and blue', 'green') },
    );
  });

  it('options that are numbers', () => {
    table(
      [
        ['5 cats', 'B', OPEN],
        ['5', 'B', true],
        ['B', '5', true],
        ['3', 'B', false],
      ],
      { options: options('3', '5') },
    );
    table([['5 cats', 'B', true]], { options: options('3', '5'), question: 'How many cats are there?' });
  });

  it('numbers: equal whatever the spelling', () => {
    table([
      ['1/2', '0.5', true],
      ['½', '0.5', true],
      ['1½', '3/2', true],
      ['1 1/2', '1.5', true],
      ['1.5', '1½', true],
      ['\\frac{1}{2}', '0.5', true],
      ['$1\\frac{1}{2}$', '1.5', true],
      ['-\\dfrac{3}{4}', '-0.75', true],
      ['\\frac12', '0.50', true],
      ['٣', '3', true],
      ['３．５', '3.5', true],
      ['१२', '12', true],
      ['−4', '-4', true],
      ['–4', '-4', true],
      ['+4', '4', true],
      ['4.0', '4', true],
      ['.5', '0.5', true],
      ['four', '4', true],
      ['There are four.', '4', true],
      ['x = 4', '4', true],
      ['2 million', '2000000', true],
      ['1.5e3', '1500', true],
      ['1.5 × 10^3', '1500', true],
      ['1.5 \\times 10^{3}', '1500', true],
      ['1.5×10³', '1500', true],
      ['10⁻²', '0.01', true],
      ['1,234', '1234', true],
      ['1,234,567.5', '1234567.5', true],
      ['1 234 567', '1234567', true],
      ['1.234.567,5', '1,234,567.5', true],
      ['0,5', '0.5', true],
    ]);
  });

  it('numbers: different only when no reading makes them equal', () => {
    table([
      ['-4', '4', false],
      ['5', '4', false],
      ['1/3', '1/2', false],
      ['10²', '102', false],
      ['1,234', '1235', false],
      ['1,234', '1.234', OPEN],
      ['1.234', '1234', OPEN],
      ['12.345', '12,345', OPEN],
      ['0.33', '1/3', OPEN],
      ['3.14', '3.14159', OPEN],
      ['1.5e3', '1520', OPEN],
      ['3.2', '3.14159', false],
      ['1/0', '0', OPEN],
      ['1e999999', '1', OPEN],
      ['1e9999', '1', OPEN],
      ['1.2.3', '123', OPEN],
    ]);
  });

  it('intervals and approximations are not judged', () => {
    for (const text of [
      '3-5',
      '3–5',
      '3 to 5',
      '[3, 5]',
      '(3, 5)',
      'between 3 and 5',
      '4 ± 1',
      'about 4',
      'x > 3',
      '> 3',
      '3 or 4',
      '3/4/2020',
    ]) {
      table([
        [text, '4', OPEN],
        ['4', text, OPEN],
      ]);
    }
    table([
      ['[3, 5]', '[3,5]', OPEN],
      ['3 to 5', '3 to 5.', true],
    ]);
  });

  it('percentages', () => {
    table([
      ['50%', '50 percent', true],
      ['50\\%', '50％', true],
      ['50%', '0.5', true],
      ['50%', '50', OPEN],
      ['50%', '40%', false],
      ['50%', '0.4', false],
      ['1/2', '50 %', true],
    ]);
  });

  it('a percentage that the question asks for', () => {
    const question = 'What percentage is red?';
    table(
      [
        ['50', '50%', true],
        ['0.5', '50%', true],
        ['40', '50%', false],
      ],
      { question },
    );
  });

  it('units: the same one, one that converts, one that the question names', () => {
    table([
      ['5 cm', '5cm', true],
      ['5 \\text{ cm}', '5 centimeters', true],
      ['100 cm', '1 m', true],
      ['1 inch', '2.54 cm', true],
      ['5 cm', '6 cm', false],
      ['5 cm', '5 kg', OPEN],
      ['5 Mm', '5 mm', OPEN],
      ['5 CM', '5 cm', OPEN],
      ['5 Meters', '5 m', true],
      ['5', '5 cm', OPEN],
      ['5 m²', '5 m^2', true],
      ['90°', '90 degrees', true],
      ['90^\\circ', '90 degrees', true],
      ['$5', '5 dollars', true],
      ['-$5', '$-5', true],
      ['$5', '€5', OPEN],
      ['20 °C', '20℃', true],
      ['3 cats', '3 cat', true],
      ['3 cats', '3 dogs', OPEN],
      ['3 cats', '3', OPEN],
    ]);
    table(
      [
        ['5', '5 cm', true],
        ['6', '5 cm', false],
      ],
      { question: 'How long is it in cm?' },
    );
    table(
      [
        ['3 cats', '3', true],
        ['two cats', '3', false],
      ],
      { question: 'How many cats are there?' },
    );
  });

  it('yes and no', () => {
    table([
      ['Yes', 'yes', true],
      ['Yes.', 'Yes, the kite is brown and large.', true],
      ['no', 'No, the spots are on a banana.', true],
      ['No.', 'Yes, the man phone is both blue and closed.', false],
      ['Yes, it is.', 'no', false],
      ['No, it is not.', 'No', true],
      ['No, on an apple.', 'No, on a banana.', OPEN],
      ['Yes and no', 'yes', OPEN],
      ['Yes, no', 'yes', OPEN],
      ['Yes, it is not', 'yes', OPEN],
      ['Not really', 'no', OPEN],
      ['True', 'false', false],
      ['True', 'yes', OPEN],
    ]);
    table(
      [
        ['Yes, it is.', 'A', true],
        ['No', 'A', false],
      ],
      { options: options('Yes', 'No') },
    );
  });

  it('the same words but for spelling; other words are not judged', () => {
    table([
      ['it is pink', 'Pink.', true],
      ['“Pink”', 'pink', true],
      ['the left', 'left', true],
      ['ＲＥＤ', 'red', true],
      ['\\text{red}', 'red', true],
      ['rose', 'pink', OPEN],
      ['not pink', 'pink', OPEN],
      ['2 \\pi', '2\\pi', true],
      ['\\sqrt{2}', '\\sqrt{3}', OPEN],
    ]);
  });

  it('boxes: the text within, nested braces kept; several that differ are not judged', () => {
    table([
      ['It is \\boxed{5}.', '5', true],
      ['\\boxed{\\frac{1}{2}}', '0.5', true],
      ['\\boxed{\\text{cat}}', 'cat', true],
      ['\\boxed{5} so \\boxed{5.}', '5', true],
      ['\\boxed{5} or \\boxed{6}', '5', OPEN],
      ['5', '\\boxed{5}', true],
      ['\\boxed{5', '5', OPEN],
      ['\\boxed{a \\boxed{5}', '5', true],
    ]);
  });

  it('nothing to judge', () => {
    assert.deepEqual(judge('', 'red'), { correct: false, rule: 'no answer', reason: 'There is no answer.' });
    assert.equal(judge('red', ' ').correct, undefined);
    const long = 'x'.repeat(1001);
    assert.equal(judge(long, 'x').correct, undefined);
    assert.equal(judge(long, long).correct, true);
  });

  it('says which rule decided', () => {
    const rule = (...args: Parameters<typeof judge>): string | undefined => {
      const judgement = judge(...args);
      return judgement.correct === undefined ? undefined : judgement.rule;
    };
    assert.equal(rule('red', 'red'), 'exact text');
    assert.equal(rule('Red', 'red'), 'text');
    assert.equal(rule('5', '5.0'), 'number');
    assert.equal(rule('A', 'B'), 'option');
    assert.equal(rule('yes', 'No'), 'yes or no');
    assert.equal(rule('rose', 'red'), undefined);
  });
});
