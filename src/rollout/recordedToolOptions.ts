import type { Size } from '../common/boundingBox';
import { QWEN25_LIMITS } from '../common/smartResize';
import { recordedArea, recordedSettings, recordedView } from '../trajectory/recordedView';
import type { Trajectory } from '../trajectory/trajectory';
import { ROLLOUT_PROTOCOLS } from './protocols/protocolByName';
import type { ToolOptions } from './tools/imageZoomIn';

/**
 * By whose rules the calls of a trajectory were judged: as its format implies, and as the settings say where a rollout
 * of this project recorded them (how large the model saw the picture and its crops, the least side of a box).
 * @param image size of the prompt's first picture in pixels
 */
export function recordedToolOptions(
  trajectory: Pick<Trajectory, 'zoomVariant' | 'frame' | 'extras'>,
  image: Size,
): ToolOptions {
  const { zoomVariant: variant, frame } = trajectory;
  const settings = recordedSettings(trajectory);
  const protocol = ROLLOUT_PROTOCOLS.find(({ name }) => name === settings['protocol']);
  const resized = recordedView(trajectory, image);
  const minSideAbove = settings['minBoxSideAbove'];
  return {
    variant,
    frame,
    limits: { ...(protocol?.cropLimits ?? QWEN25_LIMITS), ...recordedArea(settings['crop']) },
    ...(resized && { resized }),
    ...(typeof minSideAbove === 'number' && { minSideAbove }),
  };
}
