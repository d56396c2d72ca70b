import assert from 'node:assert/strict';
import fc from 'fast-check';
import { trajectoryFacts } from '../../../src/analysis/trajectoryFacts';
import { READERS } from '../../../src/readers/registry';
import { readValue } from '../../support/readFixture';

const FIELDS = [
  ...['pred_output', 'pred_ans', 'status', 'acc', 'image', 'question', 'answer', 'answer_str', 'category'],
  ...[
    'prompt',
    'response',
    'response_tokens',
    'logprobs',
    'token_rewards',
    'values',
    'reward',
    'ground_truth',
    'step',
  ],
  ...['input', 'output', 'score', 'gts', 'uid', 'request_id', 'format', 'tool', '__proto__', 'constructor'],
  ...[
    'messages',
    'role',
    'content',
    'type',
    'text',
    'image_url',
    'url',
    'tool_calls',
    'images',
    'imcot',
    'event',
  ],
];
const words = fc.constantFrom(
  '',
  'assistant',
  'user',
  'system',
  'tool',
  'text',
  'error',
  'success',
  '<tool_call>{"name": 1}</tool_call>',
  '<|im_start|>user\n<|vision_start|><|image_pad|>',
  '\nuser\n<tool_response>\nassistant\n',
  'data:image/png;base64,AAAA',
  'start',
);
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    words,
    fc.constantFrom(null, true, NaN, Infinity, -0, 1e308, 3),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 8 }),
  ),
})).value;
const record = fc.dictionary(fc.constantFrom(...FIELDS), anything, { maxKeys: 12 });

describe('every reader', () => {
  for (const reader of READERS) {
    it(`${reader.format}: no value makes it throw, and what it reads can be counted`, () => {
      fc.assert(
        fc.property(fc.oneof(record, anything), (value) => {
          const result = readValue(reader, value);
          if (result.status === 'ok') trajectoryFacts(result.trajectory);
          else assert.ok(result.reason.length > 10);
          const sure = reader.sniff({ name: 'x.jsonl', lines: ['?'], values: [value, undefined] });
          assert.ok(sure >= 0 && sure <= 1);
        }),
        { numRuns: 3000 },
      );
    });
  }

  it('none leaves anything on the prototype of objects', () => {
    const value: unknown = JSON.parse(
      '{"__proto__": {"polluted": 1}, "input": "a", "output": "b", "score": 1}',
    );
    for (const reader of READERS) readValue(reader, value);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});
