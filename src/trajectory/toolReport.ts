import type { BoundingBox, CoordinateFrame, Size } from '../common/boundingBox';

/**
 * Why a tool variant refused a call. Which reasons a variant knows stands in `rollout/tools/imageZoomIn`.
 *
 * - `unparsable`: the text between the tags was not a call
 * - `unknownTool`: another name
 * - `noBox`: `bbox_2d` is missing or not four numbers
 * - `noAngle`: `angle` is missing or not a number
 * - `inverted`, `empty`: right < left or bottom < top, or equal
 * - `tooThin`: the longer side is more than 100 times the shorter (200 times, where only the image processor looks)
 * - `tooSmall`: the shorter side is at or under the variant's limit
 * - `tooLarge`: the cut is above Pillow's limit against decompression bombs
 * - `outside`: nothing of the box is inside the image
 * - `noImage`: the call names a picture that is not there
 * - `unknownFrame`: the box can't be placed, since the size that its frame needs is not known
 */
export type RejectReason =
  | 'unparsable'
  | 'unknownTool'
  | 'noBox'
  | 'noAngle'
  | 'inverted'
  | 'empty'
  | 'tooThin'
  | 'tooSmall'
  | 'tooLarge'
  | 'outside'
  | 'noImage'
  | 'unknownFrame';

/** The piece that a zoom call cut, as its pixels are found. */
export interface Piece {
  /** `processed`: the tool's producer shrinks or grows the original by `smartResize` before it cuts. */
  readonly from: 'original' | 'processed';
  /** Size of the image that it was cut from. */
  readonly size: Size;
  /** Integer corners in pixels of that image; what lies outside of it is black. */
  readonly box: BoundingBox;
}

/** What a zoom call did, worked out from the call and the image's size alone. Boxes in original pixels but `requested`. */
export interface ZoomReport {
  readonly tool: 'zoom';
  /** As the model wrote it, in `frame`. Absent when the call had no box. */
  readonly requested?: BoundingBox;
  readonly frame: CoordinateFrame;
  /** `requested` in original pixels, before any clamping. */
  readonly placed?: BoundingBox;
  /**
   * What was cut, after the variant's clamping, growing and rounding: integer corners where `piece` is from the
   * original, fractions where it is from the processed image. Absent when rejected.
   */
  readonly cut?: BoundingBox;
  /** The same in pixels of the image that the tool cut from. Absent when rejected. */
  readonly piece?: Piece;
  /** Whether clamping or growing changed the box (rounding alone does not count). */
  readonly clamped: boolean;
  readonly grown: boolean;
  readonly rejected?: RejectReason;
  /** A sentence for `rejected`, with the numbers. */
  readonly rejection?: string;
  /** The very words that the environment answers with, where the variant has them and they can be told. */
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
  /**
   * Degrees as requested; positive turns counter-clockwise, as Pillow does and against the tool's own description.
   * Absent when the call had none.
   */
  readonly angle?: number;
  /** Pixels of the image before and after: the canvas keeps its size, and corners that leave it are lost. */
  readonly size: Size;
  readonly rejected?: RejectReason;
  /** A sentence for `rejected`. */
  readonly rejection?: string;
  /** The very words that the environment answers with, where they can be told. */
  readonly environmentError?: string;
  readonly resizedSize?: Size;
  readonly visualTokens?: number;
}

export type ToolReport = ZoomReport | RotateReport;
