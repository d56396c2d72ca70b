import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePythonJson } from '../../../src/trajectory/jsonText';

const error = (text: string): string => {
  const parsed = parsePythonJson(text);
  assert.ok(!parsed.ok, `${text} was read`);
  return parsed.error;
};

describe('parsePythonJson', () => {
  it('agrees with JSON.parse on every JSON text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const parsed = parsePythonJson(text);
        assert.ok(parsed.ok);
        assert.equal(JSON.stringify(parsed.value), JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('reads NaN and the infinities, as json.loads does', () => {
    assert.deepEqual(parsePythonJson('[NaN, Infinity, -Infinity]'), {
      ok: true,
      value: [NaN, Infinity, -Infinity],
    });
  });

  // Each line was printed by CPython 3.11's json.loads for the same text.
  const words: readonly (readonly [string, string])[] = [
    ['', 'Expecting value: line 1 column 1 (char 0)'],
    ['{"a": 1', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
    ['{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"],
    ["{'a': 1}", 'Expecting property name enclosed in double quotes: line 1 column 2 (char 1)'],
    ['{"a": 1} x', 'Extra data: line 1 column 10 (char 9)'],
    ['["a', 'Unterminated string starting at: line 1 column 2 (char 1)'],
    ['[1,\n 2\n "x"]', "Expecting ',' delimiter: line 3 column 2 (char 8)"],
    ['"\\q"', 'Invalid \\escape: line 1 column 2 (char 1)'],
    ['"a\nb"', 'Invalid control character at: line 1 column 3 (char 2)'],
    ['["🎈" 1]', "Expecting ',' delimiter: line 1 column 6 (char 5)"],
    ['[nul]', 'Expecting value: line 1 column 2 (char 1)'],
  ];
  for (const [text, expected] of words) {
    it(`says of ${JSON.stringify(text)}: ${expected}`, () => {
      assert.equal(error(text), expected);
    });
  }

  it('keeps a key __proto__ a key', () => {
    const parsed = parsePythonJson('{"__proto__": {"polluted": true}}');
    assert.ok(parsed.ok);
    assert.deepEqual(Object.keys(parsed.value as object), ['__proto__']);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });

  it('refuses nesting that Python refuses, instead of running out of stack', () => {
    assert.equal(error('['.repeat(100_000)), 'maximum recursion depth exceeded');
    assert.equal(error('{"a":'.repeat(100_000)), 'maximum recursion depth exceeded');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\utfnN-0.eI \n') }), (text) => {
        parsePythonJson(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('takes time in proportion to the text', () => {
    const text = `["${'x'.repeat(4_000_000)}", ${'1, '.repeat(500_000)}1]${' '.repeat(4_000_000)}`;
    assert.ok(parsePythonJson(text).ok);
  }).timeout(30_000);
});
