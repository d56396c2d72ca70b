import type { LogFileView, OtherEditor } from '../../protocol/logFileView';
import { button, iconButton } from '../shared/controls';
import { h, icon } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { Toggle } from '../shared/toggle';

type ReadyView = Extract<LogFileView, { status: 'ready' }>;

/** What the bar asks for. */
export interface ToolActions {
  find(): void;
  goTo(): void;
  ends(isEnd: boolean): void;
  wrap(): void;
  follow(): void;
  open(editor: OtherEditor): void;
}

const figure = (value: number): string => value.toLocaleString('en-US');

function sizeWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let [value, at] = [bytes, 0];
  for (; value >= 1000 && at < units.length - 1; at++) value /= 1000;
  return `${at === 0 ? figure(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[at] ?? ''}`;
}

function lineWords({ lines, counted, size }: ReadyView): string {
  if (counted >= size) return `${figure(lines)} line${lines === 1 ? '' : 's'}`;
  const percent = size === 0 ? 100 : Math.floor((100 * counted) / size);
  return `${figure(lines)} lines so far (${percent} %)`;
}

/** The bar above the text: what the file is, and what can be done with it. */
export class ToolBar {
  readonly element: HTMLElement;
  private readonly facts = h('div', { class: 'facts' });
  private readonly others = h('div', { class: 'others' });
  private readonly wrap: Toggle;
  private readonly follow: Toggle;
  private offered = '';

  constructor(private readonly actions: ToolActions) {
    this.wrap = new Toggle('Wrap lines (Alt+Z)', icon('word-wrap'), () => actions.wrap());
    this.follow = new Toggle('Follow the end as the file grows', icon('fold-down'), () => actions.follow());
    this.element = h(
      'header',
      { class: 'tool-bar' },
      this.facts,
      this.others,
      h(
        'div',
        { class: 'tools', role: 'toolbar', 'aria-label': 'View' },
        iconButton('search', 'Find (Ctrl+F)', () => actions.find()),
        iconButton('symbol-numeric', 'Go to line, byte, step or record (Ctrl+G)', () => actions.goTo()),
        iconButton('arrow-up', 'First line (Home)', () => actions.ends(false)),
        iconButton('arrow-down', 'Last line (End)', () => actions.ends(true)),
        this.wrap.element,
        this.follow.element,
      ),
    );
  }

  /** Shows the file's state. */
  show(view: ReadyView): void {
    const format = view.format === undefined ? [] : [h('span', { class: 'fact' }, view.format)];
    this.facts.replaceChildren(
      h('h1', { class: 'file-name' }, textLine(view.name)),
      ...format,
      h('span', { class: 'fact number' }, sizeWords(view.size)),
      h('span', { class: 'fact number' }, lineWords(view)),
    );
    const key = `${view.records} ${view.metrics}`;
    if (key === this.offered) return;
    this.offered = key;
    this.others.replaceChildren(
      ...(view.records ? [button('Open as Trajectories', () => this.actions.open('trajectories'))] : []),
      ...(view.metrics ? [button('Show Training Dynamics', () => this.actions.open('dynamics'))] : []),
    );
  }

  /** Shows which switches are on. */
  set(wrap: boolean, follow: boolean): void {
    this.wrap.set(wrap);
    this.follow.set(follow);
  }
}
