/** What the pointer does to the stage. Points and distances in CSS pixels of the window. */
export interface PointerActions {
  zoom(factor: number, point: { readonly x: number; readonly y: number }): void;
  pan(dx: number, dy: number): void;
  fit(): void;
}

/** Zoom per CSS pixel of wheel travel, as an exponent: a notch of 100 px is about 1.2. */
const WHEEL_ZOOM = 0.0018;
/** Lines and pages of a wheel, in CSS pixels. */
const WHEEL_UNIT: readonly number[] = [1, 20, 400];

/** Wires wheel, drag and double click. */
export function followPointer(window: HTMLElement, actions: PointerActions): void {
  window.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const frame = window.getBoundingClientRect();
      const travel = event.deltaY * (WHEEL_UNIT[event.deltaMode] ?? 1);
      actions.zoom(Math.exp(-travel * WHEEL_ZOOM), {
        x: event.clientX - frame.left,
        y: event.clientY - frame.top,
      });
    },
    { passive: false },
  );
  let last: { x: number; y: number } | undefined;
  window.addEventListener('pointerdown', (event) => {
    const onControl = event.target instanceof Element && event.target.closest('vscode-button');
    if (event.button !== 0 || onControl) return;
    last = { x: event.clientX, y: event.clientY };
  });
  window.addEventListener('pointermove', (event) => {
    if (!last || (event.buttons & 1) === 0) {
      last = undefined;
      return;
    }
    const dx = event.clientX - last.x;
    const dy = event.clientY - last.y;
    if (!window.hasPointerCapture(event.pointerId)) {
      // Captured only once it moves: a mere click must reach the box under it.
      if (Math.hypot(dx, dy) < 3) return;
      window.setPointerCapture(event.pointerId);
      window.classList.add('dragging');
    }
    actions.pan(dx, dy);
    last = { x: event.clientX, y: event.clientY };
  });
  const end = (): void => {
    last = undefined;
    window.classList.remove('dragging');
  };
  window.addEventListener('pointerup', end);
  window.addEventListener('pointercancel', end);
  window.addEventListener('dblclick', () => actions.fit());
}
