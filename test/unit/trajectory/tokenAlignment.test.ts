import assert from 'node:assert/strict';
import { turnsOfResponse } from '../../../src/trajectory/segment';
import { actionMaskOf, tokenRuns, withTokenSpans } from '../../../src/trajectory/tokenAlignment';

const PAD = '<|image_pad|>';
const OBSERVATION = [
  '\n',
  '<|im_start|>',
  'user',
  '\n',
  '<|vision_start|>',
  PAD,
  PAD,
  PAD,
  PAD,
  '<|vision_end|>',
  'Go',
  '<|im_end|>',
  '\n',
  '<|im_start|>',
  'assistant',
  '\n',
];

describe('tokenRuns', () => {
  it('masks an observation from the line break before it to the line of the assistant', () => {
    const tokens = ['look', '<|im_end|>', ...OBSERVATION, 'red', '<|im_end|>'];
    assert.deepEqual(tokenRuns(tokens), [
      { kind: 'model', span: { start: 0, end: 2 } },
      { kind: 'observation', span: { start: 2, end: 18 } },
      { kind: 'model', span: { start: 18, end: 20 } },
    ]);
    assert.deepEqual(actionMaskOf(tokenRuns(tokens), 20).map(Number).join(''), '11000000000000000011');
  });

  it('masks nothing without an observation, and the rest with one that is cut off', () => {
    assert.deepEqual(tokenRuns(['a', 'b']), [{ kind: 'model', span: { start: 0, end: 2 } }]);
    assert.deepEqual(
      tokenRuns(['a', '\n', '<|im_start|>', 'user']).map(({ kind }) => kind),
      ['model', 'observation'],
    );
    assert.deepEqual(tokenRuns([]), []);
  });
});

describe('withTokenSpans', () => {
  const spans = (response: string, tokens: readonly string[]): unknown =>
    withTokenSpans(turnsOfResponse(response, 'trainingV2'), tokens, tokenRuns(tokens)).map((turn) => [
      ...turn.parts.map((part) => part.tokens),
      turn.observation?.tokens,
    ]);

  it('gives each part its tokens', () => {
    const tokens = [
      '<',
      'think',
      '>',
      'a',
      ' b',
      '</',
      'think',
      '>',
      'red',
      '<|im_end|>',
      ...OBSERVATION,
      'x',
    ];
    assert.deepEqual(spans(tokens.join(''), tokens), [
      [
        { start: 3, end: 5 },
        { start: 8, end: 9 },
        { start: 10, end: 26 },
      ],
      [{ start: 26, end: 27 }, undefined],
    ]);
  });

  it('finds its way past tokens that hold pieces of characters', () => {
    const tokens = [
      '<think>',
      'a',
      ' \uFFFD',
      '\uFFFD',
      '\uFFFD',
      'b',
      '</think>',
      'red',
      '\uFFFD',
      '\uFFFD',
    ];
    assert.deepEqual(spans('<think>a 🎈b</think>red灯', tokens), [
      [{ start: 1, end: 6 }, { start: 7, end: 10 }, undefined],
    ]);
  });

  it('says nothing where tokens and text differ', () => {
    assert.deepEqual(spans('<think>a</think>red', ['<think>', 'other', '</think>', 'red']), [
      [undefined, undefined, undefined],
    ]);
    assert.deepEqual(spans('red', []), [[undefined, undefined]]);
  });
});
