import type { LogFileView, OtherEditor } from '../../protocol/logFileView';
import { button } from '../shared/controls';
import { h } from '../shared/dom';
import { textBlock } from '../shared/fileText';

/** What stands in place of the text, or below it: states, failures, news. */
export class StateView {
  /** In place of the text. */
  readonly message = h('main', { class: 'state-message', hidden: true });
  /** Below the text. */
  readonly news = h('div', { class: 'news', role: 'status' });

  constructor(
    private readonly text: HTMLElement,
    private readonly open: (editor: OtherEditor) => void,
  ) {}

  /** Shows the file's state: its text, or why there is none. */
  show(view: LogFileView): void {
    const isText = view.status === 'ready';
    this.text.hidden = !isText;
    this.message.hidden = isText;
    if (view.status === 'ready') {
      if (view.failure !== undefined) this.say(view.failure);
      this.text.classList.toggle('empty', view.size === 0);
      return;
    }
    const other = view.status === 'binary' ? view.open : undefined;
    const label = other === 'dynamics' ? 'Show Training Dynamics' : 'Open as Trajectories';
    this.message.replaceChildren(
      textBlock(view.message, 'state-words'),
      ...(other === undefined ? [] : [button(label, () => this.open(other), 'primary')]),
    );
  }

  /** Says something in passing. */
  say(words: string): void {
    this.news.textContent = words;
  }

  /** Wraps long lines, or lets them run on. */
  wrap(isOn: boolean): void {
    this.text.classList.toggle('wrapped', isOn);
  }
}
