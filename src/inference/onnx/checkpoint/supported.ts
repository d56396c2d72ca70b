import type { Fields } from './fields';

/** The architecture that this program can run, as config.json names it in `architectures`. */
export const SUPPORTED_ARCHITECTURE = 'Qwen2_5_VLForConditionalGeneration';

const MODEL_TYPE = 'qwen2_5_vl';
const SUPPORTED = `Supported is ${SUPPORTED_ARCHITECTURE} (Qwen2.5-VL)`;

/**
 * Refuses, naming it, whatever config.json says that the graphs here would compute wrongly: another architecture,
 * stored quantisation, a sliding attention window, another activation. `config` is the whole file, `text` its part
 * about the language model. Errors: `input`.
 */
export function checkSupported(config: Fields, text: Fields): void {
  checkArchitecture(config);
  for (const part of [config, text]) {
    const quantization = part.inner('quantization_config');
    if (quantization) {
      const method = quantization.text('quant_method', 'quant_algo') ?? 'an unnamed method';
      config.reject(
        `the weights are stored quantised (${method}), which cannot be read. ` +
          'Use the original checkpoint in bfloat16, float16 or float32: it can be quantised when it is loaded.',
      );
    }
  }
  checkAttention(config, text);
  for (const part of [text, config.inner('vision_config')]) {
    const activation = part?.text('hidden_act');
    if (part && activation !== undefined && activation !== 'silu')
      part.refuse('hidden_act', activation, '"silu"');
  }
}

function checkArchitecture(config: Fields): void {
  const named = config.value('architectures');
  const architecture: unknown = Array.isArray(named) ? named[0] : named;
  if (architecture !== undefined && architecture !== SUPPORTED_ARCHITECTURE) {
    config.reject(`the architecture is ${shown(architecture)}, which cannot be run. ${SUPPORTED}.`);
  }
  const type = config.value('model_type');
  if (type !== MODEL_TYPE && !(type === undefined && architecture === SUPPORTED_ARCHITECTURE)) {
    config.reject(`the model type is ${shown(type)}, which cannot be run. ${SUPPORTED}.`);
  }
}

function checkAttention(config: Fields, text: Fields): void {
  const layers = text.value('layer_types');
  const windowed = Array.isArray(layers) && layers.some((type) => type !== 'full_attention');
  if (text.flag('use_sliding_window') === true || windowed) {
    config.reject(
      'it asks for a sliding attention window, which cannot be run: only full attention is supported.',
    );
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 80) : 'not named';
}
