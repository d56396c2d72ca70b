import { listenToActions, type KeyTable } from '../shared/keyActions';
import type { KeyLine } from '../shared/keysDialog';

/** What keys do on the page. */
export interface KeyActions {
  stepBy(way: -1 | 1): void;
  openRollouts(): void;
  openMetrics(): void;
  toggleTable(): void;
  nextMode(): void;
  resetZoom(): void;
  zoomBy(factor: number): void;
  smoothBy(change: number): void;
  openExport(): void;
  help(): void;
  /** Escape: gives up the chosen step. */
  dismiss(): void;
}

/** The keys, for people. */
export const KEY_LINES: readonly KeyLine[] = [
  [['Left', 'Right'], 'the step before, after'],
  [['Enter'], 'open the rollouts of the step'],
  [['Escape'], 'give the step up'],
  [['M'], 'choose metrics'],
  [['T'], 'table or charts'],
  [['X'], 'steps, relative or wall time'],
  [['+', '-'], 'show less, more of the axis'],
  [['R'], 'show all of it'],
  [['S', 'Shift+S'], 'smooth more, less'],
  [['E'], 'export'],
  [['Tab'], 'to the charts, then: arrows move the crosshair, Enter chooses its step'],
  [['Tab'], 'to a line between stages, then: arrows move it, Escape gives it back'],
  [['?'], 'this help'],
];

const ZOOM = 0.6;
const SMOOTHING = 0.05;

function plain(actions: KeyActions): KeyTable {
  return {
    ArrowLeft: () => actions.stepBy(-1),
    ArrowRight: () => actions.stepBy(1),
    Enter: () => actions.openRollouts(),
    Escape: () => actions.dismiss(),
    m: () => actions.openMetrics(),
    t: () => actions.toggleTable(),
    x: () => actions.nextMode(),
    r: () => actions.resetZoom(),
    '+': () => actions.zoomBy(ZOOM),
    '=': () => actions.zoomBy(ZOOM),
    '-': () => actions.zoomBy(1 / ZOOM),
    s: () => actions.smoothBy(SMOOTHING),
    e: () => actions.openExport(),
    '?': () => actions.help(),
  };
}

function withShift(actions: KeyActions): KeyTable {
  return {
    s: () => actions.smoothBy(-SMOOTHING),
    '+': () => actions.zoomBy(ZOOM),
    '?': () => actions.help(),
  };
}

/** Listens on the whole page. */
export function listenToKeys(actions: KeyActions): void {
  listenToActions(plain(actions), withShift(actions), (target, key) => {
    if (target.closest('dialog[open]') && key !== '?') return true;
    if (target.closest('input:not([type=range], [type=checkbox]), textarea, select')) return true;
    // A slider moves by arrows.
    return target.closest('input, [role=slider], [role=separator]') !== null && key.startsWith('Arrow');
  });
}
