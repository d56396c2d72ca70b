import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeByRule } from '../../../../src/rollout/rewards/accuracyRule';
import { boxedTexts, countBoxes } from '../../../../src/rollout/rewards/boxed';
import type { FormatRules } from '../../../../src/analysis/rewardFormula';
import { checkFormat } from '../../../../src/rollout/rewards/format';
import { verdictIn } from '../../../../src/rollout/rewards/judge';
import { offeredOptions } from '../../../../src/rollout/rewards/options';
import { checkProperty } from '../../../support/property';

const PIECES = [
  '<think>',
  '</think>',
  '<answer>',
  '</answer>',
  '<tool_call>',
  '<|vision_start|><|image_pad|>',
  '<|image_pad|><|vision_end|>',
  '\\boxed{',
  '}',
  '{',
  '\\',
  '\\frac{1}{2}',
  '\\text{',
  '$',
  'A',
  'B.',
  '(A)',
  'yes',
  'no',
  '1',
  ',',
  '.',
  '234',
  '/',
  '-',
  ' ',
  '½',
  '²',
  '٣',
  '%',
  '°',
  ' cm',
  ' × 10^',
  'The answer is ',
  'Options:\n',
  'Question: ',
  '\n',
  '\u0000',
  '\ud800',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 40 })
  .map((pieces) => pieces.join(''));
const RULES: readonly FormatRules[] = [
  'deepeyes',
  'deepeyes-reasoning',
  'deepeyes-math',
  'deepeyes-v2',
  'deepeyes-v2-search',
];

/** Raised and lowered digits and fractions: compatibility form makes another number of them (`10²` 102, `3½` 31/2). */
const WEIGHTED_DIGIT = /[⁰¹²³⁴-⁹₀-₉¼-¾⅐-⅞↉]/u;

describe('rewards and hostile text', () => {
  it('no text makes a rule throw; the same pair always gets the same judgement', () => {
    checkProperty(
      fc.property(text, text, text, (answer, groundTruth, user) => {
        const input = { answer, groundTruth, question: user, options: offeredOptions(user) };
        const judgement = judgeByRule(input);
        assert.notEqual(judgement.reason, '');
        assert.deepEqual(judgeByRule(input), judgement);
      }),
      { numRuns: 2000 },
    );
  });

  it('a text is never judged wrong against itself, however it is dressed', () => {
    checkProperty(
      fc.property(text, (answer) => {
        if (answer.trim() === '') return;
        for (const dressed of [
          answer,
          ` ${answer}\n`,
          `**${answer}**`,
          `The answer is ${answer}`,
          ...(WEIGHTED_DIGIT.test(answer) ? [] : [answer.normalize('NFKC')]),
        ]) {
          assert.notEqual(judgeByRule({ answer: dressed, groundTruth: answer }).correct, false, dressed);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('who is right does not depend on which side is which, for numbers', () => {
    const number = fc
      .tuple(fc.integer({ min: -2000, max: 2000 }), fc.constantFrom(1, 2, 4, 5, 8, 10, 100))
      .map(([n, d]) => ({ n, d }));
    checkProperty(
      fc.property(number, number, (a, b) => {
        const fraction = `${a.n}/${a.d}`;
        const decimal = String(b.n / b.d);
        const isSame = a.n * b.d === b.n * a.d;
        const there = judgeByRule({ answer: fraction, groundTruth: decimal }).correct;
        assert.equal(judgeByRule({ answer: decimal, groundTruth: fraction }).correct, there);
        // Three decimals may be thousands: then equal ones are not always certain, and different ones never equal.
        if (there !== undefined) assert.equal(there, isSame, `${fraction} ${decimal}`);
        else assert.ok(!isSame || /^-?\d{1,3}\.\d{3}$/.test(decimal), `${fraction} ${decimal}`);
      }),
      { numRuns: 3000 },
    );
  });

  it('counts boxes as the regular expression does', () => {
    checkProperty(
      fc.property(text, (given) => {
        assert.equal(countBoxes(given), [...given.matchAll(/\\boxed\{([^}]+)\}/g)].length);
        for (const box of boxedTexts(given)) assert.ok(given.includes(`\\boxed{${box}}`));
      }),
      { numRuns: 3000 },
    );
  });

  it('form is checked for any text, and tags in pairs leave the counts equal', () => {
    checkProperty(
      fc.property(text, (given) => {
        for (const rules of RULES) checkFormat(given, rules);
        const before = checkFormat(given, 'deepeyes').errors.some(({ kind }) => kind === 'think tags');
        const after = checkFormat(`<think>a</think>${given}`, 'deepeyes').errors.some(
          ({ kind }) => kind === 'think tags',
        );
        assert.equal(after, before);
      }),
      { numRuns: 1000 },
    );
  });

  it('a megabyte of anything takes well under a second', () => {
    const units = [
      '<answer>',
      '</answer>',
      '<think>',
      '</think>',
      '\\boxed{',
      '\\boxed{}',
      '}',
      '{',
      '\\',
      ' ',
      '\n',
      '1',
      '1,',
      '1 ',
      '.',
      '-',
      '$',
      'A.',
      '(A)',
      '(A) ',
      '\nA. ',
      'verdict:',
      'verdict: 1 ',
      '²',
      '½',
      '٣',
      'ﷺ',
      '*',
      '\\text{',
      '\\frac{',
      '\x1f',
      '\ud83d\ude00',
    ];
    for (const unit of units) {
      const large = unit.repeat(Math.ceil(2 ** 20 / unit.length));
      const started = performance.now();
      for (const rules of RULES) checkFormat(large, rules);
      judgeByRule({ answer: large, groundTruth: '1', options: offeredOptions(large) });
      offeredOptions(large.slice(0, 32_768));
      judgeByRule({ answer: '1', groundTruth: large });
      judgeByRule({ answer: large.slice(0, 1000), groundTruth: large.slice(0, 999) });
      verdictIn(large);
      boxedTexts(large);
      const took = performance.now() - started;
      assert.ok(took < 3000, `${JSON.stringify(unit)} took ${took.toFixed(0)} ms`);
    }
  }).timeout(60_000);
});
