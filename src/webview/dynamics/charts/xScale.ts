/** Between places on the x axis and pixels from the left edge of the stack. */
export interface XScale {
  readonly from: number;
  readonly to: number;
  /** Left edge of all plots, CSS pixels. */
  readonly left: number;
  readonly width: number;
}

/** Pixel of a place; may lie outside of the plots. */
export function pixelAt(scale: XScale, x: number): number {
  const span = scale.to - scale.from;
  return scale.left + (span > 0 ? ((x - scale.from) / span) * scale.width : scale.width / 2);
}

/** Place under a pixel, kept within what is shown. */
export function placeAt(scale: XScale, pixel: number): number {
  const share = Math.min(1, Math.max(0, (pixel - scale.left) / Math.max(1, scale.width)));
  return scale.from + share * (scale.to - scale.from);
}

/** Whether a place is in view. */
export function isInView(scale: XScale, x: number): boolean {
  return x >= scale.from && x <= scale.to;
}
