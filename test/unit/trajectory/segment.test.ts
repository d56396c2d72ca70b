import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitStripped, splitWithSpecialTokens, turnsOfResponse } from '../../../src/trajectory/segment';

const CALL = '<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [1, 2, 3, 4]}}</tool_call>';
const pads = (count: number): string => `<|vision_start|>${'<|image_pad|>'.repeat(count)}<|vision_end|>`;
const user = (content: string): string => `\n<|im_start|>user\n${content}<|im_end|>\n<|im_start|>assistant\n`;
const raws = (pieces: readonly { readonly kind: string; readonly raw: string }[]): string[][] =>
  pieces.map(({ kind, raw }) => [kind, raw]);

describe('responses with special tokens', () => {
  it('an observation reaches from the line break before the user to the line of the assistant', () => {
    const seen = user(`<tool_response>${pads(12)}\nThink first.</tool_response>`);
    const turns = turnsOfResponse(`${CALL}<|im_end|>${seen}<answer>red</answer><|im_end|>`, 'trainingV2');
    assert.equal(turns.length, 2);
    assert.equal(turns[0]?.raw, `${CALL}<|im_end|>`);
    assert.deepEqual(turns[0]?.observation, {
      kind: 'observation',
      raw: seen,
      images: [{ kind: 'blank', visualTokens: 12 }],
      text: 'Think first.',
    });
    assert.equal(turns[1]?.raw, '<answer>red</answer><|im_end|>');
    assert.equal(turns[1].observation, undefined);
  });

  it('counts the visual tokens of each of several images', () => {
    const [turn] = turnsOfResponse(
      `${CALL}<|im_end|>${user(`${pads(4)}\n${pads(1)}${pads(36)}`)}`,
      'trainingV2',
    );
    assert.deepEqual(turn?.observation?.images, [
      { kind: 'blank', visualTokens: 4 },
      { kind: 'blank' },
      { kind: 'blank', visualTokens: 36 },
    ]);
  });

  it('knows an error, whatever it quotes', () => {
    const quoted = 'Error: Invalid tool call format: {<|im_start|>assistant\n}. Error: x';
    const [turn] = turnsOfResponse(`${CALL}<|im_end|>${user(quoted)}<answer>a</answer>`, 'trainingV2');
    assert.match(turn?.observation?.error ?? '', /^Error: Invalid tool call format/);
    assert.deepEqual(turn?.observation?.images, []);
  });

  it('text that says user is text', () => {
    assert.equal(splitWithSpecialTokens('a\nuser\nError: b\nassistant\nc<|im_end|>').length, 1);
  });

  it('an observation that is cut off is one', () => {
    assert.deepEqual(raws(splitWithSpecialTokens(`a<|im_end|>\n<|im_start|>user\n<tool_resp`)), [
      ['model', 'a<|im_end|>'],
      ['observation', '\n<|im_start|>user\n<tool_resp'],
    ]);
  });
});

describe('responses whose special tokens were stripped', () => {
  it('a line user begins an observation where a tool response follows', () => {
    const response = `${CALL}\nuser\n<tool_response>\nThink first.</tool_response>\nassistant\n<answer>red</answer>`;
    const turns = turnsOfResponse(response, 'trainingV2');
    assert.equal(turns.length, 2);
    assert.deepEqual(turns[0]?.observation?.images, [{ kind: 'blank' }]);
    assert.equal(turns[0]?.observation?.text, 'Think first.');
  });

  it('or an error', () => {
    const turns = turnsOfResponse(`${CALL}\nuser\nError: bad\nassistant\nx`, 'trainingV2');
    assert.equal(turns[0]?.observation?.error, 'Error: bad');
    assert.deepEqual(turns[0]?.observation?.images, []);
  });

  it('or where a closed call stands before it (tokenizers that strip the tool tags)', () => {
    const turns = turnsOfResponse(`${CALL}\nuser\nThink first.\nassistant\nx`, 'trainingV2');
    assert.equal(turns.length, 2);
    assert.deepEqual(turns[0]?.observation?.images, [{ kind: 'blank' }]);
  });

  it('several responses hold several images', () => {
    const responses = '<tool_response>\n\n</tool_response>\n<tool_response>\n\n</tool_response>';
    const turns = turnsOfResponse(`${CALL}\n${CALL}\nuser\n${responses}\nThink\nassistant\nx`, 'trainingV5');
    assert.equal(turns[0]?.observation?.images.length, 2);
  });

  it('a response to another tool holds no image', () => {
    const other = '<tool_call>{"name": "search", "arguments": {}}</tool_call>';
    const turns = turnsOfResponse(
      `${other}\nuser\n<tool_response>\nfound\n</tool_response>\nassistant\nx`,
      'trainingV2',
    );
    assert.deepEqual(turns[0]?.observation?.images, []);
  });

  it('merely containing the words user and assistant cuts nothing', () => {
    const response = '<think>the\nuser\nasked the\nassistant\nabout\nuser\n</think><answer>a</answer>';
    assert.deepEqual(raws(splitStripped(response)), [['model', response]]);
  });
});

describe('any response', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\nuser\n',
      '\nassistant\n',
      'user\n',
      '<tool_response>',
      '</tool_response>',
      'Error: x',
      CALL,
      '<|im_start|>',
      '<|im_end|>',
      '<|im_start|>user\n',
      '<|im_start|>assistant\n',
      '<|vision_start|>',
      '<|image_pad|>',
      '\n',
    ),
    fc.string({ maxLength: 4 }),
  );
  const response = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));

  it('gives its text back byte for byte', () => {
    fc.assert(
      fc.property(response, (text) => {
        assert.equal(
          splitWithSpecialTokens(text)
            .map(({ raw }) => raw)
            .join(''),
          text,
        );
        assert.equal(
          splitStripped(text)
            .map(({ raw }) => raw)
            .join(''),
          text,
        );
        const turns = turnsOfResponse(text, 'trainingV2');
        assert.equal(turns.map((turn) => turn.raw + (turn.observation?.raw ?? '')).join(''), text);
      }),
      { numRuns: 3000 },
    );
  });

  for (const unit of [
    '\nuser\n<tool_response>',
    '\nuser\n<tool_response>\nassistant\n',
    '<|im_start|>',
    '<|im_start|>user\n<|im_start|>assistant\n',
    '\nuser\n',
    '<|vision_start|>',
  ]) {
    it(`takes time in proportion to its length: ${JSON.stringify(unit)}`, () => {
      assert.ok(turnsOfResponse(unit.repeat(200_000), 'trainingV2').length > 0);
    }).timeout(30_000);
  }
});
