import assert from 'node:assert/strict';
import { LiveBlock } from '../../../../src/cli/run/liveBlock';
import { Printer } from '../../../../src/cli/text/printer';
import { createStyle } from '../../../../src/cli/text/style';

const plain = createStyle(false);

function written(texts: readonly string[], width?: number): string {
  const block = new LiveBlock(width);
  return texts.map((text) => block.push(text)).join('') + block.end();
}

function printed(text: string, width?: number): string {
  const printer = new Printer({ style: plain, width });
  printer.block(text);
  return printer.take();
}

describe('a block of text that is written while it arrives', () => {
  const texts = [
    'a word',
    '  blanks before and after \n\n',
    'lines\nof their own\n\n  indented, behind an empty one',
    `a long line ${'with many words '.repeat(12)}in it`,
    `one long word ${'x'.repeat(150)} and more`,
    '文字は空白なしで続く長い文です。'.repeat(6),
    'tabs\tand \u202e marks and 🚀 more 🚀🚀',
    'lines\r\nof Windows',
  ];

  it('looks as if it had been printed whole, wherever its pieces are cut', () => {
    for (const text of texts) {
      assert.equal(written([text]), printed(text), text);
      // Code units, so that pairs are cut as well.
      assert.equal(written(text.split('')), printed(text), text);
    }
  });

  it('never passes the width, and keeps every word', () => {
    for (const width of [20, 41, 80]) {
      for (const text of texts.slice(0, 5)) {
        const out = written(text.split(''), width);
        for (const line of out.split('\n')) assert.ok(line.length <= width, `${width}: ${line}`);
        assert.equal(out.replace(/\s/g, ''), text.replace(/\s/g, ''));
      }
    }
  });

  it('is there word by word, and character by character in scripts without blanks', () => {
    const block = new LiveBlock(undefined);
    assert.equal(block.push('Half a wor'), '  Half a');
    assert.equal(block.push('d'), '');
    assert.equal(block.push(' 文'), ' word 文');
    assert.equal(block.push('字'), '字');
    assert.equal(block.push('\ud83d'), '');
    assert.equal(block.push('\ude80'), '🚀');
    assert.equal(block.end(), '\n');
    assert.equal(new LiveBlock(undefined).end(), '');
  });

  it('writes at most one empty line in a row, and bounds a word without an end', () => {
    assert.equal(written([`a${'\n'.repeat(1e5)}b`]), '  a\n\n  b\n');
    const block = new LiveBlock(40);
    assert.ok(block.push('x'.repeat(1e4)).length > 9000);
  });
});
