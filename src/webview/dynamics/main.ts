import type { DynamicsHostApi, DynamicsPageApi } from '../../protocol/dynamicsView';
import { registerControls } from '../shared/controls';
import { h } from '../shared/dom';
import { connectHost } from '../shared/host';
import { KeysDialog } from '../shared/keysDialog';
import { Store } from '../shared/store';
import '../shared/theme.css';
import '../shared/dialogs.css';
import './page.css';
import './topBar.css';
import './side.css';
import './legend.css';
import './picker.css';
import './table.css';
// Last: it takes back what the others say.
import './narrow.css';
import { Speech } from '../shared/speech';
import { ChartsView } from './chartsView';
import { focusRun } from './chartPlan';
import { Controller } from './controller';
import { KEY_LINES, listenToKeys } from './keys';
import { layout } from './layout';
import { Legend } from './legend';
import { Menu } from './menu';
import { MetricPicker } from './metricPicker';
import type { PageState } from './pageState';
import { firstState } from './pageState';
import type { Remembered } from './remembered';
import { writePageState } from './remembered';
import { sidePanel } from './sidePanel';
import { runsOf } from './stackBuilder';
import { TableView } from './tableView';
import { topBar } from './topBar';
import { nextMode } from './xModes';

/** Changes within this time are written down together, in milliseconds. */
const WRITE_DELAY = 100;

const REMEMBERED: readonly (keyof Remembered)[] = [
  'x',
  'smoothing',
  'charts',
  'keys',
  'logarithmic',
  'hidden',
  'focus',
  'band',
  'table',
  'range',
  'boundaries',
  'split',
];

function rememberState(store: Store<PageState>, write: (state: unknown) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => write(writePageState(store.get())), WRITE_DELAY);
  };
  for (const slice of REMEMBERED) store.watch((state) => state[slice], later);
}

interface Opened {
  readonly picker: MetricPicker;
  readonly help: KeysDialog;
  readonly menu: Menu;
}

function listen(store: Store<PageState>, controller: Controller, { picker, help, menu }: Opened): void {
  const whenReady = (act: () => void) => (): void => {
    if (store.get().view.status === 'ready') act();
  };
  listenToKeys({
    stepBy: (way) => controller.stepBy(way),
    openRollouts: () => {
      const { details } = store.get();
      const run = focusRun(runsOf(store.get()), store.get());
      if (run && details?.run === run.id && details.rollouts?.status === 'ready')
        controller.openRollouts(run.id, details.step);
    },
    openMetrics: whenReady(() => picker.open()),
    toggleTable: whenReady(() => controller.showTable(!store.get().table)),
    nextMode: () => controller.setX(nextMode(store.get())),
    resetZoom: () => controller.zoom(undefined),
    zoomBy: (factor) => controller.zoomBy(factor),
    smoothBy: (change) => controller.setSmoothing(Number((store.get().smoothing + change).toFixed(2))),
    openExport: whenReady(() => menu.toggle()),
    help: () => help.toggle(),
    dismiss: () => controller.select(undefined),
  });
}

function start(root: HTMLElement): void {
  registerControls();
  const local: Partial<DynamicsPageApi> = {};
  const host = connectHost<DynamicsHostApi>(local);
  const store = new Store<PageState>(firstState(host.readState()));
  const live = h('div', { class: 'visually-hidden', 'aria-live': 'polite', role: 'status' });
  const controller = new Controller(store, () => host.remote, new Speech(live));
  const picker = new MetricPicker(store, controller);
  const help = new KeysDialog(KEY_LINES);
  const charts = new ChartsView(store, controller, () => picker.open());
  const save = (kind: 'png' | 'svg') => (): void =>
    void controller.savePicture(kind, () => charts.picture(kind));
  const menu = new Menu('Export', 'export', [
    { label: 'PNG', hint: 'the charts as a picture', choose: save('png') },
    { label: 'SVG', hint: 'the charts as a drawing', choose: save('svg') },
    { label: 'CSV', hint: 'all points of the charts', choose: () => void controller.saveTable() },
  ]);
  const bar = topBar(store, controller, {
    openMetrics: () => picker.open(),
    exportMenu: menu.element,
    help: () => help.toggle(),
  });
  const page = layout(store, controller, {
    bar,
    charts: charts.element,
    table: new TableView(store, controller, () => host.remote).element,
    side: sidePanel(store, controller, new Legend(store, controller).element),
    dialogs: [picker.element, help.element],
    live,
  });
  root.replaceChildren(page);
  listen(store, controller, { picker, help, menu });
  rememberState(store, (state) => host.writeState(state));
  local.changed = (view) => controller.changed(view);
  local.showStep = (step) => controller.showStep(step);
  void controller.start();
}

start(document.getElementById('root') ?? document.body);
