import { iconButton, setEnabled } from '../shared/controls';
import { h, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import { visibleLine } from '../shared/visibleText';
import type { Controller } from './controller';
import { LiveTag } from './liveTag';
import type { PageState, Shown } from './pageState';
import { numberWords } from './words';

/** A question beyond this many UTF-16 units is cut in the heading; the tree has all of it. */
const HEADING = 400;

function heading(shown: Shown): string {
  if (shown.status === 'ready')
    return visibleLine(shown.trajectory.question, HEADING) || 'No question recorded';
  if (shown.status === 'bad') return `Record ${numberWords(shown.row.index)} can’t be read`;
  if (shown.status === 'failed') return 'Not opened';
  if (shown.status === 'empty') return 'No rollouts';
  if (shown.status === 'error') return `Record ${numberWords(shown.index)} could not be loaded`;
  return 'Loading…';
}

function tag(words: string, tone: string): HTMLElement {
  return h('bdi', { class: `tag small words tone-${tone}` }, words);
}

/** The line above the tree: the question, the record's split and step, and the way to its neighbours. */
export function headerView(store: Store<PageState>, controller: Controller, help: () => void): HTMLElement {
  const title = h('h1', { class: 'question-heading', dir: 'auto' });
  const tags = h('div', { class: 'tags' });
  const previous = iconButton('arrow-up', 'Previous rollout (Up)', () => controller.selectNext(-1));
  const next = iconButton('arrow-down', 'Next rollout (Down)', () => controller.selectNext(1));
  const raw = iconButton('code', 'Raw text (T)', () => controller.toggleRaw());
  const heat = iconButton('flame', 'Log-probabilities (P)', () => controller.toggleHeat());
  const keys = iconButton('question', 'Keys (?)', help);
  store.watch(
    (state) => state.shown,
    (shown) => {
      const words = heading(shown);
      if (title.textContent !== words) title.textContent = title.title = words;
      const trajectory = shown.status === 'ready' ? shown.trajectory : undefined;
      heat.hidden = trajectory?.tokenTrack === undefined;
      const patterns = trajectory?.patterns ?? [];
      const key = JSON.stringify([trajectory?.step, trajectory?.split, patterns.map(({ name }) => name)]);
      if (tags.dataset['key'] === key) return;
      tags.dataset['key'] = key;
      replaceContent(tags, [
        trajectory?.step !== undefined && tag(`step ${numberWords(trajectory.step)}`, 'blue'),
        trajectory?.split !== undefined && tag(visibleLine(trajectory.split.replace(/_/g, ' '), 60), 'blue'),
        ...patterns.map(({ name }) => tag(name, 'purple')),
      ]);
    },
  );
  const live = new LiveTag(store, controller);
  const move = (): void => {
    const { source, selected, order } = store.get();
    const rows = order.count(source.status === 'ready' ? source.records : 0);
    const position = order.positionOf(selected) ?? 0;
    setEnabled(previous, position > 0 && rows > 0);
    setEnabled(next, position + 1 < rows);
  };
  store.watch((state) => state.order, move);
  store.watch((state) => state.selected, move);
  store.watch((state) => state.source, move);
  for (const [slice, button] of [
    ['raw', raw],
    ['heat', heat],
  ] as const) {
    store.watch(
      (state) => state[slice],
      (on) => {
        button.setAttribute('aria-pressed', String(on));
        button.classList.toggle('pressed', on);
      },
    );
  }
  return h(
    'header',
    { class: 'tree-head' },
    title,
    tags,
    live.element,
    h('div', { class: 'head-buttons' }, heat, raw, keys, previous, next),
  );
}
