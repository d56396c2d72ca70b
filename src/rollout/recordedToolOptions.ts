import type { Size } from '../common/boundingBox';
import type { ResizeLimits } from '../common/smartResize';
import { QWEN25_LIMITS, smartResize } from '../common/smartResize';
import type { Trajectory } from '../trajectory/trajectory';
import { ROLLOUT_PROTOCOLS } from './protocols/protocolByName';
import type { AreaLimits } from './rolloutSettings';
import type { ToolOptions } from './tools/imageZoomIn';

/**
 * By whose rules the calls of a trajectory were judged: as its format implies, and as the settings say where a rollout
 * of this project recorded them (how large the model saw the picture and its crops, the least side of a box).
 * @param image size of the prompt's first picture in pixels
 */
export function recordedToolOptions(
  { zoomVariant: variant, frame, extras }: Pick<Trajectory, 'zoomVariant' | 'frame' | 'extras'>,
  image: Size,
): ToolOptions {
  const settings = asRecord(extras.get('settings'));
  const protocol = ROLLOUT_PROTOCOLS.find(({ name }) => name === settings['protocol']);
  const resized = seenAs(image, { ...QWEN25_LIMITS, ...areaOf(settings['view']) });
  const minSideAbove = settings['minBoxSideAbove'];
  return {
    variant,
    frame,
    limits: { ...(protocol?.cropLimits ?? QWEN25_LIMITS), ...areaOf(settings['crop']) },
    ...(resized && { resized }),
    ...(typeof minSideAbove === 'number' && { minSideAbove }),
  };
}

function seenAs(image: Size, limits: ResizeLimits): Size | undefined {
  try {
    return smartResize(image, limits);
  } catch {
    // The image processor takes no such picture.
    return undefined;
  }
}

function areaOf(value: unknown): AreaLimits {
  const { minPixels, maxPixels } = asRecord(value);
  return {
    ...(typeof minPixels === 'number' && minPixels > 0 && { minPixels }),
    ...(typeof maxPixels === 'number' && maxPixels > 0 && { maxPixels }),
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
