import assert from 'node:assert/strict';
import { compileTest } from '../../../../src/analysis/expression/compileFilter';
import { completions } from '../../../../src/analysis/expression/completions';
import { formatKept } from '../../../../src/analysis/expression/formatKept';
import { ROLLOUT_FIELDS } from '../../../../src/analysis/expression/rolloutFields';

/** `|` is the cursor. */
function at(marked: string, values: readonly string[] = []): { from: number; texts: string[] } {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  const { from, items } = completions(text, cursor, ROLLOUT_FIELDS, () => values);
  return { from, texts: items.map((item) => item.text) };
}

describe('completions', () => {
  it('offer fields where a test begins', () => {
    const all = at('|');
    assert.equal(all.from, 0);
    assert.ok(
      all.texts.includes('zooms') && all.texts.includes('repeatedBox') && all.texts.includes('known('),
    );
    assert.deepEqual(at('zo|'), { from: 0, texts: ['zooms', 'emptyZoom'] });
    assert.equal(at('zooms > 1 && re|').from, 13);
    assert.deepEqual(at('zooms > 1 && rew|').texts, ['reward', 'toolReward', 'formatReward']);
    assert.ok(at('!(cor|').texts.includes('correct'));
    assert.deepEqual(at('known(io|').texts, ['iou', 'lastIou']);
  });

  it('offer operators that fit the field', () => {
    assert.deepEqual(at('zooms |').texts, ['>', '>=', '<', '<=', '==', '!=']);
    assert.deepEqual(at('question |').texts, ['contains', 'matches', '==', '!=']);
    assert.deepEqual(at('question con|'), { from: 9, texts: ['contains'] });
    assert.deepEqual(at('zooms > 1 |').texts, ['&&', '||']);
    assert.deepEqual(at('zooms == calls |').texts, ['&&', '||']);
  });

  it('offer values that the field can have', () => {
    assert.deepEqual(at('correct == |').texts, ['true', 'false', 'unknown']);
    assert.deepEqual(at('zooms == |').texts, ['unknown']);
    assert.deepEqual(at('pattern == "visual s|'), { from: 11, texts: ['"visual search"'] });
    assert.deepEqual(at('pattern == conf|').texts, ['"visual confirmation"']);
    assert.ok(at('pattern == |').texts.includes('"none"'));
    assert.deepEqual(at('split == d|', ['direct', 'rel"x']).texts, ['"direct"']);
    assert.ok(at('split == |', ['rel"x']).texts.includes('"rel\\"x"'));
  });

  it('give texts that the language takes', () => {
    for (const { name, type } of ROLLOUT_FIELDS) {
      for (const text of at(`${name} == |`, ['a', 'b"c\\']).texts) {
        assert.equal(
          compileTest(`${name} == ${text}`, ROLLOUT_FIELDS).kind,
          'expression',
          `${name} (${type}) ${text}`,
        );
      }
    }
  });
});

describe('whether the format was kept', () => {
  it('knows penalties and rewards', () => {
    const of = (value: number, formula?: string): boolean | undefined =>
      formatKept({
        parts: [{ name: 'format', value, provenance: 'stored' }],
        ...(formula !== undefined && { formula }),
      });
    assert.deepEqual([of(0, 'deepeyes'), of(-1, 'deepeyes'), of(-1)], [true, false, false]);
    assert.deepEqual([of(0, 'deepeyes-v2'), of(1, 'deepeyes-v2'), of(1)], [false, true, true]);
    assert.equal(of(0), undefined, 'zero may mean either');
    assert.equal(formatKept({ parts: [] }), undefined);
  });
});
