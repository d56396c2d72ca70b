import { iconButton } from './controls';
import { h } from './dom';

/** Keys and what they do. */
export type KeyLine = readonly [keys: readonly string[], meaning: string];

/** A list of keys, over the page. */
export class KeysDialog {
  readonly element: HTMLDialogElement;

  constructor(lines: readonly KeyLine[]) {
    const rows = lines.flatMap(([keys, meaning]) => [
      h('dt', {}, ...keys.map((key) => h('kbd', {}, key))),
      h('dd', {}, meaning),
    ]);
    this.element = h(
      'dialog',
      { class: 'keys-dialog', 'aria-labelledby': 'keys-title' },
      h(
        'div',
        { class: 'dialog-head' },
        h('h2', { id: 'keys-title' }, 'Keys'),
        iconButton('close', 'Close', () => this.element.close()),
      ),
      h('dl', {}, ...rows),
    );
    closeOnBackdrop(this.element);
  }

  /** Opens or closes it. The browser keeps the focus inside and gives it back. */
  toggle(): void {
    if (this.element.open) this.element.close();
    else this.element.showModal();
  }
}

/** Closes a dialog by a press beside it. */
export function closeOnBackdrop(dialog: HTMLDialogElement): void {
  dialog.addEventListener('click', (event) => {
    // The backdrop belongs to the dialog; everything on it is a child.
    if (event.target === dialog) dialog.close();
  });
}
