import assert from 'node:assert/strict';
import fc from 'fast-check';
import { displayWidth, table, truncate, wrap } from '../../../src/cli/text/layout';
import { safeLine, safeText } from '../../../src/cli/text/safeText';
import { createStyle } from '../../../src/cli/text/style';

describe('safe text', () => {
  it('makes escape sequences visible', () => {
    assert.equal(safeText('\u001b]0;title\u0007\u001b[2J'), '␛]0;title␇␛[2J');
    assert.equal(safeText('\u009b31m'), '<U+009B>31m');
    assert.equal(safeText('a\rb\u007f\b'), 'a␍b␡␈');
  });

  it('makes bidirectional and invisible marks visible', () => {
    assert.equal(safeText('\u202eabc\u2066\u200b\ufeff'), '<U+202E>abc<U+2066><U+200B><U+FEFF>');
    assert.equal(safeText('\u{e0041}'), '<U+E0041>');
  });

  it('keeps line breaks, letters of all scripts and whole surrogate pairs', () => {
    assert.equal(safeText('a\r\nb\n\tc é 放大 🎈'), 'a\nb\n    c é 放大 🎈');
    assert.equal(safeText('\ud83c'), '\ufffd');
    assert.equal(safeLine('a\n\nb'), 'a b');
  });

  it('leaves nothing that a terminal acts on, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(
          safeText(text),
          // eslint-disable-next-line no-control-regex -- the very thing that is looked for
          /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]|\p{Surrogate}/u,
        );
      }),
    );
  });
});

describe('layout', () => {
  it('counts cells', () => {
    assert.equal(displayWidth('abc'), 3);
    assert.equal(displayWidth('放大'), 4);
    assert.equal(displayWidth('🎈'), 2);
    assert.equal(displayWidth('e\u0301'), 1);
  });

  it('wraps at blanks, and inside of words that are too long', () => {
    assert.deepEqual(wrap('the quick brown fox', 10), ['the quick', 'brown fox']);
    assert.deepEqual(wrap('abcdefghij xy', 4), ['abcd', 'efgh', 'ij', 'xy']);
    assert.deepEqual(wrap('a\n\nb', 10), ['a', '', 'b']);
    assert.deepEqual(wrap('放大放大', 5), ['放大', '放大']);
    assert.deepEqual(wrap('  indented', 20), ['  indented']);
    assert.deepEqual(wrap('any length at all', undefined), ['any length at all']);
  });

  it('loses no character but blanks and passes no edge', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'bc', ' ', '放', '\n') }),
        fc.integer({ min: 2, max: 20 }),
        (text, width) => {
          const lines = wrap(text, width);
          assert.equal(lines.join('').replace(/ /g, ''), text.replace(/[ \n]/g, ''));
          for (const line of lines) assert.ok(displayWidth(line) <= width, JSON.stringify(line));
        },
      ),
    );
  });

  it('cuts with an ellipsis', () => {
    assert.equal(truncate('abcdef', 4), 'abc…');
    assert.equal(truncate('abcd', 4), 'abcd');
    assert.equal(truncate('放大放', 4), '放…');
  });

  it('aligns columns by cells', () => {
    assert.deepEqual(
      table(
        [
          ['a', '1'],
          ['放大', '22'],
        ],
        new Set([1]),
      ),
      ['a      1', '放大  22'],
    );
  });
});

describe('style', () => {
  it('paints only where colours are on', () => {
    assert.equal(createStyle(false).red('x'), 'x');
    assert.equal(createStyle(true).red('x'), '\u001b[31mx\u001b[39m');
  });
});
