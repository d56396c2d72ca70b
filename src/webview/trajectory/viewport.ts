import type { BoundingBox, Size } from '../../common/boundingBox';

/** How an image lies in its window: CSS pixels per image pixel, and where its corner stands, in CSS pixels. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** CSS pixels left free around an image that is fitted. */
const MARGIN = 0;
/** Largest scale: beyond it a window shows a handful of pixels. */
const MAX_SCALE = 40;

/** The whole image, centred, as large as the window lets it be. */
export function fitView(window: Size, image: Size): View {
  const scale = Math.max(
    1e-6,
    Math.min((window.width - MARGIN) / image.width, (window.height - MARGIN) / image.height),
  );
  return {
    scale,
    x: (window.width - image.width * scale) / 2,
    y: (window.height - image.height * scale) / 2,
  };
}

/** Keeps the image in the window: centred along a side that it does not fill, without a gap along one that it does. */
export function keepInWindow(view: View, window: Size, image: Size): View {
  const place = (offset: number, extent: number, room: number): number =>
    extent <= room ? (room - extent) / 2 : Math.min(0, Math.max(room - extent, offset));
  return {
    scale: view.scale,
    x: place(view.x, image.width * view.scale, window.width),
    y: place(view.y, image.height * view.scale, window.height),
  };
}

/** Zooms by a factor about a point of the window: what lies there stays there. Never smaller than fitted. */
export function zoomAt(
  view: View,
  factor: number,
  point: { readonly x: number; readonly y: number },
  window: Size,
  image: Size,
): View {
  const least = fitView(window, image).scale;
  const scale = Math.min(Math.max(MAX_SCALE, least), Math.max(least, view.scale * factor));
  const ratio = scale / view.scale;
  const moved = { scale, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio };
  return keepInWindow(moved, window, image);
}

/** Brings a box into the middle, with three times its size around it, so that one sees where it lies. */
export function viewOfBox(box: BoundingBox, window: Size, image: Size): View {
  const width = Math.max(8, box.x2 - box.x1) * 4;
  const height = Math.max(8, box.y2 - box.y1) * 4;
  const least = fitView(window, image).scale;
  const scale = Math.max(least, Math.min(window.width / width, window.height / height, MAX_SCALE));
  const x = window.width / 2 - ((box.x1 + box.x2) / 2) * scale;
  const y = window.height / 2 - ((box.y1 + box.y2) / 2) * scale;
  return keepInWindow({ scale, x, y }, window, image);
}

/** A box in CSS pixels of the window. */
export function boxInWindow(box: BoundingBox, view: View): BoundingBox {
  return {
    x1: box.x1 * view.scale + view.x,
    y1: box.y1 * view.scale + view.y,
    x2: box.x2 * view.scale + view.x,
    y2: box.y2 * view.scale + view.y,
  };
}

/**
 * Where a label of a size goes: above its box, else below it, else inside at its top; always wholly in the window
 * where it fits at all.
 */
export function labelPlace(
  box: BoundingBox,
  label: Size,
  window: Size,
): { readonly x: number; readonly y: number } {
  const x = Math.min(Math.max(0, box.x1), Math.max(0, window.width - label.width));
  const above = box.y1 - label.height;
  const below = box.y2;
  if (above >= 0) return { x, y: Math.min(above, window.height - label.height) };
  if (below + label.height <= window.height) return { x, y: Math.max(0, below) };
  return { x, y: Math.max(0, Math.min(box.y1, window.height - label.height)) };
}
