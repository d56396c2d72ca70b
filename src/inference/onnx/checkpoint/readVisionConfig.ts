import type { Fields } from './fields';
import type { TextConfig, VisionConfig } from './modelConfig';

const WIDTH = { min: 1, max: 1 << 17 };
const INNER_WIDTH = { min: 1, max: 1 << 20 };
const DEPTH = { min: 1, max: 1024 };
const HEADS = { min: 1, max: 4096 };
const SMALL = { min: 1, max: 1024 };

/** What transformers takes where config.json is silent (`Qwen2_5_VLVisionConfig`). */
const DEFAULTS = { patch: 14, merge: 2, temporal: 2, channels: 3, window: 112, full: [7, 15, 23, 31] };

/** The part `vision_config` of config.json. Errors: `input`, with file, field and value. */
export function readVisionConfig(config: Fields, text: TextConfig): VisionConfig {
  const vision = config.inner('vision_config');
  if (!vision) return config.reject('it has no vision_config, so this is no model that sees.');
  const depth = vision.whole('depth', DEPTH);
  const hiddenSize = vision.whole('hidden_size', WIDTH);
  const heads = vision.whole(['num_heads', 'num_attention_heads'], HEADS);
  // A row of rotary angles has four quarters: height, width, height, width.
  if (hiddenSize % (heads * 4) !== 0) {
    vision.reject(
      `a vision width of ${hiddenSize} cannot be shared by ${heads} heads of a width divisible by 4.`,
    );
  }
  const full = vision.numbers('fullatt_block_indexes', { min: 0, max: 1e6 }) ?? DEFAULTS.full;
  const patchSize = vision.whole('patch_size', SMALL, DEFAULTS.patch);
  const mergeSize = vision.whole('spatial_merge_size', SMALL, DEFAULTS.merge);
  const windowSize = vision.whole('window_size', { min: 1, max: 1 << 20 }, DEFAULTS.window);
  if (windowSize % (patchSize * mergeSize) !== 0) {
    vision.refuse('window_size', windowSize, `a multiple of ${patchSize * mergeSize}, a visual token's side`);
  }
  const channels = vision.whole(['in_channels', 'in_chans'], SMALL, DEFAULTS.channels);
  if (channels !== 3) vision.refuse('in_channels', channels, '3: red, green and blue');
  const outHiddenSize = vision.whole('out_hidden_size', WIDTH, text.hiddenSize);
  if (outHiddenSize !== text.hiddenSize) {
    vision.refuse('out_hidden_size', outHiddenSize, `${text.hiddenSize}, the width of the language model`);
  }
  return {
    depth,
    hiddenSize,
    intermediateSize: vision.whole('intermediate_size', INNER_WIDTH),
    heads,
    outHiddenSize,
    patchSize,
    mergeSize,
    temporalPatchSize: vision.whole('temporal_patch_size', SMALL, DEFAULTS.temporal),
    channels,
    windowSize,
    fullAttentionBlocks: [...new Set(full)]
      .filter((block) => Number.isInteger(block) && block < depth)
      .sort((a, b) => a - b),
  };
}
