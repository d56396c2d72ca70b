import type { Store } from '../shared/store';
import { callNumbers } from './frames';
import type { PageState } from './pageState';

/**
 * Keeps the numbers of the boxes in the tree in the frame that is chosen. To be made after the tree, so that it finds
 * what the tree has drawn.
 */
export class CallNumbers {
  constructor(
    private readonly store: Store<PageState>,
    private readonly tree: HTMLElement,
  ) {
    for (const slice of ['shown', 'raw', 'heat', 'frame'] as const) {
      store.watch(
        (state) => state[slice],
        () => this.draw(),
      );
    }
  }

  private draw(): void {
    const { shown, frame } = this.store.get();
    if (shown.status !== 'ready') return;
    const { steps, trajectory } = shown;
    for (const { part, view } of steps) {
      if (view.kind !== 'toolCall' || !view.call.box) continue;
      const place = this.tree.querySelector(`#part-${part} > .call-box .call-numbers`);
      const words = ` [${callNumbers(view.call, trajectory, frame ?? trajectory.frame) ?? ''}]`;
      if (place && place.textContent !== words) place.textContent = words;
    }
  }
}
