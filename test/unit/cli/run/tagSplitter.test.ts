import assert from 'node:assert/strict';
import type { SectionPiece } from '../../../../src/cli/run/tagSplitter';
import { TagSplitter } from '../../../../src/cli/run/tagSplitter';

const TURN = 'so <think>a < b, <b>c</think>\n<tool_call>{"x": 1}</tool_call><answer>yes</answer></think';

/** Neighbouring pieces of one block as one. */
function joined(pieces: readonly SectionPiece[]): [string, string][] {
  const blocks: [string, string][] = [];
  for (const { section, text, begins } of pieces) {
    const last = blocks.at(-1);
    if (begins || !last) blocks.push([section, text]);
    else last[1] += text;
  }
  return blocks;
}

function split(texts: readonly string[]): [string, string][] {
  const splitter = new TagSplitter();
  return joined([...texts.flatMap((text) => splitter.push(text)), ...splitter.end()]);
}

describe('tags of text that is being written', () => {
  const expected = [
    ['text', 'so '],
    ['thought', 'a < b, <b>c'],
    ['text', '\n'],
    ['toolCall', '{"x": 1}'],
    ['answer', 'yes'],
    ['text', '</think'],
  ];

  it('are the same wherever the pieces are cut', () => {
    assert.deepEqual(split([TURN]), expected);
    assert.deepEqual(split([...TURN]), expected);
    for (let at = 1; at < TURN.length; at++) {
      assert.deepEqual(split([TURN.slice(0, at), TURN.slice(at)]), expected, `cut at ${at}`);
    }
  });

  it('hold back nothing that can be no tag', () => {
    const splitter = new TagSplitter();
    assert.deepEqual(joined(splitter.push('a <')), [['text', 'a ']]);
    assert.deepEqual(splitter.push('t'), []);
    assert.deepEqual(splitter.push('h'), []);
    assert.deepEqual(splitter.push('e'), [
      { section: 'text', text: '<', begins: false },
      { section: 'text', text: 'the', begins: false },
    ]);
  });
});
