import type { CoordinateFrame } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import type { RolloutSettings } from './rolloutSettings';

/** The file beside a checkpoint that says what else its rollouts need. */
export const ROLLOUT_CONFIG_FILE = 'rollout_config.json';

/** What that file says. Absent: not said, so the protocol's own value holds. */
export interface RolloutConfig extends Pick<
  RolloutSettings,
  'frame' | 'view' | 'crop' | 'minBoxSideAbove' | 'maxTurns' | 'maxTokensPerTurn' | 'maxResponseTokens'
> {
  /** Name of the protocol that the model was trained with. */
  readonly protocol?: string;
  /** Its answers are right to the letter or wrong: in the closed world that it was trained in nothing else means the same. */
  readonly answers?: 'exact';
}

const FRAMES: readonly CoordinateFrame[] = ['original', 'resized', 'relative1000', 'relative1'];
/** Of each, the only thing that can be done here: anything else must not pass in silence. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  crop_source: ['original image', 'original'],
  resample: ['bicubic'],
};

/**
 * Reads the values of a `rollout_config.json`; the file itself is opened elsewhere. Its keys: `protocol` (a name),
 * `space` (the frame of boxes), `view_min_pixels`, `view_max_pixels`, `crop_min_pixels`, `crop_max_pixels` (areas),
 * `min_box_side_original_pixels` (the shorter side must be longer), `max_turns`, `max_tokens_per_turn`,
 * `max_response_tokens`, `answers` (`exact`), `crop_source`, `resample`. Further keys are notes of whoever made the checkpoint.
 * @param value the JSON value of the file
 * @throws ImcotError `input` naming the key whose value is none that it may have
 */
export function readRolloutConfig(value: unknown): RolloutConfig {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ImcotError('input', `${ROLLOUT_CONFIG_FILE} must hold an object with settings.`);
  }
  const fields = new Map<string, unknown>(Object.entries(value));
  for (const [key, allowed] of Object.entries(FIXED)) oneOf(fields, key, allowed);
  const frame = oneOf(fields, 'space', FRAMES);
  const protocol = text(fields, 'protocol');
  const answers = oneOf(fields, 'answers', ['exact'] as const);
  const view = area(fields, 'view');
  const crop = area(fields, 'crop');
  const numbers = {
    minBoxSideAbove: number(fields, 'min_box_side_original_pixels', 0),
    maxTurns: number(fields, 'max_turns', 1),
    maxTokensPerTurn: number(fields, 'max_tokens_per_turn', 1),
    maxResponseTokens: number(fields, 'max_response_tokens', 1),
  };
  return {
    ...(protocol !== undefined && { protocol }),
    ...(answers && { answers }),
    ...(frame && { frame }),
    ...(view && { view }),
    ...(crop && { crop }),
    ...Object.fromEntries(Object.entries(numbers).filter(([, entry]) => entry !== undefined)),
  };
}

/**
 * A checkpoint's settings with a person's above them: whatever the person sets counts, limits of an area each by itself.
 */
export function overrideConfig(config: RolloutConfig, settings: RolloutSettings): RolloutSettings {
  const { protocol: _protocol, answers: _answers, view, crop, ...rest } = config;
  const own = Object.fromEntries(Object.entries(settings).filter(([, entry]) => entry !== undefined));
  return {
    ...rest,
    ...(own as unknown as RolloutSettings),
    ...((view ?? settings.view) && { view: { ...view, ...settings.view } }),
    ...((crop ?? settings.crop) && { crop: { ...crop, ...settings.crop } }),
  };
}

type Fields = ReadonlyMap<string, unknown>;

function area(
  fields: Fields,
  name: string,
): { readonly minPixels?: number; readonly maxPixels?: number } | undefined {
  const [minKey, maxKey] = [`${name}_min_pixels`, `${name}_max_pixels`];
  const minPixels = number(fields, minKey, 1);
  const maxPixels = number(fields, maxKey, 1);
  if (minPixels !== undefined && maxPixels !== undefined && minPixels > maxPixels) {
    throw wrong(minKey, minPixels, `at most ${maxKey}, which is ${maxPixels}`);
  }
  if (minPixels === undefined && maxPixels === undefined) return undefined;
  return { ...(minPixels !== undefined && { minPixels }), ...(maxPixels !== undefined && { maxPixels }) };
}

function number(fields: Fields, key: string, least: number): number | undefined {
  const value = fields.get(key);
  if (value === undefined) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least) return value;
  throw wrong(key, value, `a whole number from ${least}`);
}

function text(fields: Fields, key: string): string | undefined {
  const value = fields.get(key);
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(key, value, 'a text');
}

function oneOf<T extends string>(fields: Fields, key: string, allowed: readonly T[]): T | undefined {
  const value = fields.get(key);
  const found = allowed.find((entry) => entry === value);
  if (value === undefined || found !== undefined) return found;
  throw wrong(key, value, allowed.map((entry) => JSON.stringify(entry)).join(' or '));
}

function wrong(key: string, value: unknown, expected: string): ImcotError {
  const shown = JSON.stringify(value)?.slice(0, 100) ?? 'undefined';
  return new ImcotError('input', `${ROLLOUT_CONFIG_FILE}: "${key}" is ${shown}; it must be ${expected}.`);
}
