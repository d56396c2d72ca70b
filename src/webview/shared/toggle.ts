import { h } from '../shared/dom';

/** A button that is on or off. */
export class Toggle {
  readonly element: HTMLButtonElement;

  constructor(label: string, content: Node | string, press: () => void, className = '') {
    this.element = h(
      'button',
      {
        class: `toggle ${className}`,
        type: 'button',
        title: label,
        'aria-label': label,
        'aria-pressed': 'false',
        onclick: press,
      },
      content,
    );
  }

  get isOn(): boolean {
    return this.element.getAttribute('aria-pressed') === 'true';
  }

  /** Shows it on or off. */
  set(isOn: boolean): void {
    this.element.setAttribute('aria-pressed', String(isOn));
  }
}
