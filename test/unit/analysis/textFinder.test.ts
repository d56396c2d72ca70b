import assert from 'node:assert/strict';
import type { TextQuery } from '../../../src/analysis/expression/textFinder';
import { MAX_TEXT_QUERY, textFinder } from '../../../src/analysis/expression/textFinder';
import { ImcotError } from '../../../src/common/errors';

const PLAIN: TextQuery = { text: '', matchCase: false, wholeWord: false, regex: false };

function found(text: string, query: Partial<TextQuery>): string[] {
  return [...textFinder({ ...PLAIN, ...query })(text)].map(([start, end]) => text.slice(start, end));
}

describe('finding in a text', () => {
  it('takes plain text as it stands, whatever it means to an expression', () => {
    assert.deepEqual(found('a.b a+b a.b', { text: 'a.b' }), ['a.b', 'a.b']);
    for (const odd of ['[', '(', '\\', '^$', '{2}', '|', '*', '/', '😀', '\\d'])
      assert.deepEqual(found(`x${odd}y`, { text: odd }), [odd], odd);
  });

  it('minds case only where asked', () => {
    assert.deepEqual(found('Bin BIN bin', { text: 'bin' }), ['Bin', 'BIN', 'bin']);
    assert.deepEqual(found('Bin BIN bin', { text: 'bin', matchCase: true }), ['bin']);
    assert.deepEqual(found('Bin BIN bin', { text: 'b.n', matchCase: true, regex: true }), ['bin']);
  });

  it('finds whole words, with letters of any script around them', () => {
    assert.deepEqual(found('bin binary rubin übin bin.', { text: 'bin', wholeWord: true }), ['bin', 'bin']);
    assert.deepEqual(found('𝒂bin bin', { text: 'bin', wholeWord: true }), ['bin']);
    assert.deepEqual(found('b1 b12', { text: 'b\\d', wholeWord: true, regex: true }), ['b1']);
  });

  it('finds expressions by units of the text, lines apart, and nothing empty', () => {
    const text = '😀 one\ntwo 1262';
    assert.deepEqual([...textFinder({ ...PLAIN, text: '^two', regex: true })(text)], [[7, 10]]);
    assert.deepEqual(found(text, { text: '\\d+', regex: true }), ['1262']);
    assert.deepEqual(found('aab', { text: 'a*', regex: true }), ['aa']);
  });

  it('is not held up by an expression that would hang others', () => {
    const begun = performance.now();
    assert.deepEqual(found('a'.repeat(20_000), { text: '(a+)+b', regex: true }), []);
    assert.ok(performance.now() - begun < 5000);
  });

  it('says why it can not look', () => {
    const refused = (query: Partial<TextQuery>, words: RegExp): void => {
      assert.throws(
        () => textFinder({ ...PLAIN, ...query }),
        (thrown: unknown) => thrown instanceof ImcotError && words.test(thrown.message),
      );
    };
    refused({ text: '' }, /nothing to look for/);
    refused({ text: 'a(', regex: true }, /no regular expression: missing closing \): `a\(`\.$/);
    refused({ text: 'a(?=b)', regex: true }, /no regular expression/);
    refused({ text: 'x'.repeat(MAX_TEXT_QUERY + 1) }, /At most 1000/);
  });
});
