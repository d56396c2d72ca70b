import { errorCode, errorMessage } from '../../common/errors';
import type {
  ByteRange,
  GoToTarget,
  LogFileHostApi,
  LogFileView,
  MatchView,
  SearchQuery,
  SearchView,
} from '../../protocol/logFileView';
import type { RemoteApi } from '../../common/rpc';
import type { FindBar } from '../shared/findBar';
import type { Highlights } from '../shared/highlights';
import { findState } from './findWords';
import { rangesOfMatches } from './matchRanges';
import type { RowsView } from './rowsView';
import type { ScrollBar } from './scrollBar';
import type { StateView } from './stateView';
import type { ToolBar } from './toolBar';

/** The parts that the controller moves. */
export interface LogParts {
  readonly rows: RowsView;
  readonly bar: ScrollBar;
  readonly tools: ToolBar;
  readonly find: FindBar;
  readonly state: StateView;
  readonly highlights: Highlights;
}

/** What the page keeps. */
export interface KeptState {
  top: number;
  wrap: boolean;
  follow: boolean;
}

/** Turns what the extension host tells and what a person wants into what the parts show. */
export class LogController {
  private view: LogFileView | undefined;
  private search: SearchView | undefined;
  private match: MatchView | undefined;
  private isWaitingForFirst = false;
  private searchCount = 0;
  private scroll: number | undefined;
  private isScrolling = false;
  private drawn = 0;
  private stepping: Promise<void> = Promise.resolve();

  constructor(
    private readonly remote: RemoteApi<LogFileHostApi>,
    private readonly parts: LogParts,
    private readonly kept: KeptState,
    private readonly write: () => void,
  ) {}

  /** Asks how things are, and goes to where the page was. */
  async start(): Promise<void> {
    try {
      await this.changed(await this.remote.ready());
    } catch (thrown) {
      this.parts.state.say(errorMessage(thrown));
    }
  }

  private get ready(): Extract<LogFileView, { status: 'ready' }> | undefined {
    return this.view?.status === 'ready' ? this.view : undefined;
  }

  /** The file is in another state. */
  async changed(view: LogFileView): Promise<void> {
    const before = this.ready;
    this.view = view;
    this.parts.state.show(view);
    if (view.status !== 'ready') return;
    const { rows, tools } = this.parts;
    const wasAtEnd = rows.isAtEnd;
    tools.show(view);
    tools.set(this.kept.wrap, this.kept.follow);
    if (!before) {
      if (this.kept.follow) await rows.goTo(view.size, 'end');
      else await rows.goTo(Math.min(this.kept.top, view.size), 'top');
    } else if (before.generation !== view.generation) {
      this.parts.state.say('The file was replaced or became shorter. It is shown anew.');
      this.forgetSearch();
      rows.highlight(undefined);
      await rows.goTo(0, 'top');
    } else {
      await rows.refresh(view.size, view.counted);
      if (this.kept.follow && (wasAtEnd || view.size > before.size)) await rows.goTo(view.size, 'end');
    }
    if (view.reveal) await this.reveal(view.reveal);
    this.moved();
  }

  /** Shows bytes that somebody asked for. */
  async reveal(range: ByteRange): Promise<void> {
    this.setFollow(false);
    this.parts.rows.highlight(range);
    await this.parts.rows.reveal(range);
  }

  /** Other rows are in the window. */
  moved(): void {
    cancelAnimationFrame(this.drawn);
    this.drawn = requestAnimationFrame(() => {
      const { rows, bar } = this.parts;
      const { range } = rows;
      bar.show(range, this.ready?.size ?? 0);
      if (range.end > 0) this.kept.top = range.start;
      this.write();
      void this.drawMatches(range);
    });
  }

  private async drawMatches(range: ByteRange): Promise<void> {
    const { rows, highlights } = this.parts;
    if (!this.search || this.search.count === 0) return highlights.clear();
    const matches = await this.remote.matches(range.start, range.end);
    const painted = rangesOfMatches(rows.visible, matches, this.match);
    highlights.show(painted.all, painted.current);
  }

  /** A person drags the scroll bar: the last place counts, one is read at a time. */
  scrollTo(offset: number): void {
    this.scroll = offset;
    if (this.isScrolling) return;
    this.isScrolling = true;
    const run = async (): Promise<void> => {
      while (this.scroll !== undefined) {
        const wanted = this.scroll;
        this.scroll = undefined;
        const size = this.ready?.size ?? 0;
        const { start, end } = this.parts.rows.range;
        const isLast = wanted >= size - (end - start);
        await this.parts.rows.goTo(isLast ? size : wanted, isLast ? 'end' : 'top');
      }
      this.isScrolling = false;
    };
    this.setFollow(false);
    void run();
  }

  /** Goes to the file's beginning or end. */
  ends(isEnd: boolean): void {
    void this.parts.rows.goTo(isEnd ? (this.ready?.size ?? 0) : 0, isEnd ? 'end' : 'top');
  }

  toggleWrap(): void {
    this.kept.wrap = !this.kept.wrap;
    const { start } = this.parts.rows.range;
    this.parts.state.wrap(this.kept.wrap);
    this.parts.tools.set(this.kept.wrap, this.kept.follow);
    void this.parts.rows.goTo(start, 'top');
    this.write();
  }

  setFollow(isOn: boolean): void {
    if (this.kept.follow === isOn) return;
    this.kept.follow = isOn;
    this.parts.tools.set(this.kept.wrap, isOn);
    this.write();
    if (isOn) this.ends(true);
  }

  toggleFollow(): void {
    this.setFollow(!this.kept.follow);
  }

  /** Begins to search from what is in the window. */
  async find(query: SearchQuery): Promise<void> {
    const count = ++this.searchCount;
    this.forgetSearch();
    if (query.text === '') {
      await this.remote.clearSearch();
      return;
    }
    this.isWaitingForFirst = true;
    try {
      const view = await this.remote.search(query, this.parts.rows.range.start);
      if (count === this.searchCount) this.searched(view);
    } catch (thrown) {
      if (count === this.searchCount) this.parts.find.tell({ words: errorMessage(thrown), isFailed: true });
    }
  }

  /** How the search stands. */
  searched(view: SearchView): void {
    if (!this.parts.find.isOpen && this.search === undefined) return;
    const isFirst = view.count > 0 && this.isWaitingForFirst;
    const isEnd = view.status === 'done' && this.search?.status !== 'done';
    this.search = view;
    this.parts.find.tell(findState(view, this.match));
    this.parts.bar.mark(view.marks);
    if (isFirst) {
      this.isWaitingForFirst = false;
      const { start } = this.parts.rows.range;
      this.stepping = this.stepping.then(() => this.step(true, start));
    } else if (isEnd && this.match) {
      this.number();
    } else this.moved();
  }

  /** Goes to the next match, or the one before. */
  next(isForward: boolean): void {
    // One after the other: each begins where the one before has led.
    this.stepping = this.stepping.then(() => {
      const from = this.match ? this.match.start + (isForward ? 1 : 0) : this.parts.rows.range.start;
      return this.step(isForward, from);
    });
  }

  /** Once all is looked through, the number of the match that a person is at is known. */
  private number(): void {
    this.stepping = this.stepping.then(async () => {
      const match = this.match && (await this.remote.nearest(this.match.start, true));
      if (match && match.start === this.match?.start) this.atMatch(match);
    });
    this.stepping = this.stepping.catch(() => undefined);
  }

  private async step(isForward: boolean, from: number): Promise<void> {
    const count = this.searchCount;
    try {
      const match = await this.remote.nearest(from, isForward);
      if (!match || count !== this.searchCount) return;
      this.setFollow(false);
      this.atMatch(match);
      await this.parts.rows.reveal(match);
    } catch (thrown) {
      this.parts.state.say(errorMessage(thrown));
    }
  }

  private atMatch(match: MatchView): void {
    this.match = match;
    if (this.search) this.parts.find.tell(findState(this.search, match));
  }

  /** The find bar was closed. */
  endFind(): void {
    this.searchCount++;
    this.forgetSearch();
    void this.remote.clearSearch();
    this.parts.rows.element.focus();
  }

  private forgetSearch(): void {
    this.search = undefined;
    this.match = undefined;
    this.isWaitingForFirst = false;
    this.parts.find.tell(undefined);
    this.parts.bar.mark([]);
    this.parts.highlights.clear();
  }

  /** Goes to a place; resolves to a sentence where there is none. */
  async goTo(target: GoToTarget): Promise<string | undefined> {
    try {
      const found = await this.remote.goTo(target);
      if ('reason' in found) return found.reason;
      await this.reveal(found);
      return undefined;
    } catch (thrown) {
      return errorCode(thrown) === 'cancelled' ? 'Stopped.' : errorMessage(thrown);
    }
  }
}
