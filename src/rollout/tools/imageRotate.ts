import type { Size } from '../../common/boundingBox';
import { QWEN25_LIMITS, smartResize, tooThinToResize, visualTokenCount } from '../../common/smartResize';
import type { ToolCall } from '../../trajectory/toolCall';
import type { RejectReason, RotateReport } from '../../trajectory/toolReport';
import { environmentError } from './environmentErrors';
import type { ToolOptions } from './imageZoomIn';
import { ZOOM_RULES } from './zoomRules';

/**
 * What the rotate tool does with a call, as data: the original, turned as Pillow's `Image.rotate(angle)` does.
 * Source: the environments v2 and v5 of DeepEyes, which run it although only SYSTEM_PROMPT_V1 declares it (and there
 * with the opposite sign). Other variants know no such tool.
 * @param image size of the original in pixels
 */
export function planRotate(
  call: ToolCall,
  image: Size,
  options: Pick<ToolOptions, 'variant' | 'limits'>,
): RotateReport {
  const { variant, limits = QWEN25_LIMITS } = options;
  const report: RotateReport = { tool: 'rotate', size: image };
  const refuse = (reason: RejectReason, sentence: string): RotateReport => {
    const words = environmentError(variant, { reason, call });
    return {
      ...report,
      rejected: reason,
      rejection: sentence,
      ...(words !== undefined && { environmentError: words }),
    };
  };
  if (call.status === 'unparsable') return refuse('unparsable', `The call could not be read: ${call.error}`);
  if (!ZOOM_RULES[variant].rotates)
    return refuse('unknownTool', `There is no tool named "${call.name}" here.`);
  const { angle } = call;
  if (angle === undefined || !Number.isFinite(angle)) {
    return refuse('noAngle', 'The call has no "angle" that is a number.');
  }
  if (!(image.width > 0 && image.height > 0) || tooThinToResize(image)) return { ...report, angle };
  const resizedSize = smartResize(image, limits);
  return { ...report, angle, resizedSize, visualTokens: visualTokenCount(resizedSize, limits.factor) };
}
