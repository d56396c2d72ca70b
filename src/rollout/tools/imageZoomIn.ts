import type { BoundingBox, CoordinateFrame, Size } from '../../common/boundingBox';
import { toOriginalFrame } from '../../common/boundingBox';
import { ImcotError } from '../../common/errors';
import type { ResizeLimits } from '../../common/smartResize';
import {
  QWEN25_LIMITS,
  roundHalfEven,
  smartResize,
  tooThinToResize,
  visualTokenCount,
} from '../../common/smartResize';
import { ZOOM_TOOL } from '../../trajectory/toolCall';
import type { ToolCall } from '../../trajectory/toolCall';
import type { Piece, RejectReason, ZoomReport } from '../../trajectory/toolReport';
import type { ZoomVariant } from '../../trajectory/trajectory';
import { environmentError } from './environmentErrors';
import type { BoxRefusal } from './fitBox';
import { fitBox } from './fitBox';
import type { ZoomRules } from './zoomRules';
import { ZOOM_RULES } from './zoomRules';

/** By whose rules a call is judged, and what its numbers mean. */
export interface ToolOptions {
  readonly variant: ZoomVariant;
  /** What the four numbers of a box count. */
  readonly frame: CoordinateFrame;
  /** Size at which the policy saw the original, where it is known; worked out from `limits` where they are given. */
  readonly resized?: Size;
  /** The image processor's limits; those of Qwen2.5-VL when absent. */
  readonly limits?: ResizeLimits;
  /** The shorter side of a box must be longer than this, in place of the variant's own limit. */
  readonly minSideAbove?: number;
}

/** The image that a variant cuts from. */
interface Source {
  readonly from: Piece['from'];
  readonly size: Size;
}

/**
 * What the zoom tool does with a call, as data; no pixels are touched and nothing is thrown.
 * @param call as the model made it
 * @param image size of the original in pixels
 */
export function planZoom(call: ToolCall, image: Size, options: ToolOptions): ZoomReport {
  const { minSideAbove } = options;
  const rules = { ...ZOOM_RULES[options.variant], ...(minSideAbove !== undefined && { minSideAbove }) };
  const start: ZoomReport = { tool: 'zoom', frame: options.frame, clamped: false, grown: false };
  const refuse = (
    report: ZoomReport,
    reason: RejectReason,
    sentence: string,
    refusal?: BoxRefusal,
  ): ZoomReport => {
    const words = environmentError(options.variant, { reason, call, ...(refusal && { refusal }) });
    const rejection = { rejected: reason, rejection: sentence };
    return { ...report, ...rejection, ...(words !== undefined && { environmentError: words }) };
  };

  if (call.status === 'unparsable')
    return refuse(start, 'unparsable', `The call could not be read: ${call.error}`);
  if (rules.checksName && call.name !== ZOOM_TOOL) {
    return refuse(start, 'unknownTool', `There is no tool named "${call.name}".`);
  }
  const { box: requested } = call;
  if (!requested) return refuse(start, 'noBox', 'The call has no "bbox_2d" of four numbers.');

  const resized = resizedOriginal(image, options);
  const source = sourceOf(rules, image, resized);
  const asked = { ...start, requested };
  const target = source && boxInSource(requested, options.frame, source, image, resized);
  if (!source || !target) {
    return refuse(
      asked,
      'unknownFrame',
      'The box counts pixels of the resized image, whose size is not known.',
    );
  }
  const placed = toOriginal(target, source, image);
  const fitted = fitBox(target, source.size, rules);
  if (!fitted.ok) {
    return refuse({ ...asked, placed }, fitted.refusal.reason, fitted.refusal.sentence, fitted.refusal);
  }
  const { clamped, grown } = fitted;
  const report: ZoomReport = { ...asked, placed, clamped, grown };
  return withPiece(report, fitted.box, source, image, rules, options.limits ?? QWEN25_LIMITS, refuse);
}

/** Adds what was cut and how the policy saw it. */
function withPiece(
  report: ZoomReport,
  fitted: BoundingBox,
  source: Source,
  image: Size,
  rules: ZoomRules,
  limits: ResizeLimits,
  refuse: (report: ZoomReport, reason: RejectReason, sentence: string) => ZoomReport,
): ZoomReport {
  const box = {
    x1: roundHalfEven(fitted.x1),
    y1: roundHalfEven(fitted.y1),
    x2: roundHalfEven(fitted.x2),
    y2: roundHalfEven(fitted.y2),
  };
  const cropSize = { width: box.x2 - box.x1, height: box.y2 - box.y1 };
  const measured = rules.resizesUnrounded
    ? { width: fitted.x2 - fitted.x1, height: fitted.y2 - fitted.y1 }
    : scaled(cropSize, rules.scales);
  let resizedSize: Size;
  try {
    resizedSize = smartResize(measured, limits, rules.resize);
  } catch (thrown) {
    const sentence = thrown instanceof ImcotError ? thrown.message : String(thrown);
    const hasArea = measured.width > 0 && measured.height > 0;
    return refuse(report, hasArea ? 'tooThin' : 'empty', sentence);
  }
  // The evaluation's own resize takes any shape, but the model's processor behind the server does not [inferred].
  if (tooThinToResize(resizedSize)) {
    const sentence = `The crop of ${resizedSize.width} x ${resizedSize.height} pixels is too thin for the model.`;
    return refuse(report, 'tooThin', sentence);
  }
  return {
    ...report,
    cut: toOriginal(box, source, image),
    piece: { ...source, box },
    cropSize,
    resizedSize,
    visualTokens: visualTokenCount(resizedSize, limits.factor),
  };
}

function scaled(size: Size, scales: ZoomRules['scales']): Size {
  if (!scales) return size;
  const shorter = Math.min(size.width, size.height);
  const factor = Math.max(scales.factor, scales.minSide / shorter);
  // Whatever has no area stays so, and is refused.
  return shorter > 0 ? { width: size.width * factor, height: size.height * factor } : size;
}

/** Size at which the policy saw the original; undefined when neither it nor the limits are given. */
function resizedOriginal(image: Size, options: ToolOptions): Size | undefined {
  const rules = ZOOM_RULES[options.variant];
  if (options.resized) return options.resized;
  // A tool that cuts from the processed image processes it by limits of its own: they are the default ones.
  const limits = options.limits ?? (rules.cutsFrom === 'processed' ? QWEN25_LIMITS : undefined);
  if (!limits) return undefined;
  try {
    return smartResize(image, limits);
  } catch {
    return undefined;
  }
}

function sourceOf(rules: ZoomRules, image: Size, resized: Size | undefined): Source | undefined {
  if (rules.cutsFrom === 'original') return { from: 'original', size: image };
  return resized && { from: 'processed', size: resized };
}

function boxInSource(
  box: BoundingBox,
  frame: CoordinateFrame,
  source: Source,
  image: Size,
  resized: Size | undefined,
): BoundingBox | undefined {
  // Numbers that already count the source's pixels must not pass through a division: their last bits matter to rounding.
  const own: CoordinateFrame = source.from === 'processed' ? 'resized' : 'original';
  if (frame === own) return box;
  if (frame === 'relative1000' || frame === 'relative1') return toOriginalFrame(box, frame, source.size);
  const placed = toOriginalFrame(box, frame, image, resized);
  return placed && scale(placed, image, source.size);
}

function toOriginal(box: BoundingBox, source: Source, image: Size): BoundingBox {
  return source.from === 'original' ? box : scale(box, source.size, image);
}

function scale(box: BoundingBox, from: Size, to: Size): BoundingBox {
  if (from.width === to.width && from.height === to.height) return box;
  const [x, y] = [to.width / from.width, to.height / from.height];
  return { x1: box.x1 * x, y1: box.y1 * y, x2: box.x2 * x, y2: box.y2 * y };
}
