import assert from 'node:assert/strict';
import { cutText, visibleLine, visiblePieces } from '../../../src/webview/shared/visibleText';

describe('visibleText', () => {
  it('names what would hide or reorder, and joins runs', () => {
    assert.deepEqual(visiblePieces('a\u202e\u202eb\u0000\n\tc'), [
      { kind: 'text', text: 'a' },
      { kind: 'control', text: 'U+202E ×2' },
      { kind: 'text', text: 'b' },
      { kind: 'control', text: 'U+0000' },
      { kind: 'text', text: '\n\tc' },
    ]);
    assert.deepEqual(visiblePieces('\u{e0041}\ud800'), [
      { kind: 'control', text: 'U+E0041' },
      { kind: 'control', text: 'U+D800' },
    ]);
  });

  it('leaves emoji, accents and joined scripts alone', () => {
    for (const text of ['👩‍🚀 ok', 'e\u0301', 'می‌خواهم', '日本']) {
      assert.deepEqual(visiblePieces(text), [{ kind: 'text', text }]);
    }
  });

  it('drops the carriage return of a line end and names a lone one', () => {
    assert.deepEqual(visiblePieces('a\r\nb\rc'), [
      { kind: 'text', text: 'a\nb' },
      { kind: 'control', text: 'U+000D' },
      { kind: 'text', text: 'c' },
    ]);
  });

  it('makes one line, cut by an ellipsis', () => {
    assert.equal(visibleLine(' a\n\n b\u200b '), 'a b[U+200B]');
    assert.equal(visibleLine('x'.repeat(20), 5), 'xxxxx…');
  });

  it('never cuts a character in half', () => {
    assert.equal(cutText('a😀b', 2), 'a');
    assert.equal(cutText('a😀b', 3), 'a😀');
  });
});
