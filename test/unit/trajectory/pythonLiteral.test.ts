import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePythonLiteral } from '../../../src/trajectory/pythonLiteral';

const value = (text: string): unknown => {
  const parsed = parsePythonLiteral(text);
  assert.ok(parsed.ok, parsed.ok ? '' : `${text}: ${parsed.error}`);
  return JSON.parse(JSON.stringify(parsed.value));
};
const error = (text: string): string => {
  const parsed = parsePythonLiteral(text);
  assert.ok(!parsed.ok, `${text} was read`);
  return parsed.error;
};

describe('parsePythonLiteral', () => {
  const texts: readonly (readonly [string, unknown])[] = [
    [
      `{'name': 'x', "arguments": {'bbox_2d': (1, 2.5, -3, +4,), 'label': None, },}`,
      { name: 'x', arguments: { bbox_2d: [1, 2.5, -3, 4], label: null } },
    ],
    ['[True, False, None]', [true, false, null]],
    ['()', []],
    ['(1)', 1],
    ['(1,)', [1]],
    ['1, 2', [1, 2]],
    ['{1, 2}', [1, 2]],
    ['{}', {}],
    ['[1_000, 0xff, 0b11, 0o17, 1., .5, 1e3]', [1000, 255, 3, 15, 1, 0.5, 1000]],
    [`'it''s' "fine"`, 'itsfine'],
    [`'\\x41\\u00e9\\U0001F388\\101\\n\\q'`, 'Aé🎈A\n\\q'],
    [`r'\\n'`, '\\n'],
    [`'''a\nb'''`, 'a\nb'],
    ['[1, # a comment\n 2]', [1, 2]],
    ['--1', 1],
  ];
  for (const [text, expected] of texts) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(value(text), expected);
    });
  }

  const failures: readonly (readonly [string, string])[] = [
    ['', 'invalid syntax'],
    ['{"a": null}', "name 'null' is not defined"],
    ['true', "name 'true' is not defined"],
    ['__import__("os").system("x")', "name '__import__' is not defined"],
    ['[1, 2', "'[' was never closed"],
    ['{"a": 1', "'{' was never closed"],
    ['{"a": 1} {"b": 2}', 'invalid syntax'],
    [`'a`, 'unterminated string literal'],
    [`'a\nb'`, 'unterminated string literal'],
    ['[,]', 'invalid syntax'],
  ];
  for (const [text, expected] of failures) {
    it(`says of ${JSON.stringify(text)}: ${expected}`, () => {
      assert.equal(error(text), expected);
    });
  }

  it('reads every JSON text without true, false and null', () => {
    const plain = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        fc.integer(),
        fc.string(),
        fc.array(tie('any')),
        fc.dictionary(fc.string(), tie('any')),
      ),
    })).any;
    fc.assert(
      fc.property(plain, (entry) => {
        const text = JSON.stringify(entry);
        const parsed = parsePythonLiteral(text);
        assert.ok(parsed.ok);
        assert.equal(JSON.stringify(parsed.value), text);
      }),
    );
  });

  it('refuses deep nesting in words', () => {
    assert.equal(error('['.repeat(100_000)), 'too many nested parentheses');
    assert.equal(error('{1:'.repeat(100_000)), 'too many nested parentheses');
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...`{}[]()"',:\\xuU#rb-0._eTN \n`) }), (text) => {
        parsePythonLiteral(text);
      }),
      { numRuns: 3000 },
    );
  });
});
