import type { Crosshair } from './crosshair';
import type { Frame } from './frame';
import { zoomedRange } from './gestures';

/** What the keys of the stack need. */
export interface KeyTarget {
  readonly crosshair: Crosshair;
  frame(): Frame | undefined;
  zoom(range: readonly [number, number] | undefined): void;
  pickCross(): void;
}

const MANY = 10;
const KEY_FACTOR = 1.6;

function zoomBy(target: KeyTarget, factor: number): void {
  const { model } = target.frame() ?? {};
  if (!model) return;
  const { range, extent } = model;
  const place = target.crosshair.place ?? model.selected ?? (range[0] + range[1]) / 2;
  target.zoom(zoomedRange(range, extent, Math.min(range[1], Math.max(range[0], place)), factor));
}

/** Does what a key means; tells whether it means something. */
export function pressKey(event: KeyboardEvent, target: KeyTarget): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { crosshair } = target;
  const count = event.shiftKey ? MANY : 1;
  switch (event.key) {
    case 'ArrowRight':
      crosshair.step(1, count);
      return true;
    case 'ArrowLeft':
      crosshair.step(-1, count);
      return true;
    case 'Home':
      crosshair.toEnd('first');
      return true;
    case 'End':
      crosshair.toEnd('last');
      return true;
    case 'Enter':
      target.pickCross();
      return true;
    case '+':
    case '=':
      zoomBy(target, 1 / KEY_FACTOR);
      return true;
    case '-':
      zoomBy(target, KEY_FACTOR);
      return true;
    case '0':
      target.zoom(undefined);
      return true;
    case 'Escape':
      crosshair.show(undefined, true);
      return true;
    default:
      return false;
  }
}
