import type { Fields } from './fields';
import type { GenerationDefaults, SpecialTokens } from './modelConfig';

/** Ids of the released models, which transformers takes where config.json is silent. */
const DEFAULTS = { image: 151655, visionStart: 151652, visionEnd: 151653, endOfTurn: 151645 };
const COUNT = { min: 0, max: 2 ** 31 };

/** Sampling defaults of generation_config.json. Errors: `input`, with file, field and value. */
export function readGenerationDefaults(generation: Fields): GenerationDefaults {
  const share = { min: 0, max: 1 };
  const topP = generation.optionalNumber('top_p', share);
  if (topP === 0) generation.refuse('top_p', 0, 'a number above 0');
  const topK = generation.value('top_k') === undefined ? undefined : generation.whole('top_k', COUNT);
  return {
    ...named('doSample', generation.flag('do_sample')),
    ...named('temperature', generation.optionalNumber('temperature', { min: 0, max: 1e6 })),
    ...named('topK', topK),
    ...named('topP', topP),
    ...named('minP', generation.optionalNumber('min_p', share)),
    ...named('repetitionPenalty', generation.optionalNumber('repetition_penalty', { min: 1e-6, max: 1e6 })),
  };
}

function named<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>);
}

/** Ids that the code must know; each lies in the model's vocabulary. Errors: `input`. */
export function readSpecialTokens(
  config: Fields,
  text: Fields,
  generation: Fields,
  vocabularySize: number,
): SpecialTokens {
  const range = { min: 0, max: vocabularySize - 1 };
  const id = (name: string, fallback: number): number => config.whole(name, range, fallback);
  const source = [generation, config, text].find((part) => part.value('eos_token_id') !== undefined);
  const eos = source?.value('eos_token_id') ?? DEFAULTS.endOfTurn;
  const ends: readonly unknown[] = Array.isArray(eos) ? eos : [eos];
  const endOfTurn = ends.filter(
    (end): end is number => Number.isInteger(end) && Number(end) >= 0 && Number(end) < vocabularySize,
  );
  if (endOfTurn.length === 0 || endOfTurn.length < ends.length) {
    (source ?? config).refuse('eos_token_id', eos, `one or more ids below ${vocabularySize}`);
  }
  const image = id('image_token_id', DEFAULTS.image);
  const visionStart = id('vision_start_token_id', DEFAULTS.visionStart);
  const visionEnd = id('vision_end_token_id', DEFAULTS.visionEnd);
  // Nothing depends on these two: an id beyond a vocabulary that was cut down is left aside.
  const unused = ['vision_token_id', 'video_token_id'].flatMap((name) => {
    const value = config.value(name);
    return typeof value === 'number' && value >= 0 && value < vocabularySize ? [value] : [];
  });
  const placeholders = [...new Set([visionStart, visionEnd, ...unused, image])];
  return { image, visionStart, visionEnd, placeholders, endOfTurn: [...new Set(endOfTurn)] };
}
