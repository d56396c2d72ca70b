import { listenToActions } from '../shared/keyActions';
import type { KeyLine } from '../shared/keysDialog';
import type { CompareList } from './list';
import type { Controller } from './controller';
import type { CompareStage } from './stage';

/** CSS pixels per press of Shift and an arrow. */
const PAN = 60;

/** The keys, for people. */
export const KEY_LINES: readonly KeyLine[] = [
  [['Up', 'Down'], 'the question before, after (also k, j)'],
  [['Home', 'End'], 'the first, the last question'],
  [['/'], 'filter the list'],
  [['A', 'B'], 'open the rollout of A, of B in its editor'],
  [['1', '2'], 'show or hide the boxes of A, of B'],
  [['G'], 'show or hide the ground truth'],
  [['Z'], 'zoom to the boxes'],
  [['+', '-', '0'], 'zoom in, out, fit the picture'],
  [['Shift+Arrows'], 'move the picture'],
  [['?'], 'this help'],
];

/** Listens on the whole page. */
export function listenToKeys(
  controller: Controller,
  list: CompareList,
  stage: CompareStage,
  help: () => void,
): void {
  const plain = {
    ArrowUp: () => controller.selectNext(-1),
    ArrowDown: () => controller.selectNext(1),
    k: () => controller.selectNext(-1),
    j: () => controller.selectNext(1),
    Home: () => controller.choose(0),
    End: () => controller.choose(Number.MAX_SAFE_INTEGER),
    '/': () => list.focusFilter(),
    a: () => controller.open('a'),
    b: () => controller.open('b'),
    '1': () => controller.toggle('a'),
    '2': () => controller.toggle('b'),
    g: () => controller.toggle('truth'),
    '+': () => stage.zoomBy(1),
    '=': () => stage.zoomBy(1),
    '-': () => stage.zoomBy(-1),
    '0': () => stage.fit(),
    z: () => stage.zoomToBoxes(),
    '?': help,
  };
  const shifted = {
    ArrowLeft: () => stage.pan(PAN, 0),
    ArrowRight: () => stage.pan(-PAN, 0),
    ArrowUp: () => stage.pan(0, PAN),
    ArrowDown: () => stage.pan(0, -PAN),
    '/': () => list.focusFilter(),
    '+': () => stage.zoomBy(1),
    '?': help,
  };
  listenToActions(
    plain,
    shifted,
    (target, key) => target.closest('input, textarea, select, dialog[open]') !== null && key !== '?',
  );
}
