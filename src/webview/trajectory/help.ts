import { iconButton } from '../shared/controls';
import { h } from '../shared/dom';

const KEYS: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [['Left', 'Right'], 'one part back, forward'],
  [['Home', 'End'], 'to the question, to the last part'],
  [['Space'], 'play the replay, pause it'],
  [['Up', 'Down', 'K', 'J'], 'previous, next rollout'],
  [['PageUp', 'PageDown'], 'in the list: a page up, down'],
  [['Ctrl+Home', 'Ctrl+End'], 'in the list: to its ends'],
  [['/'], 'filter the list'],
  [['[', ']'], 'previous, next rollout of the same group'],
  [['Enter'], 'fold or unfold the part'],
  [['Ctrl+F'], 'find in the rollout, what is folded included'],
  [['F3', 'Shift+F3'], 'next, previous match'],
  [['T'], 'raw text'],
  [['P'], 'log-probabilities, where the file has them'],
  [['G'], 'ground-truth boxes on the image'],
  [['+', '-', '0'], 'zoom the image in, out, fit it'],
  [['B'], 'zoom to the current box'],
  [['F', 'Shift+F'], 'next, previous coordinate frame of the boxes'],
  [['O'], 'boxes of the other rollouts of the group'],
  [['Shift+Arrows'], 'move the image'],
  [['C', 'S'], 'copy, save the crop at the cursor'],
  [['?'], 'this help'],
];

/** The list of keys, over the page. */
export class HelpView {
  readonly element: HTMLDialogElement;

  constructor() {
    const rows = KEYS.flatMap(([keys, meaning]) => [
      h('dt', {}, ...keys.map((key) => h('kbd', {}, key))),
      h('dd', {}, meaning),
    ]);
    this.element = h(
      'dialog',
      { class: 'help', 'aria-labelledby': 'help-title' },
      h(
        'div',
        { class: 'help-head' },
        h('h2', { id: 'help-title' }, 'Keys'),
        iconButton('close', 'Close', () => this.element.close()),
      ),
      h('dl', {}, ...rows),
    );
    this.element.addEventListener('click', (event) => {
      // The backdrop belongs to the dialog; everything on it is a child.
      if (event.target === this.element) this.element.close();
    });
  }

  /** Opens or closes it. The browser keeps the focus inside and gives it back. */
  toggle(): void {
    if (this.element.open) this.element.close();
    else this.element.showModal();
  }
}
