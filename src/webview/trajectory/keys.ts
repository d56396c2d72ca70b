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
  pan(dx: number, dy: number): void;
  help(): void;
  /** Escape: close what lies over the page. */
  dismiss(): void;
}

/** CSS pixels per press of Shift and an arrow. */
const PAN = 60;

function plain(actions: KeyActions): Readonly<Record<string, () => void>> {
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
    '?': () => actions.help(),
    Escape: () => actions.dismiss(),
  };
}

function withShift(actions: KeyActions): Readonly<Record<string, () => void>> {
  return {
    ArrowLeft: () => actions.pan(PAN, 0),
    ArrowRight: () => actions.pan(-PAN, 0),
    ArrowUp: () => actions.pan(0, PAN),
    ArrowDown: () => actions.pan(0, -PAN),
    '?': () => actions.help(),
    '+': () => actions.zoomIn(),
  };
}

/** Elements that have their own use for Enter. */
const PRESSABLE = 'button, vscode-button, summary, a';

/** Listens on the whole page. Keys with Control, Alt or Meta belong to the editor. */
export function listenToKeys(actions: KeyActions): void {
  const plainKeys = plain(actions);
  const shiftKeys = withShift(actions);
  window.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target instanceof Element) {
      if (target.closest('input, textarea, select, dialog[open]') && event.key !== '?') return;
      if (event.key === 'Enter' && target.closest(PRESSABLE)) return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = (event.shiftKey ? shiftKeys : plainKeys)[key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
