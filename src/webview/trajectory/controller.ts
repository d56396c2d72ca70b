import { errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type { ListPageApi, RowFilter, RowView } from '../../protocol/listView';
import type { SourceView, TrajectoryHostApi, TrajectoryPageApi } from '../../protocol/trajectoryView';
import type { Store } from '../shared/store';
import { drawnBoxes } from './drawnBoxes';
import { ImageCache } from './imageCache';
import { ListQueries } from './listQueries';
import { LivePresence } from './livePresence';
import type { LiveState } from './liveRollout';
import { withoutHalfTag } from './liveRollout';
import { visibleLine } from '../shared/visibleText';
import type { PageState, Shown } from './pageState';
import { LAST_PART } from './pageState';
import { readingOrder } from './readingOrder';
import { RowCache } from './rowCache';
import { RowOrder } from './rowOrder';
import type { Speech } from '../shared/speech';
import { countWords, endWords, stepWords } from './words';

/** A record that is not here after this long, in milliseconds, gives way to a skeleton; a quicker one never flickers. */
const PATIENCE = 80;
/** How often the words of a rollout that goes on are looked over, in milliseconds. */
const TICK = 1000;

type ReadyShown = Extract<Shown, { status: 'ready' }>;

/** What a person can do on the page, and what the host tells it. Views draw the store and call these. */
export class Controller implements Omit<TrajectoryPageApi, keyof ListPageApi> {
  readonly rows: RowCache;
  readonly images: ImageCache;
  /** What filter box and column headers ask. */
  readonly queries: ListQueries;
  private readonly presence = new LivePresence();
  private loading: number | undefined;
  private again = false;
  private reload: ReturnType<typeof setTimeout> | undefined;
  /** A rollout came behind the one that is shown while that was still going on. */
  private newer = false;
  /** Somebody, or something, has chosen a rollout since the page was opened. */
  private chosen = false;
  /** The record that was shown last; the first one is not announced, since nobody asked for it. */
  private spoken: number | undefined;

  /**
   * @param rowsArrived called when rows of the list came
   * @param speech speaks through the live region
   * @param placed whether an earlier life of the page left a place to go back to
   */
  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<TrajectoryHostApi>,
    private readonly rowsArrived: () => void,
    private readonly speech: Speech,
    private placed: boolean,
  ) {
    this.rows = new RowCache((start, end) => this.queries.rows(start, end), rowsArrived);
    this.queries = new ListQueries(store, host, this.rows, {
      say: (words) => this.say(words),
      select: (index) => this.select(index),
    });
    this.images = new ImageCache(
      (index, id, maxSide) => host().image(index, id, maxSide),
      (index, id, region, maxSide) => host().imageRegion(index, id, region, maxSide),
    );
    setInterval(() => this.tick(), TICK);
  }

  /** Says something through the live region. */
  say(words: string): void {
    this.speech.say(words);
  }

  /** Tells the host that the page listens, and shows what comes. */
  async start(): Promise<void> {
    try {
      const [source, filter, shownFormula] = await Promise.all([
        this.host().ready(),
        this.host().filter(),
        this.host().useFormula(this.store.get().formula),
      ]);
      this.store.update({ shownFormula });
      if (filter) this.narrow(filter);
      await this.sourceChanged(source);
    } catch (thrown) {
      await this.sourceChanged({ status: 'error', message: errorMessage(thrown) });
    }
  }

  async sourceChanged(source: SourceView): Promise<void> {
    const old = this.store.get().source;
    const fresh =
      source.status === 'ready' && (old.status !== 'ready' || old.generation !== source.generation);
    // Before anybody draws, and thereby asks for, what is to be forgotten.
    if (fresh) {
      this.rows.clear();
      this.images.clear();
    }
    this.store.update({ source });
    if (source.status === 'error')
      this.store.update({ shown: { status: 'failed', message: source.message } });
    if (source.status !== 'ready') return;
    const replaced = fresh && old.status === 'ready';
    if (replaced) {
      this.store.update({ selected: 0, part: LAST_PART, order: new RowOrder(undefined) });
      this.spoken = undefined;
      this.say('The file was replaced and is shown anew.');
    }
    const { order } = this.store.get();
    if (!fresh && old.status === 'ready')
      this.rows.grew(order.count(old.records) - 1, order.count(source.records), performance.now());
    this.keepInside(source);
    if (old.status === 'ready' && !replaced && source.records > old.records)
      this.newer ||= this.store.get().selected === old.records - 1;
    const { shown } = this.store.get();
    const current = shown.status === 'ready' ? shown.trajectory : undefined;
    if (replaced || !current || current.outcome.status === 'running') this.loadSoon();
    void this.placeAtLast(source);
    void this.followAppended();
  }

  /**
   * Chooses the last rollout of a file that was just opened if it is still going on: then it is what the file was opened
   * for.
   */
  private async placeAtLast(source: Extract<SourceView, { status: 'ready' }>): Promise<void> {
    if (this.placed || !source.complete) return;
    this.placed = true;
    if (source.records < 2 || !source.isEventLog || this.store.get().order.filter) return;
    if (this.queries.isActive) return;
    const isLive = await this.isRunning(source.records - 1);
    // A person may have chosen meanwhile.
    if (isLive && !this.chosen) this.select(source.records - 1);
  }

  /**
   * Goes on to a rollout that was appended and is being written, when the last one is shown, has ended, and was looked
   * at to its end.
   */
  private async followAppended(): Promise<void> {
    const { source, selected, order } = this.store.get();
    if (source.status !== 'ready' || !source.isEventLog || !this.newer || !this.isAtEnd()) return;
    const last = source.records - 1;
    if (order.positionOf(last) === undefined) return;
    this.newer = false;
    if (selected >= last || !(await this.isRunning(last))) return;
    if (this.store.get().selected === selected && this.isAtEnd()) this.select(last);
  }

  /** Whether an ended rollout is shown, with the cursor at its end, and nobody reads further up. */
  private isAtEnd(): boolean {
    const { shown, selected, part, away } = this.store.get();
    if (shown.status !== 'ready' || shown.trajectory.index !== selected) return false;
    return shown.trajectory.outcome.status !== 'running' && part >= shown.steps.length && !away;
  }

  private async isRunning(index: number): Promise<boolean> {
    const rows = await this.host()
      .rows(index, index + 1)
      .catch((): readonly RowView[] => []);
    return rows[0]?.status === 'ok' && rows[0].outcome === 'running';
  }

  /** Says that a person reads further up, or is back at the end. */
  setAway(away: boolean): void {
    if (away !== this.store.get().away) this.store.update({ away });
  }

  async imagesChanged(): Promise<void> {
    this.images.clear();
    // Boxes beside the images may be known now, and with them the IoU of a row.
    this.rows.clear();
    this.rowsArrived();
    await this.load();
  }

  async show(index: number): Promise<void> {
    if (this.queries.isActive && !(await this.queries.has(index))) this.queries.clear();
    if (!this.queries.isActive && this.store.get().order.positionOf(index) === undefined) this.clearFilter();
    this.select(index);
  }

  async showOnly(filter: RowFilter): Promise<void> {
    this.narrow(filter);
    const { total } = this.store.get().order;
    this.say(`${visibleLine(filter.label, 60)}: ${countWords(total ?? 0, 'rollout')}`);
    void this.load();
  }

  /** Shows all rewards by a formula, or as the records have them. */
  async useFormula(name: string): Promise<void> {
    await this.queries.useFormula(name);
    this.rowsArrived();
    await this.load();
  }

  private narrow(filter: RowFilter): void {
    this.rows.clear();
    this.chosen = true;
    this.store.update({ order: new RowOrder(filter) });
    this.keepInFilter();
  }

  /** Shows all records in the list again; the one that is shown stays. */
  clearFilter(): void {
    if (!this.store.get().order.filter) return;
    this.rows.clear();
    this.store.update({ order: new RowOrder(undefined) });
    this.host()
      .clearFilter()
      .catch((thrown: unknown) => this.say(errorMessage(thrown)));
    this.say('All rollouts');
  }

  /** Chooses the first record of the list where the chosen one is not in it, known yet or not. */
  private keepInFilter(): void {
    const { order, selected } = this.store.get();
    const first = order.indexAt(0);
    if (order.positionOf(selected) !== undefined || first === undefined) return;
    this.store.update({ selected: first, part: LAST_PART, hovered: undefined, live: undefined, away: false });
  }

  /** Shows a record, with the cursor after its last part. */
  select(index: number): void {
    const { source, selected } = this.store.get();
    const records = source.status === 'ready' ? source.records : 0;
    if (!Number.isSafeInteger(index) || index < 0 || index >= records || index === selected) return;
    this.chosen = true;
    this.newer = false;
    this.store.update({ selected: index, part: LAST_PART, hovered: undefined, live: undefined, away: false });
    void this.load();
  }

  /** The record `delta` rows further. */
  selectNext(delta: number): void {
    const { order, selected } = this.store.get();
    const position = order.positionOf(selected) ?? (delta > 0 ? -1 : 0);
    this.queries.selectAt(position + delta);
  }

  /** Puts the cursor on a part; the nearest one there is. */
  goTo(part: number): void {
    const { shown, part: old, selected } = this.store.get();
    // While another record is on its way its parts are not known: a step on the old one's would mean nothing.
    if (shown.status !== 'ready' || shown.trajectory.index !== selected) return;
    const next = Math.min(shown.steps.length, Math.max(0, part));
    // Whoever goes to the end of what is being written wants to stay there.
    if (next === shown.steps.length) this.setAway(false);
    if (next === old) return;
    this.store.update({ part: next });
    this.say(stepWords(next, shown.steps));
  }

  /** Moves the cursor by parts. */
  step(delta: number): void {
    this.goTo(this.store.get().part + delta);
  }

  toggleRaw(): void {
    const raw = !this.store.get().raw;
    this.store.update({ raw });
    this.say(raw ? 'Raw text' : 'Tree');
  }

  /** Shades the text by the log-probabilities of its tokens, where the file has them. */
  toggleHeat(): void {
    const heat = !this.store.get().heat;
    const { shown } = this.store.get();
    if (shown.status !== 'ready' || !shown.trajectory.tokenTrack) return;
    this.store.update({ heat });
    this.say(heat ? 'Log-probabilities shown' : 'Log-probabilities hidden');
  }

  hover(call: number | undefined): void {
    this.store.update({ hovered: call });
  }

  /** Opens the file at a record's bytes. */
  reveal(index: number): void {
    this.host()
      .revealRecord(index)
      .catch((thrown: unknown) => this.say(errorMessage(thrown)));
  }

  /** Shows a record's step on the curves of its training run. */
  showInCurves(index: number): void {
    this.host()
      .showInCurves(index)
      .catch((thrown: unknown) => this.say(errorMessage(thrown)));
  }

  /** Lets the person pick where images lie. The host says `imagesChanged` when that changes something. */
  chooseImageFolder(): void {
    this.host()
      .chooseImageFolder()
      .catch((thrown: unknown) => this.say(errorMessage(thrown)));
  }

  /** A remembered record may be beyond the end of what the file has now. */
  private keepInside(source: Extract<SourceView, { status: 'ready' }>): void {
    const { selected, order } = this.store.get();
    if (this.queries.isActive) return;
    if (order.filter) return this.keepInFilter();
    if (selected < source.records || !source.complete) return;
    this.store.update({ selected: Math.max(0, source.records - 1), part: LAST_PART });
  }

  /** Fetches the selected record again: at once, or as long after the last time as that took. */
  private loadSoon(): void {
    if (this.reload === undefined) void this.load();
  }

  /** Fetches the selected record; while one is on its way the newest choice waits, those between are skipped. */
  private async load(): Promise<void> {
    if (this.loading !== undefined) {
      this.again = true;
      return;
    }
    clearTimeout(this.reload);
    this.reload = undefined;
    const { source, selected, shown: old } = this.store.get();
    if (source.status !== 'ready') return;
    if (source.records <= selected) {
      this.store.update({ shown: { status: source.complete ? 'empty' : 'loading' } });
      return;
    }
    this.loading = selected;
    const begun = performance.now();
    // What is there already stays until its newer state has come.
    const isThere = old.status === 'ready' && old.trajectory.index === selected;
    const timer = isThere
      ? undefined
      : setTimeout(() => this.store.update({ shown: { status: 'loading' } }), PATIENCE);
    const shown = await this.fetch(selected);
    clearTimeout(timer);
    this.loading = undefined;
    const moved = this.store.get().selected !== selected;
    if (!this.again || !moved) this.arrive(shown);
    if (!this.again) return;
    this.again = false;
    if (moved) void this.load();
    // A rollout that is being written: half of the time is left to everybody else.
    else this.reload = setTimeout(() => void this.load(), performance.now() - begun);
  }

  private arrive(shown: Shown): void {
    const { shown: old, part } = this.store.get();
    const steps = shown.status === 'ready' ? shown.steps.length : 0;
    const trajectory = shown.status === 'ready' ? shown.trajectory : undefined;
    const goesOn = old.status === 'ready' && old.trajectory.index === trajectory?.index ? old : undefined;
    if (trajectory) this.presence.take(trajectory, Date.now());
    // A cursor at the end stays there while more is written.
    const atEnd = goesOn !== undefined && part >= goesOn.steps.length;
    this.store.update({ shown, part: atEnd ? steps : Math.min(part, steps), live: this.liveNow(shown) });
    if (shown.status !== 'ready') return;
    const { index, question } = shown.trajectory;
    if (goesOn) this.mention(goesOn, shown);
    else if (this.spoken !== undefined && index !== this.spoken)
      this.say(`rollout ${index + 1}: ${visibleLine(question, 160)}`);
    this.spoken = index;
    void this.followAppended();
  }

  /** Says what has happened by itself: parts that are whole now, and the end. */
  private mention(old: ReadyShown, shown: ReadyShown): void {
    if (old.trajectory.outcome.status !== 'running') return;
    const { outcome } = shown.trajectory;
    const done = shown.steps.filter(({ writing }) => !writing).length;
    const before = old.steps.filter(({ writing }) => !writing).length;
    const words = [
      ...(done > before ? [stepWords(done, shown.steps)] : []),
      ...(outcome.status === 'running' ? [] : [endWords(shown.trajectory)]),
    ];
    if (words.length > 0) this.speech.mention(words.join('. '));
  }

  private liveNow(shown: Shown): LiveState | undefined {
    if (shown.status !== 'ready') return undefined;
    return this.presence.state(shown.trajectory, this.store.get().source, Date.now());
  }

  /** Time goes by without anything coming. */
  private tick(): void {
    const { live, shown } = this.store.get();
    if (live) this.store.update({ live: this.liveNow(shown) });
  }

  private async fetch(index: number): Promise<Shown> {
    try {
      const found = await this.host().trajectory(index);
      if ('status' in found) return { status: 'bad', row: found };
      const trajectory = withoutHalfTag(found);
      const steps = readingOrder(trajectory);
      const boxes = drawnBoxes(trajectory, steps);
      return { status: 'ready', trajectory, steps, boxes, pictures: this.images.generation };
    } catch (thrown) {
      return { status: 'error', index, message: errorMessage(thrown) };
    }
  }
}
