import type { Store } from '../shared/store';
import type { PageState } from './pageState';

/**
 * Shows or hides the boxes of the ground truth.
 * @param say tells what became of it
 */
export function toggleTruth(store: Store<PageState>, say: (words: string) => void): void {
  const { shown, truth } = store.get();
  const boxes = shown.status === 'ready' ? shown.trajectory.groundTruthBoxes?.boxes : undefined;
  if (!boxes || boxes.length === 0) return say('No ground-truth boxes are known');
  store.update({ truth: !truth });
  say(truth ? 'Ground-truth boxes hidden' : 'Ground-truth boxes shown');
}
