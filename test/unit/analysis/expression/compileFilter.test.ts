import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compileFilter, compileTest } from '../../../../src/analysis/expression/compileFilter';
import type { RolloutFields } from '../../../../src/analysis/expression/rolloutFields';
import { ROLLOUT_FIELDS } from '../../../../src/analysis/expression/rolloutFields';

const ROWS: readonly RolloutFields[] = [
  { index: 0, zooms: 0, reward: 0.8, format: true, correct: true, patterns: [], split: 'direct' },
  {
    index: 1,
    zooms: 2,
    reward: -0.2,
    format: false,
    correct: false,
    iou: 0.05,
    patterns: ['visual comparison', 'visual search'],
    signals: { repeatedBox: true, longAnswer: false },
    split: 'relative',
  },
  { index: 2, zooms: 3, iou: 0.4, question: 'What colour is the CAP?', answer: 'It is white.', advantage: 0 },
  { index: 3, question: 'Is the dog left of the cap?', answer: 'No, right.', accuracy: 1, reward: 1 },
];

function found(text: string): number[] {
  const filter = compileFilter(text, ROLLOUT_FIELDS);
  if (filter.kind === 'error') assert.fail(`${text}: ${filter.error.column} ${filter.error.message}`);
  return ROWS.filter(filter.test).map(({ index }) => index);
}

function problem(text: string): string {
  const filter = compileTest(text, ROLLOUT_FIELDS);
  return filter.kind === 'error' ? `${filter.error.column}: ${filter.error.message}` : 'none';
}

describe('filter expressions', () => {
  it('find the rows that they describe', () => {
    const cases: readonly [string, number[]][] = [
      ['', [0, 1, 2, 3]],
      ['zooms >= 2 && reward < 1', [1]],
      ['iou < 0.1', [1]],
      ['format == false', [1]],
      ['pattern == "visual comparison"', [1]],
      ["pattern == 'visual search'", [1]],
      ['pattern == "none"', [0]],
      ['pattern != "none"', [1]],
      ['pattern != "visual search"', [0]],
      ['pattern contains "comp"', [1]],
      ['correct', [0]],
      ['!correct', [1, 2, 3]],
      ['correct == false', [1]],
      ['repeatedBox', [1]],
      ['longAnswer == false', [1]],
      ['signal == "repeatedBox"', [1]],
      ['zooms == 0 || zooms == 3 && iou > 0.3', [0, 2]],
      ['(zooms == 0 || zooms == 3) && iou > 0.3', [2]],
      ['!(zooms > 0)', [0, 3]],
      ['2 <= zooms', [1, 2]],
      ['reward == -0.2', [1]],
      ['reward < -.1', [1]],
      ['accuracy == reward', [3]],
      ['accuracy != reward', []],
      ['split == "direct"', [0]],
      ['split != "direct"', [1]],
      ['question contains "cap"', [2, 3]],
      ['question matches "^What.*CAP"', [2]],
      ['question matches "(?i)cap\\?$"', [2, 3]],
      ['answer contains "white" && iou > 0', [2]],
    ];
    for (const [text, rows] of cases) assert.deepEqual(found(text), rows, text);
  });

  it('are false against what is not recorded, and can ask for that', () => {
    assert.deepEqual(found('iou == 0'), []);
    assert.deepEqual(found('iou != 0'), [1, 2]);
    assert.deepEqual(found('iou == unknown'), [0, 3]);
    assert.deepEqual(found('unknown != iou'), [1, 2]);
    assert.deepEqual(found('known(iou) && !known(reward)'), [2]);
    assert.deepEqual(found('longAnswer == unknown'), [0, 2, 3]);
    assert.deepEqual(found('advantage == 0'), [2], 'zero is recorded');
  });

  it('leave words alone: all of them, anywhere in question and answer', () => {
    assert.deepEqual(found('cap'), [2, 3]);
    assert.deepEqual(found('cap white'), [2]);
    assert.deepEqual(found('"left of"'), [3]);
    assert.deepEqual(found('"of left"'), []);
    assert.deepEqual(found("what's a (good) cap, doctor?"), []);
    assert.deepEqual(found('reward'), [], 'a number alone is no test');
    assert.equal(compileFilter('it contains white', ROLLOUT_FIELDS).kind, 'words');
  });

  it('say where they are wrong, and what to write', () => {
    const cases: readonly [string, RegExp][] = [
      ['zoms >= 2', /^0: There is no field "zoms"\. Did you mean "zooms"\?/],
      ['zooms >= 2 && Reward < 1', /^14: .*"reward"/],
      ['pattern == visual', /^11: There is no field "visual"/],
      ['zooms = 2', /^6: Write == /],
      ['zooms === 2', /^6: Write == with two/],
      ['zooms >= 2 & reward < 1', /^11: Write && /],
      ['zooms >= 2 | reward < 1', /^11: Write \|\| /],
      ['zooms >= ', /^9: .*too early/],
      ['zooms >= 2 &&', /^13: .*too early/],
      ['(zooms >= 2', /^11: A parenthesis/],
      ['zooms >= 2)', /^10: "\)" is not expected/],
      ['zooms >= 2 reward < 1', /^11: .*&& or \|\|/],
      ['(zooms >= 2 correct)', /^(12|11|19): /],
      ['question contains "cap', /^18: .*not closed/],
      ['question matches "(cap"', /^17: The pattern can't be used: missing closing \)/],
      ['question matches "(?=a)"', /^17: The pattern/],
      ['zooms == "2"', /^9: "zooms" is a number/],
      ['split == 2', /^9: "split" is a text, .*quotes/],
      ['split < "b"', /^0: .*no order/],
      ['correct > false', /^0: .*no order/],
      ['zooms contains "2"', /^0: .*looks into texts/],
      ['zooms', /^0: "zooms" is not true or false: compare it, as in zooms > 0/],
      ['zooms > 1 && "a"', /^13: A value alone/],
      ['1 == 1', /^0: One side/],
      ['"a" contains question', /^0: A field stands before contains/],
      ['zooms == question', /^9: .*can't be compared/],
      ['iou < unknown', /^6: .*== unknown/],
      ['(zooms > 1) == correct', /^(0|1): A field or a value is expected/],
      ['pattern == "visual serch"', /^11: .*Did you mean "visual search"/],
      ['outcome == "done"', /^11: "outcome" is never "done"\. It can be finished/],
      ['known("iou")', /^6: The name of a field/],
      ['known()', /^0: .*takes the name/],
      ['max(zooms) > 1', /^0: The only function/],
      ['-zooms < 1', /^0: A minus/],
      ['constructor == 1', /^0: There is no field "constructor"/],
      ['__proto__ == 1', /^0: There is no field "__proto__"/],
      ['null == iou', /^0: There is no field "null"/],
    ];
    for (const [text, expected] of cases) assert.match(problem(text), expected, text);
  });

  it('refuse whatever else the parser takes', () => {
    const foreign = [
      'a.b', 'zooms + 1 > 2', 'zooms ? 1 : 2', 'zooms > 1;', 'zooms > 1, correct', '[zooms]', 'zooms[0]', 'this',
      '~zooms', 'zooms ?? 1', 'zooms?.a', 'zooms > 1 ** 2', '+zooms', 'zooms % 2 == 0', '`zooms`', 'known(iou, zooms)',
      'question.length > 2', '"a".b == 1', 'known.call(iou)', 'correct()', '{zooms}', '@zooms', 'zooms <> 2',
    ]; // prettier-ignore
    for (const text of foreign) assert.notEqual(problem(text), 'none', text);
  });

  it('take quotes and backslashes as they are written', () => {
    const row = (answer: string): RolloutFields => ({ index: 0, answer });
    const test = (text: string, answer: string): boolean => {
      const filter = compileFilter(text, ROLLOUT_FIELDS);
      return filter.kind === 'expression' && filter.test(row(answer));
    };
    assert.ok(test(String.raw`answer == "a \"b\" c"`, 'a "b" c'));
    assert.ok(test(String.raw`answer == 'it\'s'`, "it's"));
    assert.ok(test(String.raw`answer == "a\\b"`, String.raw`a\b`));
    assert.ok(test(String.raw`answer matches "\d+"`, 'no 12'));
    assert.ok(!test(String.raw`answer matches "\d+"`, 'd'));
    assert.ok(test('answer == "a && b; c = d"', 'a && b; c = d'));
  });

  it('never hang on a pattern', () => {
    const filter = compileFilter('answer matches "^(a+)+$"', ROLLOUT_FIELDS);
    assert.equal(filter.kind, 'expression');
    const start = performance.now();
    if (filter.kind === 'expression') assert.ok(!filter.test({ index: 0, answer: `${'a'.repeat(20_000)}b` }));
    assert.ok(performance.now() - start < 2000);
  });

  it('never throw, whatever is written', () => {
    const piece = fc.constantFrom(
      'zooms',
      'pattern',
      '"a"',
      "'",
      '(',
      ')',
      '!',
      '&&',
      '||',
      '==',
      '<',
      '-',
      '1',
      ' ',
      '.',
      'known',
      'matches',
      'ü',
      '\\',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 60 }),
          fc.array(piece, { maxLength: 20 }).map((all) => all.join(' ')),
        ),
        (text) => {
          const filter = compileFilter(text, ROLLOUT_FIELDS);
          if (filter.kind === 'error') {
            assert.ok(filter.error.column >= 0 && filter.error.column <= text.length);
            assert.ok(filter.error.message.length > 10);
          } else for (const row of ROWS) assert.equal(typeof filter.test(row), 'boolean');
        },
      ),
      { numRuns: 500 },
    );
    assert.match(problem('('.repeat(1900)), /^\d+: /);
    assert.match(problem(`${'!'.repeat(1900)}correct`), /^(none|\d+: .*)$/);
    assert.match(problem('zooms > 1 && '.repeat(1000)), /^2000: .*at most/);
  });

  it('ask a million rows within a second', function () {
    this.timeout(15_000);
    const rows = Array.from({ length: 1_000_000 }, (_, index): RolloutFields => {
      return index % 3 === 0
        ? { index, zooms: index % 5 }
        : { index, zooms: index % 5, reward: (index % 10) / 5 };
    });
    const filter = compileFilter('zooms >= 2 && reward < 1', ROLLOUT_FIELDS);
    assert.equal(filter.kind, 'expression');
    if (filter.kind !== 'expression') return;
    const start = performance.now();
    let count = 0;
    for (const row of rows) if (filter.test(row)) count++;
    const took = performance.now() - start;
    console.log(`      1,000,000 rows in ${Math.round(took)} ms`);
    assert.equal(count, rows.filter(({ zooms = 0, reward = NaN }) => zooms >= 2 && reward < 1).length);
    assert.ok(took < 1000, `${took} ms`);
  });

  it('have fields with names that are written like names, each once', () => {
    const names = ROLLOUT_FIELDS.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const name of names) assert.match(name, /^[a-z][A-Za-z]*$/);
    for (const word of ['true', 'false', 'unknown', 'known', 'contains', 'matches'])
      assert.ok(!names.includes(word));
  });
});
