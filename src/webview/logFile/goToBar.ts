import type { GoToTarget } from '../../protocol/logFileView';
import { button, iconButton } from '../shared/controls';
import { h } from '../shared/dom';

const KINDS: readonly (readonly [GoToTarget['kind'], string])[] = [
  ['line', 'Line'],
  ['byte', 'Byte'],
  ['step', 'Step'],
  ['record', 'Record'],
];

/** The bar in which a person says where to go. */
export class GoToBar {
  readonly element: HTMLElement;
  private readonly input = h('input', {
    class: 'find-input',
    type: 'text',
    inputmode: 'numeric',
    'aria-label': 'Number',
    placeholder: 'Number',
  });
  private readonly kind = h(
    'select',
    { class: 'go-to-kind', 'aria-label': 'Go to' },
    KINDS.map(([value, label]) => h('option', { value }, label)),
  );
  private readonly answer = h('span', { class: 'find-count', role: 'status' });

  /** @param go resolves to a sentence where there is no such place */
  constructor(
    private readonly go: (target: GoToTarget) => Promise<string | undefined>,
    private readonly closed: () => void,
  ) {
    this.element = h(
      'form',
      { class: 'find-bar go-to-bar', hidden: true, 'aria-label': 'Go to a place in the file' },
      this.kind,
      this.input,
      button('Go', () => void this.submit(), 'primary'),
      this.answer,
      iconButton('close', 'Close (Escape)', () => this.close()),
    );
    this.element.addEventListener('submit', (event) => event.preventDefault());
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
      else if (event.key === 'Enter' && (event.target === this.input || event.target === this.kind))
        void this.submit();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  open(): void {
    this.element.hidden = false;
    this.answer.textContent = '';
    this.input.focus();
    this.input.select();
  }

  close(): void {
    this.element.hidden = true;
    this.closed();
  }

  private async submit(): Promise<void> {
    const value = Number(this.input.value.replace(/[,_\s]/g, ''));
    if (this.input.value.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
      this.answer.textContent = 'A whole number, please.';
      return;
    }
    this.answer.textContent = 'Looking…';
    const kind = KINDS.find(([name]) => name === this.kind.value)?.[0] ?? 'line';
    const reason = await this.go({ kind, value });
    this.answer.textContent = reason ?? '';
    if (reason === undefined) this.close();
  }
}
