import type { RemoteApi } from '../../common/rpc';
import type { TrajectoryHostApi, TrajectoryPageApi } from '../../protocol/trajectoryView';
import { registerControls } from '../shared/controls';
import { h } from '../shared/dom';
import { connectHost } from '../shared/host';
import { Store } from '../shared/store';
import '../shared/theme.css';
import '../shared/find.css';
import './page.css';
import './list.css';
import './listFilter.css';
import './tree.css';
import './markdown.css';
import './tokens.css';
import './stage.css';
import './details.css';
import './transport.css';
import '../shared/forcedColors.css';
import { CallNumbers } from './callNumbers';
import { Controller } from './controller';
import { CropActions } from './cropActions';
import { detailsView } from './details';
import { FindView } from './find';
import { headerView } from './header';
import { HelpView } from './help';
import { listenToKeys } from './keys';
import { Layout } from './layout';
import { ListView } from './list';
import type { PageState } from './pageState';
import { LAST_PART, readPageState, writePageState } from './pageState';
import { SiblingsView } from './siblings';
import { Replay } from './replay';
import { Speech } from '../shared/speech';
import { StageView } from './stage';
import { TransportView } from './transport';
import { TreeView } from './tree';

/** Changes within this time are written down together, in milliseconds. */
const WRITE_DELAY = 100;

function rememberState(store: Store<PageState>, write: (state: unknown) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => write(writePageState(store.get())), WRITE_DELAY);
  };
  for (const slice of [
    'selected',
    'part',
    'raw',
    'truth',
    'split',
    'order',
    'search',
    'sort',
    'frame',
    'speed',
    'formula',
  ] as const)
    store.watch((state) => state[slice], later);
}

function listen(
  controller: Controller,
  tree: TreeView,
  stage: StageView,
  layout: Layout,
  help: HelpView,
  list: ListView,
  siblings: SiblingsView,
  replay: Replay,
  crops: CropActions,
  find: FindView,
): void {
  listenToKeys({
    step: (delta) => {
      controller.step(delta);
      tree.follow();
    },
    goTo: (part) => {
      controller.goTo(part === 'first' ? 0 : LAST_PART);
      // A cursor that stands there already does not move, but may be out of sight.
      tree.follow();
    },
    selectNext: (delta) => controller.selectNext(delta),
    toggleRaw: () => controller.toggleRaw(),
    toggleHeat: () => controller.toggleHeat(),
    toggleTruth: () => stage.toggleTruth(),
    toggleFold: () => (layout.listIsOpen() ? layout.openList(false) : tree.toggleFold()),
    zoomIn: () => stage.zoomIn(),
    zoomOut: () => stage.zoomOut(),
    fit: () => stage.fit(),
    zoomToBox: () => stage.zoomToBox(),
    play: () => replay.toggle(),
    copyCrop: () => crops.atCursor('copy'),
    saveCrop: () => crops.atCursor('save'),
    stepFrame: (delta) => stage.stepFrame(delta),
    toggleSiblings: () => stage.toggleSiblings(),
    pan: (dx, dy) => stage.pan(dx, dy),
    help: () => help.toggle(),
    dismiss: () => (find.bar.isOpen ? find.bar.close() : layout.openList(false)),
    filter: () => {
      layout.openList(true);
      list.focusFilter();
    },
    sibling: (delta) => siblings.step(delta),
  });
}

/** What the host tells the page goes to the controller. */
function answerHost(local: Partial<TrajectoryPageApi>, controller: Controller): void {
  local.sourceChanged = (source) => controller.sourceChanged(source);
  local.imagesChanged = () => controller.imagesChanged();
  local.show = (index) => controller.show(index);
  local.listReading = async (reading) => controller.queries.reading(reading);
  local.showOnly = (filter) => controller.showOnly(filter);
}

/** What moves through the tree, and works on what stands in it. */
function treeTools(
  store: Store<PageState>,
  controller: Controller,
  tree: TreeView,
  host: () => RemoteApi<TrajectoryHostApi>,
): { readonly replay: Replay; readonly crops: CropActions; goTo(part: number): void } {
  const say = (words: string): void => controller.say(words);
  new CallNumbers(store, tree.element);
  const goTo = (part: number): void => {
    controller.goTo(part);
    tree.follow();
  };
  return {
    replay: new Replay(store, { goTo, say }),
    crops: new CropActions(store, host, say, tree.element),
    goTo,
  };
}

function start(root: HTMLElement): void {
  registerControls();
  const local: Partial<TrajectoryPageApi> = {};
  const host = connectHost<TrajectoryHostApi>(local);
  const stored = host.readState();
  const store = new Store<PageState>({
    source: { status: 'loading' },
    shown: { status: 'loading' },
    hovered: undefined,
    shownFormula: undefined,
    live: undefined,
    away: false,
    heat: false,
    siblings: false,
    hoveredSibling: undefined,
    playing: false,
    found: { status: 'none' },
    ...readPageState(stored),
  });
  const live = h('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' });
  const controller = new Controller(
    store,
    () => host.remote,
    () => list.rowsArrived(),
    new Speech(live),
    stored !== undefined,
  );
  const list = new ListView(store, controller);
  const siblings = new SiblingsView(store, controller, () => host.remote);
  const help = new HelpView();
  const tree = new TreeView(store, controller);
  const { replay, crops, goTo } = treeTools(store, controller, tree, () => host.remote);
  const stage = new StageView(store, controller, () => host.remote);
  const treeHead = headerView(store, controller, () => help.toggle());
  const heading = treeHead.querySelector('.question-heading') ?? treeHead;
  const find = new FindView(store, controller, tree, heading);
  const layout = new Layout(store, {
    list: list.element,
    treeHead,
    tree: h('div', { class: 'tree-area' }, tree.element, find.bar.element),
    stageHead: stage.head,
    stage: stage.window,
    stageNote: stage.note,
    details: detailsView(store, controller, siblings.element, goTo),
    transport: new TransportView(store, controller, () => replay.toggle()).element,
    help: help.element,
    live,
  });
  root.replaceChildren(layout.element);
  listen(controller, tree, stage, layout, help, list, siblings, replay, crops, find);
  rememberState(store, (state) => host.writeState(state));
  answerHost(local, controller);
  void controller.start();
}

start(document.getElementById('root') ?? document.body);
