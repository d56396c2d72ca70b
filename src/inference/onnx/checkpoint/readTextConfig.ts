import type { Fields } from './fields';
import type { TextConfig } from './modelConfig';

/*
 * Limits several times beyond any model of this kind: what exceeds them is damage or malice, and is refused before
 * anything is sized by it.
 */
const WIDTH = { min: 1, max: 1 << 17 };
const INNER_WIDTH = { min: 1, max: 1 << 20 };
const LAYERS = { min: 1, max: 1024 };
const HEADS = { min: 1, max: 4096 };
const ROWS = { min: 1, max: 1 << 24 };
const POSITIONS = { min: 1, max: 2 ** 31 };

/*
 * What transformers takes where config.json is silent (`Qwen2_5_VLTextConfig`). Sizes have no fallback here: a
 * checkpoint that does not name them is not whole.
 */
const DEFAULT_EPSILON = 1e-5;
const DEFAULT_THETA = 1e6;
const DEFAULT_POSITIONS = 32768;
const DEFAULT_SECTION = [16, 24, 24];

/**
 * The language model's part of config.json: `text` is `text_config` where there is one, else the top level, `config` the
 * top level. Errors: `input`, with file, field and value.
 */
export function readTextConfig(config: Fields, text: Fields): TextConfig {
  const hiddenSize = text.whole('hidden_size', WIDTH);
  const heads = text.whole('num_attention_heads', HEADS);
  const keyValueHeads = text.whole('num_key_value_heads', HEADS, heads);
  const headDim = hiddenSize / heads;
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    text.reject(`hidden_size ${hiddenSize} cannot be shared by ${heads} heads of an even width.`);
  }
  if (heads % keyValueHeads !== 0) {
    text.reject(`${heads} heads cannot share ${keyValueHeads} key and value heads evenly.`);
  }
  const named = text.value('head_dim');
  if (named !== undefined && named !== headDim)
    text.refuse('head_dim', named, `${headDim}, as the sizes imply`);
  return {
    hiddenSize,
    intermediateSize: text.whole('intermediate_size', INNER_WIDTH),
    layers: text.whole('num_hidden_layers', LAYERS),
    heads,
    keyValueHeads,
    headDim,
    vocabularySize: text.whole('vocab_size', ROWS),
    rmsNormEpsilon: text.number('rms_norm_eps', { min: 0, max: 1 }, DEFAULT_EPSILON),
    ...readRope(text, headDim),
    maxPositions: text.whole('max_position_embeddings', POSITIONS, DEFAULT_POSITIONS),
    tiedEmbeddings: config.flag('tie_word_embeddings') === true || text.flag('tie_word_embeddings') === true,
  };
}

function readRope(text: Fields, headDim: number): Pick<TextConfig, 'ropeTheta' | 'mropeSection'> {
  const rope = text.inner('rope_scaling') ?? text.inner('rope_parameters');
  for (const name of ['rope_type', 'type']) {
    const type = rope?.text(name);
    if (rope && type !== undefined && type !== 'mrope' && type !== 'default') {
      rope.refuse(name, type, '"mrope" or "default": stretched positions cannot be run');
    }
  }
  const theta = { min: 1, max: 1e12 };
  const section = rope?.numbers('mrope_section', { min: 0, max: headDim }) ?? DEFAULT_SECTION;
  const [time, height, width] = section;
  const sum = section.reduce((total, entry) => total + entry, 0);
  const whole = section.every(Number.isInteger) && section.length === 3 && sum === headDim / 2;
  if (time === undefined || height === undefined || width === undefined || !whole) {
    return text.refuse('mrope_section', section, `three whole numbers with the sum ${headDim / 2}`);
  }
  return {
    ropeTheta: rope?.optionalNumber('rope_theta', theta) ?? text.number('rope_theta', theta, DEFAULT_THETA),
    mropeSection: [time, height, width],
  };
}
