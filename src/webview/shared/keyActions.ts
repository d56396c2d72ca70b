/** What keys do, by `KeyboardEvent.key`; letters in lower case. */
export type KeyTable = Readonly<Record<string, () => void>>;

/** Elements that have their own use for Enter and Space. */
const PRESSABLE = 'button, vscode-button, summary, a';

/**
 * Listens on the whole page. Keys with Control, Alt or Meta belong to the editor.
 * @param isTaken whether the element that has the focus keeps the key for itself
 */
export function listenToActions(
  plainKeys: KeyTable,
  shiftKeys: KeyTable,
  isTaken: (target: Element, key: string) => boolean,
): void {
  window.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const { target } = event;
    if (target instanceof Element) {
      if (isTaken(target, event.key)) return;
      const isPress = event.key === 'Enter' || event.key === ' ';
      if (isPress && target.closest(PRESSABLE)) return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const action = (event.shiftKey ? shiftKeys : plainKeys)[key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
