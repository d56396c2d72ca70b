import type { Size } from '../common/boundingBox';
import type { ResizeLimits } from '../common/smartResize';
import { QWEN25_LIMITS, smartResize } from '../common/smartResize';
import type { Trajectory } from './trajectory';

/** How large the policy saw a picture, at least and at most, in pixels; absent: Qwen2.5-VL's limits. */
export interface RecordedArea {
  readonly minPixels?: number;
  readonly maxPixels?: number;
}

/** The settings that a rollout of this project recorded; empty for all others. */
export function recordedSettings({ extras }: Pick<Trajectory, 'extras'>): Readonly<Record<string, unknown>> {
  return asRecord(extras.get('settings'));
}

/** Limits of a picture's area among the settings, such as `view`: those that are positive numbers. */
export function recordedArea(value: unknown): RecordedArea {
  const { minPixels, maxPixels } = asRecord(value);
  return {
    ...(typeof minPixels === 'number' && minPixels > 0 && { minPixels }),
    ...(typeof maxPixels === 'number' && maxPixels > 0 && { maxPixels }),
  };
}

/**
 * The size at which the policy saw a picture of the prompt, by the settings that were recorded.
 * @param image its size in pixels
 * @returns undefined for a picture that the image processor does not take
 */
export function recordedView(trajectory: Pick<Trajectory, 'extras'>, image: Size): Size | undefined {
  const limits: ResizeLimits = { ...QWEN25_LIMITS, ...recordedArea(recordedSettings(trajectory)['view']) };
  try {
    return smartResize(image, limits);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
