import type { Fields } from './fields';
import type { ImageProcessorConfig, VisionConfig } from './modelConfig';

/** What transformers takes where the file is silent (`Qwen2VLImageProcessor`, and CLIP's mean and deviation). */
const DEFAULTS = {
  minPixels: 56 * 56,
  maxPixels: 28 * 28 * 1280,
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
const BICUBIC = 3;
const AREA = { min: 1, max: 2 ** 40 };

/**
 * The image processor's part of preprocessor_config.json, or of processor_config.json. `min_pixels` and `max_pixels` come
 * before `size`, as transformers orders them. What this program's processor does not do is refused, and so are patches
 * that are not those of the vision tower. Errors: `input`, with file, field and value.
 */
export function readImageProcessorConfig(fields: Fields, vision: VisionConfig): ImageProcessorConfig {
  checkSteps(fields);
  const same: readonly (readonly [string, number])[] = [
    ['patch_size', vision.patchSize],
    ['merge_size', vision.mergeSize],
    ['temporal_patch_size', vision.temporalPatchSize],
  ];
  for (const [name, wanted] of same) {
    const found = fields.value(name) ?? wanted;
    if (found !== wanted) fields.refuse(name, found, `${wanted}, as config.json has it`);
  }
  const size = fields.inner('size');
  const limit = (names: readonly [string, string], fallback: number): number =>
    fields.value(names[0]) === undefined
      ? (size?.whole([names[1], names[0]], AREA, fallback) ?? fallback)
      : fields.whole(names[0], AREA);
  const minPixels = limit(['min_pixels', 'shortest_edge'], DEFAULTS.minPixels);
  const maxPixels = limit(['max_pixels', 'longest_edge'], DEFAULTS.maxPixels);
  if (minPixels > maxPixels)
    fields.reject(`its smallest area, ${minPixels}, is above its largest, ${maxPixels}.`);
  return {
    minPixels,
    maxPixels,
    mean: perChannel(fields, 'image_mean', DEFAULTS.mean, { min: -10, max: 10 }),
    std: perChannel(fields, 'image_std', DEFAULTS.std, { min: 1e-6, max: 10 }),
  };
}

function checkSteps(fields: Fields): void {
  for (const name of ['do_resize', 'do_rescale', 'do_normalize', 'do_convert_rgb']) {
    if (fields.flag(name) === false) fields.refuse(name, false, 'true: pictures are prepared in that way');
  }
  const filter = fields.value('resample') ?? BICUBIC;
  if (filter !== BICUBIC) fields.refuse('resample', filter, `${BICUBIC}, which is bicubic`);
  const factor = fields.number('rescale_factor', { min: 0, max: 1 }, 1 / 255);
  if (Math.abs(factor * 255 - 1) > 1e-6) fields.refuse('rescale_factor', factor, '1/255');
}

function perChannel(
  fields: Fields,
  name: string,
  fallback: readonly number[],
  range: { readonly min: number; readonly max: number },
): readonly [number, number, number] {
  const values = fields.numbers(name, range) ?? fallback;
  const [red, green, blue] = values;
  if (values.length !== 3 || red === undefined || green === undefined || blue === undefined) {
    return fields.refuse(name, values, 'three numbers: red, green, blue');
  }
  return [red, green, blue];
}
