/**
 * How tall the scrolled element may get, in CSS pixels: browsers cut elements off at about 16 (Firefox) to
 * 33 (Chromium) million.
 */
export const MAX_SCROLL_HEIGHT = 8_000_000;

/** Rows of equal height in a window, and where the scroll bar puts them. All in CSS pixels. */
export interface ScrollScale {
  readonly rowHeight: number;
  readonly rowCount: number;
  readonly windowHeight: number;
}

/** Height of all rows together: may be far beyond what a browser can scroll. */
export function contentHeight(scale: ScrollScale): number {
  return scale.rowHeight * scale.rowCount;
}

/** Height of the element that is scrolled. */
export function spacerHeight(scale: ScrollScale): number {
  return Math.min(contentHeight(scale), MAX_SCROLL_HEIGHT);
}

/** Content pixels per pixel of the scroll bar's travel: 1 until the content is too tall. */
function ratio(scale: ScrollScale): number {
  const travel = spacerHeight(scale) - scale.windowHeight;
  return travel <= 0 ? 1 : (contentHeight(scale) - scale.windowHeight) / travel;
}

/** Top of the window in the content for a scroll position. */
export function topOfScroll(scale: ScrollScale, scrollTop: number): number {
  const limit = Math.max(0, contentHeight(scale) - scale.windowHeight);
  return Math.min(limit, Math.max(0, scrollTop * ratio(scale)));
}

/** Scroll position for a top of the window in the content. */
export function scrollOfTop(scale: ScrollScale, top: number): number {
  return top / ratio(scale);
}

/** Rows `[start, end)` that the window shows at least partly. */
export function rowsInWindow(scale: ScrollScale, top: number): { start: number; end: number } {
  const start = Math.min(scale.rowCount, Math.max(0, Math.floor(top / scale.rowHeight)));
  const end = Math.min(scale.rowCount, Math.ceil((top + scale.windowHeight) / scale.rowHeight));
  return { start, end: Math.max(start, end) };
}

/** The smallest move of the window after which the row is wholly inside it; the new top. */
export function topThatShows(scale: ScrollScale, top: number, row: number): number {
  const rowTop = row * scale.rowHeight;
  if (rowTop < top) return rowTop;
  const lowest = rowTop + scale.rowHeight - scale.windowHeight;
  return lowest > top ? lowest : top;
}
