import type { BoundingBox, Size } from '../../common/boundingBox';
import type { RejectReason } from '../../trajectory/toolReport';
import { MIN_DIMENSION, PILLOW_BOMB_PIXELS } from './zoomRules';
import type { ZoomRules } from './zoomRules';

/** Why a box is not cut. */
export interface BoxRefusal {
  readonly reason: RejectReason;
  /** A sentence with the numbers. */
  readonly sentence: string;
  /** The box that was looked at when it was refused, after clamping; what some environments print. */
  readonly judged: BoundingBox;
  /** Which of the environment's tests it failed. */
  readonly test: 'order' | 'aspect' | 'minSide' | 'size';
}

/** What the rules make of a box: the box to cut, unrounded, or why not. */
export type FittedBox =
  | { readonly ok: true; readonly box: BoundingBox; readonly clamped: boolean; readonly grown: boolean }
  | { readonly ok: false; readonly refusal: BoxRefusal };

const width = (box: BoundingBox): number => box.x2 - box.x1;
const height = (box: BoundingBox): number => box.y2 - box.y1;
const sizeText = (box: BoundingBox): string => `${round2(width(box))} x ${round2(height(box))} pixels`;
const round2 = (value: number): number => Math.round(value * 100) / 100;

/**
 * Applies a variant's clamping, tests and growth.
 * @param box in pixels of the image that is cut
 * @param image size of that image
 */
export function fitBox(box: BoundingBox, image: Size, rules: ZoomRules): FittedBox {
  if (!rules.clamps) return fitUnclamped(box);
  const inside = clamp(rules.enlarges === undefined ? box : enlarge(box, rules.enlarges), image);
  const clamped =
    inside.x1 !== box.x1 || inside.y1 !== box.y1 || inside.x2 !== box.x2 || inside.y2 !== box.y2;
  const refusal = judge(inside, box, image, rules);
  if (refusal) return { ok: false, refusal };
  const { growth, minDimension = MIN_DIMENSION } = rules;
  if (Math.min(width(inside), height(inside)) >= minDimension || growth === 'none') {
    return { ok: true, box: inside, clamped, grown: false };
  }
  if (growth === 'cutOff') {
    const cutOff = clamp(growAround(inside, minDimension), image);
    const suffices = width(cutOff) > minDimension && height(cutOff) > minDimension;
    return { ok: true, box: suffices ? cutOff : inside, clamped, grown: suffices };
  }
  const grown = growth === 'around' ? growAround(inside, minDimension) : growInside(inside, image);
  const second = judge(grown, grown, image, rules) ?? (growth === 'inside' ? judgeGrown(grown) : undefined);
  return second ? { ok: false, refusal: second } : { ok: true, box: grown, clamped, grown: true };
}

/** Pillow alone decides: it takes any box that is not inverted and not enormous, an empty one included. */
function fitUnclamped(box: BoundingBox): FittedBox {
  if (width(box) < 0 || height(box) < 0) return { ok: false, refusal: invertedBox(box, box) };
  if (width(box) * height(box) <= PILLOW_BOMB_PIXELS) return { ok: true, box, clamped: false, grown: false };
  const sentence = `The box has ${sizeText(box)}, and Pillow cuts no more than ${PILLOW_BOMB_PIXELS} at once.`;
  return { ok: false, refusal: { reason: 'tooLarge', sentence, judged: box, test: 'size' } };
}

function clamp(box: BoundingBox, image: Size): BoundingBox {
  return {
    x1: Math.max(0, box.x1),
    y1: Math.max(0, box.y1),
    x2: Math.min(image.width, box.x2),
    y2: Math.min(image.height, box.y2),
  };
}

function judge(box: BoundingBox, asked: BoundingBox, image: Size, rules: ZoomRules): BoxRefusal | undefined {
  if (!(width(box) > 0 && height(box) > 0)) return withoutArea(box, asked, image);
  const [shorter, longer] = [Math.min(width(box), height(box)), Math.max(width(box), height(box))];
  if (rules.maxAspect !== undefined && longer / shorter > rules.maxAspect) {
    const sentence = `The box has ${sizeText(box)}: its longer side is more than ${rules.maxAspect} times the shorter.`;
    return { reason: 'tooThin', sentence, judged: box, test: 'aspect' };
  }
  if (rules.minSideAbove !== undefined && shorter <= rules.minSideAbove) {
    const sentence = `The box has ${sizeText(box)}: its shorter side must be above ${rules.minSideAbove} pixels.`;
    return { reason: 'tooSmall', sentence, judged: box, test: 'minSide' };
  }
  return undefined;
}

function withoutArea(box: BoundingBox, asked: BoundingBox, image: Size): BoxRefusal {
  if (width(asked) < 0 || height(asked) < 0) return invertedBox(asked, box);
  if (width(asked) === 0 || height(asked) === 0) {
    return { reason: 'empty', sentence: `The box has ${sizeText(asked)}.`, judged: box, test: 'order' };
  }
  const sentence = `Nothing of the box is inside the image of ${image.width} x ${image.height} pixels.`;
  return { reason: 'outside', sentence, judged: box, test: 'order' };
}

function invertedBox(asked: BoundingBox, judged: BoundingBox): BoxRefusal {
  const sides =
    width(asked) < 0
      ? `right (${asked.x2}) is less than left (${asked.x1})`
      : `bottom (${asked.y2}) is less than top (${asked.y1})`;
  return { reason: 'inverted', sentence: `The box is inverted: ${sides}.`, judged, test: 'order' };
}

/** About its centre. */
function enlarge(box: BoundingBox, factor: number): BoundingBox {
  const [x, y] = [(width(box) * (factor - 1)) / 2, (height(box) * (factor - 1)) / 2];
  return { x1: box.x1 - x, y1: box.y1 - y, x2: box.x2 + x, y2: box.y2 + y };
}

/** Source: `maybe_resize_bbox` of DeepEyes' v2 and v5 environments, and of Qwen-Agent's tool. */
function growAround(box: BoundingBox, minDimension: number): BoundingBox {
  const centreX = (box.x1 + box.x2) / 2;
  const centreY = (box.y1 + box.y2) / 2;
  const ratio = minDimension / Math.min(width(box), height(box));
  const halfWidth = Math.ceil(width(box) * ratio * 0.5);
  const halfHeight = Math.ceil(height(box) * ratio * 0.5);
  return {
    x1: Math.floor(centreX - halfWidth),
    y1: Math.floor(centreY - halfHeight),
    x2: Math.ceil(centreX + halfWidth),
    y2: Math.ceil(centreY + halfHeight),
  };
}

/** Source: `_maybe_resize_bbox` of verl's zoom tool: grown, shrunk to the image where it must be, moved inside. */
function growInside(box: BoundingBox, image: Size): BoundingBox {
  const ratio = MIN_DIMENSION / Math.min(width(box), height(box));
  let target = { width: width(box) * ratio, height: height(box) * ratio };
  if (target.width > image.width) {
    target = { width: image.width, height: target.height * (image.width / target.width) };
  }
  if (target.height > image.height) {
    target = { width: target.width * (image.height / target.height), height: image.height };
  }
  const left = moveInside((box.x1 + box.x2) / 2 - target.width / 2, target.width, image.width);
  const top = moveInside((box.y1 + box.y2) / 2 - target.height / 2, target.height, image.height);
  return {
    x1: Math.floor(left),
    y1: Math.floor(top),
    x2: Math.ceil(left + target.width),
    y2: Math.ceil(top + target.height),
  };
}

function moveInside(start: number, length: number, limit: number): number {
  const atLeast = Math.max(0, start);
  return atLeast + length > limit ? limit - length : atLeast;
}

/** verl's last test, on whole pixels. */
function judgeGrown(box: BoundingBox): BoxRefusal | undefined {
  if (Math.min(width(box), height(box)) >= MIN_DIMENSION) return undefined;
  const sentence = `Even grown to ${sizeText(box)} the box has a side under ${MIN_DIMENSION} pixels.`;
  return { reason: 'tooSmall', sentence, judged: box, test: 'minSide' };
}
