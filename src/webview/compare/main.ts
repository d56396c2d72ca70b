import type { CompareHostApi, ComparePageApi } from '../../protocol/compareView';
import { registerControls } from '../shared/controls';
import { h, replaceContent } from '../shared/dom';
import { connectHost } from '../shared/host';
import { KeysDialog } from '../shared/keysDialog';
import { Speech } from '../shared/speech';
import { splitter } from '../shared/splitter';
import { Store } from '../shared/store';
import '../shared/theme.css';
import '../shared/dialogs.css';
import '../trajectory/list.css';
import '../trajectory/stage.css';
import './compare.css';
import './side.css';
import '../shared/forcedColors.css';
import { Controller } from './controller';
import { questionView, sideView } from './detail';
import { KEY_LINES, listenToKeys } from './keys';
import { CompareList } from './list';
import type { PageState } from './pageState';
import { readPageState, writePageState } from './pageState';
import { CompareStage } from './stage';
import { stateMessage } from './states';
import { headView, summaryView } from './summary';

/** Changes within this time are written down together, in milliseconds. */
const WRITE_DELAY = 100;
/** Narrowest list and narrowest rest, as fractions of the width. */
const [LEAST, MOST] = [0.18, 0.6];

function rememberState(store: Store<PageState>, write: (state: unknown) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => write(writePageState(store.get())), WRITE_DELAY);
  };
  for (const slice of ['row', 'cell', 'search', 'visible', 'split'] as const)
    store.watch((state) => state[slice], later);
}

function layout(
  controller: Controller,
  list: CompareList,
  stage: CompareStage,
  help: () => void,
): HTMLElement {
  const { store } = controller;
  const state = h('div', { class: 'compare-state' });
  const body = h('div', { class: 'compare-body' });
  const bar = splitter(body, {
    label: 'Width of the list',
    read: () => store.get().split,
    write: (fraction) => store.update({ split: Math.min(MOST, Math.max(LEAST, fraction)) }),
    rightSide: false,
  });
  const detail = h(
    'div',
    { class: 'compare-detail' },
    bar,
    questionView(controller),
    stage.element,
    h('div', { class: 'compare-sides' }, sideView('a', controller), sideView('b', controller)),
  );
  body.append(h('div', { class: 'compare-left' }, summaryView(controller), list.element), detail);
  store.watch(
    ({ split }) => split,
    (split) => body.style.setProperty('--list-width', `${split * 100}%`),
  );
  store.watch(
    ({ found }) => found,
    (found) => detail.classList.toggle('empty', found.status === 'ok' && found.count === 0),
  );
  store.watch(
    ({ view }) => view,
    (view) => {
      const isReady = view?.status === 'ready';
      body.classList.toggle('hidden', !isReady);
      state.classList.toggle('hidden', isReady);
      replaceContent(state, stateMessage(view, controller));
    },
  );
  return h('main', { class: 'compare-page' }, headView(controller, help), state, body);
}

function start(root: HTMLElement): void {
  registerControls();
  const local: Partial<ComparePageApi> = {};
  const host = connectHost<CompareHostApi>(local);
  const store = new Store<PageState>({
    view: undefined,
    found: { status: 'none' },
    position: -1,
    shown: undefined,
    hovered: undefined,
    ...readPageState(host.readState()),
  });
  const live = h('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' });
  const controller: Controller = new Controller(
    store,
    () => host.remote,
    () => list.arrived(),
    new Speech(live),
  );
  const list = new CompareList(controller);
  const stage = new CompareStage(controller);
  const dialog = new KeysDialog(KEY_LINES);
  const help = (): void => dialog.toggle();
  root.replaceChildren(layout(controller, list, stage, help), dialog.element, live);
  listenToKeys(controller, list, stage, help);
  rememberState(store, (state) => host.writeState(state));
  local.changed = (view) => controller.changed(view);
  local.imagesChanged = () => controller.imagesChanged();
  void controller.start();
}

start(document.getElementById('root') ?? document.body);
