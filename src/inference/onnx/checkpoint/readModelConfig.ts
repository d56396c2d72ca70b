import path from 'node:path';
import { ImcotError } from '../../../common/errors';
import { Fields } from './fields';
import { readJsonObject } from './folderFiles';
import type { ImageProcessorConfig, ModelConfig, VisionConfig } from './modelConfig';
import { readGenerationDefaults, readSpecialTokens } from './readGenerationConfig';
import { readImageProcessorConfig } from './readImageProcessorConfig';
import { readTextConfig } from './readTextConfig';
import { readVisionConfig } from './readVisionConfig';
import { checkSupported } from './supported';

const MAX_CONFIG_BYTES = 2 ** 20;

/**
 * Everything about a checkpoint but its weights: config.json in its released layout (the language model's fields at the
 * top level) or its newer one (`text_config`), generation_config.json where there is one, and the image processor's file.
 * Errors: `missing`, `denied`, `limit`; `input` for what is damaged, impossible or not supported, by name.
 */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const config = await fieldsIn(folder, 'config.json');
  if (!config) throw new ImcotError('missing', `${folder} is no checkpoint folder: it has no config.json.`);
  const textPart = config.inner('text_config') ?? config;
  checkSupported(config, textPart);
  const text = readTextConfig(config, textPart);
  const vision = readVisionConfig(config, text);
  const generation =
    (await fieldsIn(folder, 'generation_config.json')) ?? new Fields({}, 'generation_config.json');
  return {
    text,
    vision,
    specialTokens: readSpecialTokens(config, textPart, generation, text.vocabularySize),
    generation: readGenerationDefaults(generation),
    imageProcessor: await readImageProcessor(folder, vision),
  };
}

/** processor_config.json comes first, as in transformers, but only where it has the image processor's part. */
async function readImageProcessor(folder: string, vision: VisionConfig): Promise<ImageProcessorConfig> {
  const nested = (await fieldsIn(folder, 'processor_config.json'))?.inner('image_processor');
  const fields = nested ?? (await fieldsIn(folder, 'preprocessor_config.json'));
  if (fields) return readImageProcessorConfig(fields, vision);
  throw new ImcotError(
    'missing',
    `${folder} has no preprocessor_config.json, nor a processor_config.json with an image_processor. ` +
      'Copy the file from the model that this one was trained from.',
  );
}

async function fieldsIn(folder: string, name: string): Promise<Fields | undefined> {
  const file = path.join(folder, name);
  const object = await readJsonObject(file, MAX_CONFIG_BYTES);
  return object && new Fields(object, file);
}
