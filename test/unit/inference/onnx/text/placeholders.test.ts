import assert from 'node:assert/strict';
import path from 'node:path';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import { placeholderIds } from '../../../../../src/inference/onnx/text/placeholders';
import { Tokenizer } from '../../../../../src/inference/onnx/text/tokenizer';
import { qwenPath } from '../../../../support/goldenQwen';
import { PROJECT_ROOT } from '../../../../support/sources';

const PADS = ['<|image_pad|>', '<|video_pad|>', '<|vision_end|>', '<|vision_pad|>', '<|vision_start|>'];

describe('placeholder tokens', () => {
  for (const folder of [qwenPath('checkpoint'), path.join(PROJECT_ROOT, 'media/demo/model')]) {
    it(`are the five of ${path.basename(folder)}, and no other`, async () => {
      const [{ config }, tokenizer] = await Promise.all([openCheckpoint(folder), Tokenizer.open(folder)]);
      const ids = placeholderIds(config.specialTokens, tokenizer);
      assert.deepEqual(ids.map((id) => tokenizer.textOf(id)).sort(), PADS);
      const spoken =
        '<think></think><tool_call></tool_call><answer></answer><|im_end|><|box_start|><|endoftext|>';
      for (const id of tokenizer.encode(spoken)) assert.ok(!ids.includes(id), tokenizer.textOf(id));
    });
  }

  const special = { image: 1, visionStart: 2, visionEnd: 3, placeholders: [1, 2, 3, 4], endOfTurn: [9] };
  const idOf = (text: string): number | undefined => ({ '<|video_pad|>': 7, '<|image_pad|>': 1 })[text];

  it('come from the configuration and from the tokenizer', () => {
    assert.deepEqual(placeholderIds(special, { idOf }), [1, 2, 3, 4, 7]);
    assert.deepEqual(placeholderIds(special, { idOf: () => undefined }), [1, 2, 3, 4]);
  });

  it('leave a turn its end', () => {
    assert.deepEqual(placeholderIds({ ...special, endOfTurn: [3, 7] }, { idOf }), [1, 2, 4]);
  });
});
