import { errorMessage } from '../../common/errors';
import type { LogFileHostApi, LogFilePageApi } from '../../protocol/logFileView';
import { registerControls } from '../shared/controls';
import { h } from '../shared/dom';
import { FindBar } from '../shared/findBar';
import { Highlights } from '../shared/highlights';
import { connectHost } from '../shared/host';
import '../shared/theme.css';
import '../shared/find.css';
import './logFile.css';
import type { LogParts } from './controller';
import { LogController } from './controller';
import { GoToBar } from './goToBar';
import { readPageState } from './pageState';
import { Palette } from './palette';
import { RowsView } from './rowsView';
import { ScrollBar } from './scrollBar';
import { StateView } from './stateView';
import { ToolBar } from './toolBar';

/** Changes within this time are written down together, in milliseconds. */
const WRITE_DELAY = 100;

/** Keys that hold wherever the focus is. */
function listenToKeys(find: FindBar, goTo: GoToBar, controller: LogController): void {
  document.addEventListener('keydown', (event) => {
    const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (isCommand && event.key === 'f') find.open();
    else if (isCommand && event.key === 'g') goTo.open();
    else if (event.key === 'F3') controller.next(!event.shiftKey);
    else if (event.altKey && event.key === 'z') controller.toggleWrap();
    else if (event.key === 'Escape' && find.isOpen) find.close();
    else return;
    event.preventDefault();
  });
}

/** Another theme has other colours for terminal text. */
function followTheme(palette: Palette, rows: RowsView): void {
  new MutationObserver(() => {
    palette.read();
    rows.redraw();
  }).observe(document.body, { attributes: true, attributeFilter: ['class'] });
}

function start(root: HTMLElement): void {
  registerControls();
  const local: Partial<LogFilePageApi> = {};
  const host = connectHost<LogFileHostApi>(local);
  const { remote } = host;
  const kept = { ...readPageState(host.readState()) };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => host.writeState({ ...kept }), WRITE_DELAY);
  };
  const palette = new Palette();
  const quietly = (work: Promise<void>): void =>
    void work.catch((thrown: unknown) => state.say(errorMessage(thrown)));
  const rows = new RowsView({
    palette,
    rows: (offset, before, count) => remote.rows(offset, before, count),
    text: (from, to) => remote.text(from, to),
    copy: (from, to) => quietly(remote.copy(from, to)),
    openRecord: (from) => quietly(remote.openRecord(from)),
    showStep: (from) => quietly(remote.showStep(from)),
    moved: () => controller.moved(),
    failed: (thrown) => state.say(errorMessage(thrown)),
  });
  const bar = new ScrollBar((offset) => controller.scrollTo(offset));
  const tools = new ToolBar({
    find: () => find.open(),
    goTo: () => goTo.open(),
    ends: (isEnd) => controller.ends(isEnd),
    wrap: () => controller.toggleWrap(),
    follow: () => controller.toggleFollow(),
    open: (editor) => quietly(remote.openOther(editor)),
  });
  const find = new FindBar(
    {
      search: (query) => void controller.find(query),
      stop: () => quietly(remote.stopSearch()),
      next: (isForward) => controller.next(isForward),
      closed: () => controller.endFind(),
    },
    'Find in the file',
  );
  const goTo = new GoToBar(
    (target) => controller.goTo(target),
    () => rows.element.focus(),
  );
  const area = h('main', { class: 'log-area' }, rows.element, bar.element, find.element, goTo.element);
  const text = h('div', { class: 'log-page', hidden: true }, tools.element, area);
  const state = new StateView(text, (editor) => quietly(remote.openOther(editor)));
  const parts: LogParts = { rows, bar, tools, find, state, highlights: new Highlights() };
  const controller = new LogController(remote, parts, kept, write);
  state.wrap(kept.wrap);
  root.replaceChildren(text, state.message, state.news);
  listenToKeys(find, goTo, controller);
  followTheme(palette, rows);
  local.changed = (view) => controller.changed(view);
  local.searched = async (view) => controller.searched(view);
  local.reveal = (range) => controller.reveal(range);
  void controller.start();
}

start(document.getElementById('root') ?? document.body);
