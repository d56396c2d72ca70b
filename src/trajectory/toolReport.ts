import type { BoundingBox, CoordinateFrame, Size } from '../common/boundingBox';

/**
 * Why a tool variant refused a call. Which reasons a variant knows stands in `rollout/tools/imageZoomIn`.
 *
 * - `unparsable`: the text between the tags was not a call
 * - `unknownTool`: another name
 * - `noBox`: `bbox_2d` is missing or not four numbers
 * - `inverted`, `empty`: right < left or bottom < top, or equal
 * - `tooThin`: the longer side is more than 100 times the shorter
 * - `tooSmall`: the shorter side is at or under the variant's limit
 * - `outside`: nothing of the box is inside the image
 * - `unknownFrame`: the box can't be placed, since the size that its frame needs is not known
 */
export type RejectReason =
  | 'unparsable'
  | 'unknownTool'
  | 'noBox'
  | 'inverted'
  | 'empty'
  | 'tooThin'
  | 'tooSmall'
  | 'outside'
  | 'unknownFrame';

/** What a zoom call did, worked out from the call and the image's size alone. All boxes in original pixels. */
export interface ZoomReport {
  readonly tool: 'zoom';
  /** As the model wrote it, in `frame`. */
  readonly requested: BoundingBox;
  readonly frame: CoordinateFrame;
  /** `requested` in original pixels, before any clamping. */
  readonly placed?: BoundingBox;
  /** What was cut: integer corners, after the variant's clamping, growing and rounding. Absent when rejected. */
  readonly cut?: BoundingBox;
  /** Whether clamping or growing changed the box (rounding alone does not count). */
  readonly clamped: boolean;
  readonly grown: boolean;
  readonly rejected?: RejectReason;
  /** A sentence for `rejected`, with the numbers. */
  readonly rejection?: string;
  /** The very words that the environment answers with, where the variant has them. */
  readonly environmentError?: string;
  /** Pixels of the cut piece, and of what the policy saw of it. */
  readonly cropSize?: Size;
  readonly resizedSize?: Size;
  /** Visual tokens of the resized crop. */
  readonly visualTokens?: number;
}

/** What a rotate call did. */
export interface RotateReport {
  readonly tool: 'rotate';
  /** Degrees as requested; positive turns counter-clockwise, as Pillow does and against the tool's own description. */
  readonly angle: number;
  readonly size: Size;
  readonly resizedSize?: Size;
  readonly visualTokens?: number;
}

export type ToolReport = ZoomReport | RotateReport;
