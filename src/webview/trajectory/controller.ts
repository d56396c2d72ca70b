import { errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type { SourceView, TrajectoryHostApi, TrajectoryPageApi } from '../../protocol/trajectoryView';
import type { Store } from '../shared/store';
import { drawnBoxes } from './drawnBoxes';
import { ImageCache } from './imageCache';
import { visibleLine } from '../shared/visibleText';
import type { PageState, Shown } from './pageState';
import { LAST_PART } from './pageState';
import { readingOrder } from './readingOrder';
import { RowCache } from './rowCache';
import { stepWords } from './words';

/** A record that is not here after this long, in milliseconds, gives way to a skeleton; a quicker one never flickers. */
const PATIENCE = 80;

/** What a person can do on the page, and what the host tells it. Views draw the store and call these. */
export class Controller implements TrajectoryPageApi {
  readonly rows: RowCache;
  readonly images: ImageCache;
  private loading: number | undefined;
  private again = false;
  /** The record that was shown last; the first one is not announced, since nobody asked for it. */
  private spoken: number | undefined;

  /**
   * @param rowsArrived called when rows of the list came
   * @param say speaks through the live region
   */
  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<TrajectoryHostApi>,
    rowsArrived: () => void,
    private readonly say: (words: string) => void,
  ) {
    this.rows = new RowCache((start, end) => host().rows(start, end), rowsArrived);
    this.images = new ImageCache((index, id, maxSide) => host().image(index, id, maxSide));
  }

  /** Tells the host that the page listens, and shows what comes. */
  async start(): Promise<void> {
    try {
      await this.sourceChanged(await this.host().ready());
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
      this.store.update({ selected: 0, part: LAST_PART });
      this.spoken = undefined;
      this.say('The file was replaced and is shown anew.');
    }
    if (!fresh && old.status === 'ready') this.rows.forgetFrom(Math.max(0, old.records - 1), source.records);
    this.keepInside(source);
    const { shown } = this.store.get();
    const current = shown.status === 'ready' ? shown.trajectory : undefined;
    if (replaced || !current || current.outcome.status === 'running') void this.load();
  }

  async imagesChanged(): Promise<void> {
    this.images.clear();
    await this.load();
  }

  async show(index: number): Promise<void> {
    this.select(index);
  }

  /** Shows a record, with the cursor after its last part. */
  select(index: number): void {
    const { source, selected } = this.store.get();
    const records = source.status === 'ready' ? source.records : 0;
    if (!Number.isSafeInteger(index) || index < 0 || index >= records || index === selected) return;
    this.store.update({ selected: index, part: LAST_PART, hovered: undefined });
    void this.load();
  }

  /** The record `delta` rows further. */
  selectNext(delta: number): void {
    this.select(this.store.get().selected + delta);
  }

  /** Puts the cursor on a part; the nearest one there is. */
  goTo(part: number): void {
    const { shown, part: old, selected } = this.store.get();
    // While another record is on its way its parts are not known: a step on the old one's would mean nothing.
    if (shown.status !== 'ready' || shown.trajectory.index !== selected) return;
    const next = Math.min(shown.steps.length, Math.max(0, part));
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

  hover(call: number | undefined): void {
    this.store.update({ hovered: call });
  }

  /** Opens the file at a record's bytes. */
  reveal(index: number): void {
    this.host()
      .revealRecord(index)
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
    const { selected } = this.store.get();
    if (selected < source.records || !source.complete) return;
    this.store.update({ selected: Math.max(0, source.records - 1), part: LAST_PART });
  }

  /** Fetches the selected record; while one is on its way the newest choice waits, those between are skipped. */
  private async load(): Promise<void> {
    if (this.loading !== undefined) {
      this.again = true;
      return;
    }
    const { source, selected } = this.store.get();
    if (source.status !== 'ready') return;
    if (source.records <= selected) {
      this.store.update({ shown: { status: source.complete ? 'empty' : 'loading' } });
      return;
    }
    this.loading = selected;
    const timer = setTimeout(() => this.store.update({ shown: { status: 'loading' } }), PATIENCE);
    const shown = await this.fetch(selected);
    clearTimeout(timer);
    this.loading = undefined;
    const stale = this.again && this.store.get().selected !== selected;
    if (!stale) this.arrive(shown);
    if (this.again) {
      this.again = false;
      void this.load();
    }
  }

  private arrive(shown: Shown): void {
    const steps = shown.status === 'ready' ? shown.steps.length : 0;
    this.store.update({ shown, part: Math.min(this.store.get().part, steps) });
    const index = shown.status === 'ready' ? shown.trajectory.index : undefined;
    if (index !== undefined && this.spoken !== undefined && index !== this.spoken && shown.status === 'ready')
      this.say(`rollout ${index + 1}: ${visibleLine(shown.trajectory.question, 160)}`);
    this.spoken = index ?? this.spoken;
  }

  private async fetch(index: number): Promise<Shown> {
    try {
      const found = await this.host().trajectory(index);
      if ('status' in found) return { status: 'bad', row: found };
      const steps = readingOrder(found);
      return { status: 'ready', trajectory: found, steps, boxes: drawnBoxes(found, steps) };
    } catch (thrown) {
      return { status: 'error', index, message: errorMessage(thrown) };
    }
  }
}
