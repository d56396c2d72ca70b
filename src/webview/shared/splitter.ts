import { h } from './dom';

/** What a splitter moves. */
export interface SplitterOptions {
  /** Name for screen readers. */
  readonly label: string;
  /** Fraction of the container's width, 0 to 1, that the region beside the splitter has now. */
  read(): number;
  /** The fraction that a person wants; the owner keeps it within its limits. */
  write(fraction: number): void;
  /** Whether the region lies to the right of the splitter. */
  readonly rightSide: boolean;
}

const KEY_STEP = 0.02;

/** A vertical bar between two regions, moved by pointer or by arrow keys. */
export function splitter(container: HTMLElement, options: SplitterOptions): HTMLElement {
  const bar = h('div', {
    class: 'splitter',
    role: 'separator',
    tabindex: 0,
    'aria-orientation': 'vertical',
    'aria-label': options.label,
    'aria-valuemin': 0,
    'aria-valuemax': 100,
  });
  const announce = (): void => bar.setAttribute('aria-valuenow', String(Math.round(options.read() * 100)));
  const set = (fraction: number): void => {
    options.write(fraction);
    announce();
  };
  bar.addEventListener('pointerdown', (event) => {
    bar.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  bar.addEventListener('pointermove', (event) => {
    if (!bar.hasPointerCapture(event.pointerId)) return;
    const frame = container.getBoundingClientRect();
    const left = (event.clientX - frame.left) / Math.max(1, frame.width);
    set(options.rightSide ? 1 - left : left);
  });
  bar.addEventListener('keydown', (event) => {
    const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (way === 0) return;
    event.preventDefault();
    event.stopPropagation();
    set(options.read() + way * KEY_STEP * (options.rightSide ? -1 : 1));
  });
  announce();
  return bar;
}
