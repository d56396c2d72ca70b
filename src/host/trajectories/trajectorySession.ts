import { stat } from 'node:fs/promises';
import type { RewardFormula } from '../../analysis/rewardFormula';
import { AS_RECORDED, rewardFormula } from '../../analysis/rewardFormula';
import { boxToArray } from '../../common/boundingBox';
import type { Disposable } from '../../common/disposable';
import { DisposableOwner, toDisposable } from '../../common/disposable';
import { errorCode, errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Logger } from '../../common/logger';
import { LruCache } from '../../common/lru';
import type { ListHostApi, RowFilter, RowView } from '../../protocol/listView';
import type { SourceView, TrajectoryHostApi, TrajectoryView } from '../../protocol/trajectoryView';
import type { RecordResult } from '../../readers/reader';
import type { SourceState, TrajectorySource } from '../../readers/trajectorySource';
import type { EncodedImage } from '../../imaging/imageStore';
import type { ImageAccess } from '../images/imageAccess';
import type { ImagePlan } from '../images/resolvedImage';
import { imageFileName, imageOfView } from '../images/seenImage';
import type { OpenedSource } from './openedSource';
import { checkImageId, checkIndex, checkMaxSide, checkRange, checkRanges, checkRegion } from './pageRequests';
import { rowView } from './rowView';
import { sourceView } from './sourceView';
import { viewOfRecord } from './recordView';
import type { MadeView, Planned } from './plannedViews';
import { PlannedViews } from './plannedViews';

/** Rows kept for scrolling back; each is a few hundred bytes. */
const KEPT_ROWS = 20_000;

const NO_PICTURE = 'There is no picture for this image.';

/** Where a record stands, for opening the file there. */
export interface RecordPlace {
  readonly file: string;
  readonly index: number;
  readonly bytes: { readonly start: number; readonly end: number };
}

/** What a session asks of the editor around it. */
export interface SessionActions {
  /** Lets the person pick a folder of images; resolves to whether one was chosen. */
  chooseImageFolder(): Promise<boolean>;
  revealRecord(place: RecordPlace): Promise<void>;
  /** Shows a step of this log on the curves of its training run. */
  showInCurves(step: number): Promise<void>;
  /** Name of the formula that rewards are shown by at first; the record's own where absent, or no formula has it. */
  defaultFormula?(): string | undefined;
}

/**
 * One page's view of one source: answers what the page asks. Everything that arrives is checked; nothing that the page
 * sends is a path.
 */
export class TrajectorySession
  extends DisposableOwner
  implements Omit<TrajectoryHostApi, keyof ListHostApi | 'saveImage'>
{
  private readonly changed = this.own(new Emitter<SourceView>());
  private readonly rowCache = new LruCache<number, RowView>(KEPT_ROWS);
  /** Kept rows of rollouts that may still get events. */
  private readonly openRows = new Set<number>();
  private readonly views = new PlannedViews();
  private watched: TrajectorySource | undefined;
  private watching: Disposable | undefined;
  /** Counts how often rows became void: those that were read before must not be kept after it. */
  private voided = 0;
  private seen: SourceState | undefined;
  /** When the source was last written to, in milliseconds since 1970. */
  private writtenAt: number | undefined;
  private shown: number | undefined;
  private wanted: number | undefined;
  private narrowed: RowFilter | undefined;
  private formula: RewardFormula | undefined;

  /** The source's state changed, or another source was opened. */
  readonly onDidChangeSource: Event<SourceView> = this.changed.event;

  constructor(
    private readonly opened: OpenedSource<TrajectorySource>,
    private readonly images: ImageAccess,
    private readonly actions: SessionActions,
    private readonly logger: Logger,
  ) {
    super();
    this.own(opened.onDidReopen(() => void this.follow(true)));
    this.own(toDisposable(() => this.watching?.dispose()));
    void this.follow(false);
  }

  /** The record that the page asked for last. */
  get lastShown(): number | undefined {
    return this.shown;
  }

  /** The record that the page is to go to as soon as it listens; undefined once it went there. */
  get wantedRecord(): number | undefined {
    return this.wanted;
  }

  /** Remembers where the page is to go. */
  wantShown(index: number): void {
    this.wanted = index;
  }

  /** The page is there, or can't go there. */
  wentTo(index: number): void {
    if (this.wanted === index) this.wanted = undefined;
  }

  /** Name of the formula that rewards are worked out by; undefined where they are as the records have them. */
  get formulaName(): string | undefined {
    return this.formula?.name;
  }

  async useFormula(name?: string): Promise<string> {
    const chosen = name ?? this.actions.defaultFormula?.();
    const formula = chosen === undefined ? undefined : rewardFormula(String(chosen));
    if (formula !== this.formula) {
      this.formula = formula;
      this.forgetAll();
    }
    return formula?.name ?? AS_RECORDED;
  }

  /** Narrows the list of this page, as it is when it is loaded the next time. */
  showOnly(filter: RowFilter): void {
    this.narrowed = filter;
  }

  /** Forgets every view and row: images, and boxes beside them, may be found elsewhere now. */
  forgetImages(): void {
    this.forgetAll();
  }

  private async follow(announce: boolean): Promise<void> {
    this.forgetAll();
    const opening = this.opened.source;
    // Opening may take long, and another one may have begun meanwhile: then that one is to be followed.
    const isOver = (): boolean => this.isDisposed || opening !== this.opened.source;
    try {
      const source = await opening;
      if (isOver()) return;
      this.watching?.dispose();
      this.watched = source;
      this.seen = source.state;
      this.watching = source.onDidChange((state) => this.onState(source, state));
      if (announce) this.changed.fire(this.viewOf(source));
    } catch (thrown) {
      if (isOver()) return;
      this.logger.warn(errorMessage(thrown));
      if (announce) this.changed.fire({ status: 'error', message: errorMessage(thrown) });
    }
  }

  private onState(source: TrajectorySource, state: SourceState): void {
    if (source !== this.watched) return;
    const before = this.seen;
    this.seen = state;
    const replaced = before?.generation !== state.generation;
    const grown = before?.totalBytes !== state.totalBytes;
    // A trajectory of an event log goes on while the file grows; a line never changes once it has its end.
    // Before all is indexed growth is only more of the file coming to be known.
    if (grown && before?.complete) this.writtenAt = Date.now();
    if (replaced) {
      this.forgetAll();
      this.narrowed = undefined;
    } else if (grown && source.format === 'imcot') this.forgetOpen();
    else if (grown && before) this.forgetOne(before.records - 1);
    this.changed.fire(this.viewOf(source));
  }

  private forgetAll(): void {
    this.voided++;
    this.rowCache.clear();
    this.openRows.clear();
    this.views.forget();
  }

  /** Rollouts whose events may go on; the others' rows hold, or every new token would cost a window of records. */
  private forgetOpen(): void {
    this.voided++;
    for (const index of this.openRows) this.rowCache.delete(index);
    this.openRows.clear();
    this.views.forget();
  }

  private forgetOne(index: number): void {
    this.voided++;
    this.rowCache.delete(index);
    this.views.forget(index);
  }

  async ready(): Promise<SourceView> {
    try {
      const source = await this.opened.source;
      if (this.writtenAt === undefined) await this.dateSource(source);
      return this.viewOf(source);
    } catch (thrown) {
      return { status: 'error', message: errorMessage(thrown) };
    }
  }

  private viewOf(source: TrajectorySource): SourceView {
    return sourceView(source, this.writtenAt);
  }

  /** A rollout without an end is still going, or was left so: only the file's time tells before it grows again. */
  private async dateSource(source: TrajectorySource): Promise<void> {
    const modified = await stat(source.name).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    this.writtenAt ??= modified;
  }

  async rows(start: number, end: number): Promise<readonly RowView[]> {
    return this.rowsOf([checkRange(start, end)]);
  }

  async rowsIn(ranges: RowFilter['ranges']): Promise<readonly RowView[]> {
    return this.rowsOf(checkRanges(ranges));
  }

  private async rowsOf(ranges: ReturnType<typeof checkRanges>): Promise<readonly RowView[]> {
    const source = await this.opened.source;
    const rows: RowView[] = [];
    for (const { start, end } of ranges) {
      // One record at a time: of huge ones no more than one is held.
      for (let index = start; index < end; index++) {
        const row = this.rowCache.get(index) ?? (await this.row(source, index));
        if (!row) return rows;
        rows.push(row);
      }
    }
    return rows;
  }

  async filter(): Promise<RowFilter | undefined> {
    return this.narrowed;
  }

  async clearFilter(): Promise<void> {
    this.narrowed = undefined;
  }

  /** A row; undefined where the file ends. */
  private async row(source: TrajectorySource, index: number): Promise<RowView | undefined> {
    const { generation, records, complete } = source.state;
    // Beyond what is indexed so far the source waits until it gets there; once all is indexed nothing more will come.
    if (index >= records && complete) return undefined;
    const { voided } = this;
    const record = await recordIfThere(source, index);
    if (!record) return undefined;
    const row = await this.rowOf(index, record);
    const isCurrent = voided === this.voided && generation === source.state.generation;
    if (!isCurrent) return row;
    this.rowCache.set(index, row, 1);
    if (!isSettled(row)) this.openRows.add(index);
    return row;
  }

  private async rowOf(index: number, record: RecordResult): Promise<RowView> {
    if (record.status === 'bad') return rowView(index, record);
    const truth = await this.images.truthBoxes(record.trajectory, { quick: true });
    return rowView(index, record, truth, this.formula);
  }

  async trajectory(index: number): ReturnType<TrajectoryHostApi['trajectory']> {
    this.shown = checkIndex(index);
    this.wentTo(index);
    const planned = await this.planned(index);
    return 'view' in planned ? planned.view : planned;
  }

  /** The view of a record that is not shown by itself; undefined for one that can't be read. */
  async viewBeside(index: number): Promise<TrajectoryView | undefined> {
    const planned = await this.planned(index);
    return 'view' in planned ? planned.view : undefined;
  }

  private planned(index: number): Promise<Planned> {
    return this.views.get(index, () => this.plan(index));
  }

  private async plan(index: number): Promise<MadeView> {
    const source = await this.opened.source;
    const record = await source.record(index);
    return { planned: await viewOfRecord(index, record, this.images, this.formula), cost: costOf(record) };
  }

  async image(index: number, imageId: string, maxSide: number): ReturnType<TrajectoryHostApi['image']> {
    const side = checkMaxSide(maxSide);
    return sent(await this.images.picture(await this.pictureOf(index, imageId), side));
  }

  async imageRegion(
    index: number,
    imageId: string,
    region: readonly [number, number, number, number],
    maxSide: number,
  ): ReturnType<TrajectoryHostApi['imageRegion']> {
    const asked = checkRegion(region);
    const side = checkMaxSide(maxSide);
    const { image, box } = await this.images.region(await this.pictureOf(index, imageId), asked, side);
    return { ...sent(image), region: boxToArray(box) };
  }

  /** As the page may ask for it, with a name for its file. */
  async seenImage(
    index: number,
    imageId: string,
  ): Promise<Awaited<ReturnType<TrajectoryHostApi['image']>> & { readonly name: string }> {
    const plan = await this.pictureOf(index, imageId);
    const planned = await this.planned(index);
    const image = 'view' in planned ? imageOfView(planned.view, imageId) : undefined;
    if (!image || !('view' in planned)) throw new ImcotError('missing', NO_PICTURE);
    const seen = await this.images.seen(plan, image.resizedSize);
    return { ...sent(seen), name: imageFileName(planned.view, image) };
  }

  private async pictureOf(index: number, imageId: string): Promise<ImagePlan> {
    const record = checkIndex(index);
    const id = checkImageId(imageId);
    const planned = await this.planned(record);
    const plan = 'plans' in planned ? planned.plans.get(id) : undefined;
    if (!plan) throw new ImcotError('missing', NO_PICTURE);
    return plan;
  }

  async chooseImageFolder(): Promise<boolean> {
    return this.actions.chooseImageFolder();
  }

  async revealRecord(index: number): Promise<void> {
    const source = await this.opened.source;
    const record = await source.record(checkIndex(index));
    await this.actions.revealRecord(placeOf(index, record));
  }

  async showInCurves(index: number): Promise<void> {
    const source = await this.opened.source;
    const record = await source.record(checkIndex(index));
    const step = record.status === 'ok' ? record.trajectory.step : undefined;
    if (step === undefined)
      throw new ImcotError('missing', 'The log does not say in which step this rollout was made.');
    await this.actions.showInCurves(step);
  }
}

/**
 * A copy as a plain Uint8Array of its own: a Buffer crosses to a webview as a list of numbers, and a view takes the whole
 * memory behind it along.
 */
function sent({
  mediaType,
  bytes,
  width,
  height,
}: EncodedImage): Awaited<ReturnType<TrajectoryHostApi['image']>> {
  return { mediaType, bytes: Uint8Array.from(bytes), size: { width, height } };
}

/** Whether a rollout has all of its events: scored after its end, or ended in a way that nobody scores. */
function isSettled(row: RowView): boolean {
  if (row.status === 'bad') return false;
  return row.reward !== undefined || row.outcome === 'cancelled' || row.outcome === 'error';
}

async function recordIfThere(source: TrajectorySource, index: number): Promise<RecordResult | undefined> {
  try {
    return await source.record(index, { withPictures: false });
  } catch (thrown) {
    if (errorCode(thrown) === 'missing') return undefined;
    throw thrown;
  }
}

function costOf(record: RecordResult): number {
  return placeOf(0, record).bytes.end - placeOf(0, record).bytes.start;
}

function placeOf(index: number, record: RecordResult): RecordPlace {
  const { file, bytes } = record.status === 'ok' ? record.trajectory.origin : record;
  return { file, index, bytes };
}
