import type { Disposable } from '../../common/disposable';
import { DisposableOwner, toDisposable } from '../../common/disposable';
import { errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { RawRow } from '../../files/rawLines';
import { rowText, decodeRaw } from '../../files/rawLinesText';
import type { RawLog, RawLogState } from '../../files/rawLog';
import { RawSearch } from '../../files/rawSearch';
import type {
  ByteRange,
  GoToResult,
  LogFileHostApi,
  LogFileView,
  LogRow,
  LogRows,
  MatchView,
  OtherEditor,
  SearchView,
} from '../../protocol/logFileView';
import { findPlace } from './goTo';
import type { OpenedLog } from './openedLog';
import {
  checkBytes,
  checkOther,
  checkQuery,
  checkRows,
  checkTarget,
  checkWhole,
  MAX_COPY,
  MAX_TEXT,
} from './logRequests';
import type { RecordPlaces } from './recordPlaces';
import type { LineKinds } from './rowMarks';

/** Most matches of one answer. */
const MAX_SHOWN_MATCHES = 2000;

/** The log behind a session. */
export interface LogBehind {
  readonly name: string;
  readonly opened: Promise<OpenedLog>;
  readonly onDidReopen: Event<void>;
}

/** What a session asks of the editor around it. */
export interface LogFileActions {
  copy(text: string): Promise<void>;
  openRecord(index: number): Promise<void>;
  showStep(step: number): Promise<void>;
  openOther(editor: OtherEditor): Promise<void>;
  /** Which record stands where; opened when it is asked for the first time. */
  records(): RecordPlaces;
}

/** One page's view of a file. Everything that the page sends is checked; nothing of it is a path. */
export class LogFileSession extends DisposableOwner implements LogFileHostApi {
  private readonly changed = this.own(new Emitter<LogFileView>());
  private readonly searchChanged = this.own(new Emitter<SearchView>());
  private going = new AbortController();
  private running: RawSearch | undefined;
  private places: RecordPlaces | undefined;
  private watching: Disposable[] = [];
  private wanted: ByteRange | undefined;

  /** The file is another state, or it was opened again. */
  readonly onDidChange: Event<LogFileView> = this.changed.event;
  readonly onDidSearch: Event<SearchView> = this.searchChanged.event;

  constructor(
    private readonly behind: LogBehind,
    private readonly actions: LogFileActions,
  ) {
    super();
    this.own(behind.onDidReopen(() => void this.follow(true)));
    this.own(toDisposable(() => this.unwatch()));
    void this.follow(false);
  }

  /** What the page is to show when it asks the next time how things are. */
  wantReveal(range: ByteRange): void {
    this.wanted = range;
  }

  /** The page went there. */
  revealed(range: ByteRange): void {
    if (this.wanted === range) this.wanted = undefined;
  }

  private unwatch(): void {
    this.forget();
    for (const watched of this.watching.splice(0)) watched.dispose();
  }

  private async follow(announce: boolean): Promise<void> {
    this.unwatch();
    const { opened } = this.behind;
    try {
      const log = await opened;
      if (this.isDisposed || opened !== this.behind.opened) return;
      if ('log' in log) {
        this.watching = [
          log.log.onDidChange((state) => void this.tell(log.kinds, state)),
          // Places of the older file mean nothing any more.
          log.log.onDidBeginAnew(() => this.forget()),
        ];
        void log.kinds.then(() => this.tell(log.kinds, log.log.state));
      }
    } catch {
      // `ready` says it.
    }
    if (announce && !this.isDisposed) this.changed.fire(await this.view());
  }

  private async tell(kinds: Promise<LineKinds>, state: RawLogState): Promise<void> {
    const view = this.viewOf(await kinds, state);
    if (!this.isDisposed) this.changed.fire(view);
  }

  private forget(): void {
    this.running?.dispose();
    this.running = undefined;
    this.places?.dispose();
    this.places = undefined;
  }

  async ready(): Promise<LogFileView> {
    const view = await this.view();
    const { wanted } = this;
    if (view.status !== 'ready' || !wanted) return view;
    this.wanted = undefined;
    return { ...view, reveal: wanted };
  }

  private async view(): Promise<LogFileView> {
    try {
      const opened = await this.behind.opened;
      if ('binary' in opened) return { status: 'binary', name: this.behind.name, ...opened.binary };
      return this.viewOf(await opened.kinds, opened.log.state);
    } catch (thrown) {
      return { status: 'error', message: errorMessage(thrown) };
    }
  }

  private viewOf(kinds: LineKinds, state: RawLogState): LogFileView {
    return {
      status: 'ready',
      name: this.behind.name,
      size: state.size,
      generation: state.generation,
      lines: state.feeds,
      counted: state.counted,
      records: kinds.records,
      metrics: kinds.metrics,
      ...(kinds.label !== undefined && { format: kinds.label }),
      ...(state.failure !== undefined && { failure: state.failure }),
    };
  }

  private async openText(): Promise<Extract<OpenedLog, { log: RawLog }>> {
    const opened = await this.behind.opened;
    if ('log' in opened) return opened;
    throw new ImcotError('input', opened.binary.message);
  }

  async rows(offset: number, before: number, count: number): Promise<LogRows> {
    const { log, kinds } = await this.openText();
    const found = await log.rows(checkWhole(offset), checkRows(before), checkRows(count));
    const { markOf } = await kinds;
    const [first] = found.rows;
    const line = first && (await log.lineOf(first.start));
    return {
      rows: numbered(found.rows, line, log.state.counted, markOf),
      size: found.size,
      generation: found.generation,
    };
  }

  async text(start: number, end: number): Promise<string> {
    const [from, to] = checkBytes(start, end, MAX_TEXT);
    return decodeRaw(await (await this.openText()).log.read(from, to - from));
  }

  async search(query: unknown, from: number): Promise<SearchView> {
    const checked = checkQuery(query);
    const place = checkWhole(from);
    const { log } = await this.openText();
    this.running?.dispose();
    this.running = undefined;
    const search = new RawSearch(log, checked, place);
    this.running = search;
    search.onDidChange((state) => this.searchChanged.fire(state));
    return search.state;
  }

  async stopSearch(): Promise<void> {
    this.running?.stop();
  }

  async clearSearch(): Promise<void> {
    this.running?.dispose();
    this.running = undefined;
  }

  async nearest(offset: number, forward: boolean): Promise<MatchView | undefined> {
    return this.running?.nearest(checkWhole(offset), forward === true);
  }

  async matches(start: number, end: number): Promise<readonly ByteRange[]> {
    const [from, to] = checkBytes(start, end, Number.MAX_SAFE_INTEGER);
    return this.running?.within(from, to, MAX_SHOWN_MATCHES) ?? [];
  }

  async goTo(target: unknown): Promise<GoToResult> {
    const checked = checkTarget(target);
    const { log, kinds } = await this.openText();
    // The last wish counts.
    this.going.abort();
    this.going = new AbortController();
    const { signal } = this.going;
    const hasRecords = (await kinds).records;
    return findPlace(checked, log, hasRecords ? this.recordPlaces() : undefined, signal);
  }

  async copy(start: number, end: number): Promise<void> {
    const [from, to] = checkBytes(start, end, MAX_COPY);
    await this.actions.copy(decodeRaw(await (await this.openText()).log.read(from, to - from)));
  }

  async openRecord(start: number): Promise<void> {
    const row = await this.rowAt(checkWhole(start));
    const index = await this.recordPlaces().indexAt(row.start, rowText(row).text);
    if (index === undefined) throw new ImcotError('missing', 'No record of the log stands on this line.');
    await this.actions.openRecord(index);
  }

  async showStep(start: number): Promise<void> {
    const row = await this.rowAt(checkWhole(start));
    const mark = (await (await this.openText()).kinds).markOf(row);
    if (mark?.kind !== 'step') throw new ImcotError('missing', 'This line holds no metrics of a step.');
    await this.actions.showStep(mark.step);
  }

  async openOther(editor: unknown): Promise<void> {
    await this.actions.openOther(checkOther(editor));
  }

  private recordPlaces(): RecordPlaces {
    return (this.places ??= this.actions.records());
  }

  private async rowAt(start: number): Promise<RawRow> {
    const [row] = (await (await this.openText()).log.rows(start, 0, 1)).rows;
    if (row) return row;
    throw new ImcotError('missing', 'The file is empty.');
  }

  override dispose(): void {
    this.going.abort();
    super.dispose();
  }
}

/** Rows for the page, with the numbers of their lines as far as lines are counted. */
function numbered(
  rows: readonly RawRow[],
  firstLine: number | undefined,
  counted: number,
  markOf: LineKinds['markOf'],
): LogRow[] {
  let line = firstLine;
  return rows.map((row, at) => {
    if (at > 0 && !row.continued && line !== undefined) line++;
    const { start, end, next, continued, continues } = row;
    const mark = markOf(row);
    return {
      start,
      end,
      next,
      continued,
      continues,
      ...rowText(row),
      ...(line !== undefined && start <= counted && { line: line + 1 }),
      ...(mark && { mark }),
    };
  });
}
