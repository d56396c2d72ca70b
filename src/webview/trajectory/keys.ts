import { listenToActions, type KeyTable } from '../shared/keyActions';

/** What keys do on the page. */
export interface KeyActions {
  step(delta: number): void;
  goTo(part: 'first' | 'last'): void;
  selectNext(delta: number): void;
  toggleRaw(): void;
  toggleHeat(): void;
  toggleTruth(): void;
  toggleFold(): void;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  zoomToBox(): void;
  copyCrop(): void;
  saveCrop(): void;
  /** Plays or pauses the replay. */
  play(): void;
  /** Tells boxes in the next or previous coordinate frame. */
  stepFrame(delta: number): void;
  /** Boxes of the other rollouts of the group. */
  toggleSiblings(): void;
  pan(dx: number, dy: number): void;
  help(): void;
  /** Into the filter box of the list. */
  filter(): void;
  /** The next or previous rollout of the same group. */
  sibling(delta: number): void;
  /** Escape: close what lies over the page. */
  dismiss(): void;
}

/** CSS pixels per press of Shift and an arrow. */
const PAN = 60;

function plain(actions: KeyActions): KeyTable {
  return {
    ArrowLeft: () => actions.step(-1),
    ArrowRight: () => actions.step(1),
    Home: () => actions.goTo('first'),
    End: () => actions.goTo('last'),
    ArrowUp: () => actions.selectNext(-1),
    ArrowDown: () => actions.selectNext(1),
    k: () => actions.selectNext(-1),
    j: () => actions.selectNext(1),
    t: () => actions.toggleRaw(),
    p: () => actions.toggleHeat(),
    g: () => actions.toggleTruth(),
    Enter: () => actions.toggleFold(),
    '+': () => actions.zoomIn(),
    '=': () => actions.zoomIn(),
    '-': () => actions.zoomOut(),
    '0': () => actions.fit(),
    b: () => actions.zoomToBox(),
    ' ': () => actions.play(),
    c: () => actions.copyCrop(),
    s: () => actions.saveCrop(),
    f: () => actions.stepFrame(1),
    o: () => actions.toggleSiblings(),
    '/': () => actions.filter(),
    '[': () => actions.sibling(-1),
    ']': () => actions.sibling(1),
    '?': () => actions.help(),
    Escape: () => actions.dismiss(),
  };
}

function withShift(actions: KeyActions): KeyTable {
  return {
    ArrowLeft: () => actions.pan(PAN, 0),
    ArrowRight: () => actions.pan(-PAN, 0),
    ArrowUp: () => actions.pan(0, PAN),
    ArrowDown: () => actions.pan(0, -PAN),
    f: () => actions.stepFrame(-1),
    '/': () => actions.filter(),
    '?': () => actions.help(),
    '+': () => actions.zoomIn(),
  };
}

/** Listens on the whole page. */
export function listenToKeys(actions: KeyActions): void {
  listenToActions(
    plain(actions),
    withShift(actions),
    (target, key) => target.closest('input, textarea, select, dialog[open]') !== null && key !== '?',
  );
}
