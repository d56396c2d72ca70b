import type { Cell } from '../../analysis/compare/comparison';
import { errorCode, errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type { ComparedRow, CompareHostApi, CompareView, Side } from '../../protocol/compareView';
import type { Speech } from '../shared/speech';
import type { Store } from '../shared/store';
import { visibleLine } from '../shared/visibleText';
import { drawnBoxes } from '../trajectory/drawnBoxes';
import { ImageCache } from '../trajectory/imageCache';
import { readingOrder } from '../trajectory/readingOrder';
import type { Loaded, PageState, Visible } from './pageState';
import { RowPages } from './rowPages';
import { cellWords, verdictWords } from './words';

/** What the page does: asks the host, and puts what comes into the state. */
export class Controller {
  /** Pictures of each log. */
  readonly images: Readonly<Record<Side, ImageCache>>;
  readonly rows: RowPages;
  /** Counts queries and choices: what comes for an earlier one is too late. */
  private asked = 0;
  private chosen = 0;
  private pictures = 0;
  private generation = 0;

  constructor(
    readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<CompareHostApi>,
    rowsArrived: () => void,
    private readonly speech: Speech,
  ) {
    const cache = (side: Side): ImageCache =>
      new ImageCache(
        (index, id, maxSide) => host().image(side, index, id, maxSide),
        (index, id, region, maxSide) => host().imageRegion(side, index, id, region, maxSide),
      );
    this.images = { a: cache('a'), b: cache('b') };
    this.rows = new RowPages(async (start, end) => {
      const { found } = store.get();
      return found.status === 'ok' && 'result' in found ? host().rows(found.result, start, end) : [];
    }, rowsArrived);
  }

  async start(): Promise<void> {
    await this.changed(await this.host().ready());
  }

  async changed(view: CompareView): Promise<void> {
    this.store.update({ view });
    if (view.status !== 'ready' || view.generation === this.generation) return;
    this.generation = view.generation;
    this.pictures++;
    const { summary } = view.compared;
    this.speech.say(`${summary.pairs} pairs of ${summary.questions} questions are compared.`);
    await this.query();
  }

  async imagesChanged(): Promise<void> {
    for (const images of Object.values(this.images)) images.clear();
    this.pictures++;
    const { shown } = this.store.get();
    if (shown) await this.show(shown.row);
  }

  /** Narrows the list to an outcome; to all where it is narrowed to that already. */
  narrow(cell: Cell | undefined): void {
    const next = cell === this.store.get().cell ? undefined : cell;
    this.store.update({ cell: next });
    this.speech.say(next === undefined ? 'All rows' : `Only: ${cellWords(next)}`);
    void this.query();
  }

  search(search: string): void {
    if (search === this.store.get().search) return;
    this.store.update({ search });
    void this.query();
  }

  again(): void {
    void this.host().again();
  }

  stop(): void {
    void this.host().stop();
  }

  open(side: Side): void {
    const rollout = this.store.get().shown?.row[side];
    // What fails is told by the editor.
    if (rollout)
      this.host()
        .open(side, rollout.index)
        .catch(() => undefined);
  }

  chooseImageFolder(): void {
    this.host()
      .chooseImageFolder()
      .catch(() => undefined);
  }

  toggle(what: keyof Visible): void {
    const { visible } = this.store.get();
    const next = { ...visible, [what]: !visible[what] };
    this.store.update({ visible: next });
    const name = what === 'truth' ? 'Ground truth' : `Boxes of ${what.toUpperCase()}`;
    this.speech.say(`${name} ${next[what] ? 'shown' : 'hidden'}`);
  }

  selectNext(delta: number): void {
    const { position } = this.store.get();
    this.choose(position < 0 ? 0 : position + delta);
  }

  /** Chooses a row by its place in the list; places beyond the ends are the ends. */
  choose(position: number): void {
    const { found } = this.store.get();
    if (found.status !== 'ok' || found.count === 0) return;
    const at = Math.min(found.count - 1, Math.max(0, position));
    this.store.update({ position: at });
    void this.showAt(at);
  }

  private async query(): Promise<void> {
    const asked = ++this.asked;
    const { search: text, cell, row } = this.store.get();
    this.store.update({ found: { status: 'working' } });
    try {
      const found = await this.host().query({ text, selected: row, ...(cell && { cell }) });
      if (asked !== this.asked) return;
      this.rows.clear();
      this.store.update({ found, position: -1 });
      if (found.status === 'ok') this.choose(found.position ?? 0);
    } catch (thrown) {
      if (asked !== this.asked || errorCode(thrown) === 'cancelled') return;
      this.store.update({ found: { status: 'failed', message: errorMessage(thrown) } });
    }
  }

  private async showAt(position: number): Promise<void> {
    const chosen = ++this.chosen;
    const row = await this.rows.at(position);
    if (chosen !== this.chosen || row === undefined || typeof row === 'string') return;
    await this.show(row);
    if (chosen !== this.chosen) return;
    const sides = (['a', 'b'] as const).map(
      (side) => row[side] && `${side.toUpperCase()} ${verdictWords(row[side].correct)}`,
    );
    this.speech.say([visibleLine(row.question, 160), ...sides].filter(Boolean).join(', '));
  }

  private async show(row: ComparedRow): Promise<void> {
    const { pictures } = this;
    const loading: Loaded = { status: 'loading' };
    this.store.update({
      row: row.row,
      hovered: undefined,
      shown: { row, pictures, ...(row.a && { a: loading }), ...(row.b && { b: loading }) },
    });
    await Promise.all(
      (['a', 'b'] as const).map(async (side) => {
        const rollout = row[side];
        if (!rollout) return;
        const loaded = await this.load(side, rollout.index);
        const { shown } = this.store.get();
        if (shown?.row === row && shown.pictures === pictures)
          this.store.update({ shown: { ...shown, [side]: loaded } });
      }),
    );
  }

  private async load(side: Side, index: number): Promise<Loaded> {
    try {
      const view = await this.host().trajectory(side, index);
      if ('status' in view) return { status: 'failed', message: view.reason };
      return { status: 'ready', trajectory: view, boxes: drawnBoxes(view, readingOrder(view)) };
    } catch (thrown) {
      return { status: 'failed', message: errorMessage(thrown) };
    }
  }
}
