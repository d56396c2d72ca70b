import { errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type {
  CurveId,
  DynamicsHostApi,
  DynamicsPageApi,
  DynamicsView,
  XMode,
} from '../../protocol/dynamicsView';
import type { Store } from '../shared/store';
import type { Speech } from '../shared/speech';
import { CardSource } from './cardSource';
import { ChartChoice } from './chartChoice';
import { focusRun, planCharts, visibleRuns } from './chartPlan';
import { CurveSource } from './curveSource';
import type { PageState } from './pageState';
import { MOST_SMOOTHING } from './remembered';
import { detailsWords, openedWords } from './speakStages';
import { boundarySteps, extentOf, placeOf, runsOf, stepNear } from './stackBuilder';
import { StepSource } from './stepSource';
import { modeWords, nameLine, stepWords } from './words';

/** What a person can do on the page, and what the host tells it. Views draw the store and call these. */
export class Controller implements DynamicsPageApi {
  /** Which charts are shown. */
  readonly charts: ChartChoice;
  private readonly curves: CurveSource;
  private readonly steps: StepSource;
  private readonly cards: CardSource;
  private announced = false;
  /** The chosen step shall be brought into the range once its place is known. */
  private reveal = false;

  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<DynamicsHostApi>,
    private readonly speech: Speech,
  ) {
    const failed = (thrown: unknown): void => this.fail(thrown);
    this.curves = new CurveSource(store, host, () => this.revealSelected());
    this.steps = new StepSource(
      store,
      host,
      (details) => speech.say(detailsWords(details, store.get())),
      failed,
    );
    this.cards = new CardSource(store, host, failed);
    this.charts = new ChartChoice(store, () => {
      this.curves.refresh();
      this.steps.refresh();
    });
  }

  private fail(thrown: unknown): void {
    this.speech.say(errorMessage(thrown));
  }

  /** Tells the host that the page listens, and shows what comes. */
  async start(): Promise<void> {
    try {
      await this.changed(await this.host().ready());
    } catch (thrown) {
      await this.changed({ status: 'error', message: errorMessage(thrown) });
    }
  }

  async changed(view: DynamicsView): Promise<void> {
    const { view: old } = this.store.get();
    // An answer to `ready` may come after newer news.
    if (view.status === 'ready' && old.status === 'ready' && view.generation < old.generation) return;
    this.store.update({ view });
    if (view.status !== 'ready') return;
    this.curves.refresh();
    this.steps.refresh();
    this.cards.refresh();
    const words = view.reading || this.announced ? undefined : openedWords(this.store.get());
    if (words === undefined) return;
    this.announced = true;
    this.speech.mention(words);
  }

  async showStep(step: number): Promise<void> {
    if (Number.isFinite(step)) this.select(step, true);
  }

  /** Asks for what could not be had once more. */
  reload(): void {
    this.store.update({ view: { status: 'loading' } });
    this.host()
      .reload()
      .catch((thrown: unknown) =>
        this.store.update({ view: { status: 'error', message: errorMessage(thrown) } }),
      );
  }

  /** Asks for the points once more. */
  refresh(): void {
    this.curves.refresh();
  }

  /** Chooses a step, or none. @param reveal whether it is to be brought into what is shown of the axis */
  select(step: number | undefined, reveal = false): void {
    if (step === this.store.get().selected && !reveal) return;
    this.store.update({ selected: step, ...(step === undefined && { details: undefined }) });
    this.steps.refresh();
    if (step === undefined) return;
    this.reveal = reveal;
    const { x, drawn } = this.store.get();
    if (x === 'step' && drawn) this.revealSelected();
    // Elsewhere only the host knows where the step stands.
    if (x !== 'step' || !drawn) this.curves.refresh();
  }

  /** The drawn sample before or after the chosen step; the first or last where none is chosen. */
  stepBy(way: -1 | 1): void {
    const { drawn, selected } = this.store.get();
    const run = focusRun(runsOf(this.store.get()), this.store.get());
    const lines = drawn?.charts.flatMap((chart) => chart.lines) ?? [];
    const ids = new Set(
      lines.filter((line) => line.members.some((one) => one.run === run?.id)).map(({ id }) => id),
    );
    let best: number | undefined;
    for (const { id, raw } of drawn?.response.curves ?? []) {
      if (!ids.has(id)) continue;
      for (const step of raw.steps) {
        const beyond = selected === undefined || (way > 0 ? step > selected : step < selected);
        // Without a choice one begins at an end: forward from the first, back from the last.
        if (beyond && (best === undefined || (way > 0 ? step < best : step > best))) best = step;
      }
    }
    if (best !== undefined) this.select(best, true);
  }

  private revealSelected(): void {
    const { drawn, selected, range, x } = this.store.get();
    if (!this.reveal || !drawn || selected === undefined || drawn.x !== x) return;
    const place = placeOf(drawn, selected);
    if (place === undefined) return;
    this.reveal = false;
    if (!range || (place >= range[0] && place <= range[1])) return;
    const half = (range[1] - range[0]) / 2;
    this.zoom([place - half, place + half]);
  }

  setSmoothing(smoothing: number): void {
    this.store.update({ smoothing: Math.min(MOST_SMOOTHING, Math.max(0, smoothing)) });
    this.curves.refresh();
  }

  setX(x: XMode): void {
    if (x === this.store.get().x) return;
    // A range in steps means nothing in seconds.
    this.store.update({ x, range: undefined });
    this.curves.refresh();
    this.speech.say(`The axis shows ${modeWords(x)}.`);
  }

  /** Shows a part of the axis; undefined: all of it. */
  zoom(range: readonly [number, number] | undefined): void {
    const { range: old } = this.store.get();
    if (range?.[0] === old?.[0] && range?.[1] === old?.[1]) return;
    this.store.update({ range: range && range[0] < range[1] ? range : undefined });
    this.curves.refresh();
  }

  /** Shows more or less of the axis around the chosen step or the middle. @param factor of the width */
  zoomBy(factor: number): void {
    const { drawn, range, selected } = this.store.get();
    const extent = drawn && extentOf(drawn);
    if (!drawn || !extent) return;
    const [from, to] = range ?? extent;
    const chosen = selected === undefined ? undefined : placeOf(drawn, selected);
    const middle = chosen !== undefined && chosen >= from && chosen <= to ? chosen : (from + to) / 2;
    const next = [middle - (middle - from) * factor, middle + (to - middle) * factor] as const;
    this.zoom(
      next[0] <= extent[0] && next[1] >= extent[1]
        ? undefined
        : [Math.max(next[0], extent[0]), Math.min(next[1], extent[1])],
    );
  }

  setColumns(columns: number): void {
    const whole = Math.max(1, Math.round(columns));
    if (whole === this.store.get().columns) return;
    this.store.update({ columns: whole });
    this.curves.refresh();
  }

  showTable(table: boolean): void {
    this.store.update({ table });
    this.speech.say(table ? 'Table' : 'Charts');
  }

  setSplit(split: number): void {
    this.store.update({ split: Math.min(0.6, Math.max(0.15, split)) });
  }

  private runsChanged(): void {
    this.curves.refresh();
    this.steps.refresh();
    this.cards.refresh();
  }

  /** Switches a run on or off. */
  toggleRun(id: string): void {
    const { hidden } = this.store.get();
    this.store.update({ hidden: hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id] });
    this.runsChanged();
  }

  /** Shows this run alone; all of them where it is alone already. */
  onlyRun(id: string): void {
    const state = this.store.get();
    const visible = visibleRuns(runsOf(state), state);
    const isAlone = visible.length === 1 && visible[0]?.id === id;
    const others = runsOf(state).flatMap((run) => (run.id === id ? [] : [run.id]));
    this.store.update({ hidden: isAlone ? [] : others });
    this.runsChanged();
  }

  showAllRuns(): void {
    this.store.update({ hidden: [] });
    this.runsChanged();
  }

  /** Paints the stages of this run. */
  setFocus(id: string): void {
    const { hidden } = this.store.get();
    this.store.update({ focus: id, hidden: hidden.filter((one) => one !== id) });
    this.runsChanged();
    const run = runsOf(this.store.get()).find((one) => one.id === id);
    if (run) this.speech.say(`Stages of ${nameLine(run.name)}`);
  }

  setBand(band: boolean): void {
    this.store.update({ band });
    this.curves.refresh();
  }

  /** Moves a boundary to the sample that is nearest to a place, staying between its neighbours. */
  moveBoundary(index: number, place: number, isDone: boolean): void {
    const state = this.store.get();
    const run = focusRun(runsOf(state), state);
    const step = state.drawn && stepNear(state.drawn, place);
    if (!run?.steps || step === undefined) return;
    const steps = boundarySteps(run, state);
    const least = steps[index - 1] ?? run.steps.first;
    const most = steps[index + 1] ?? run.steps.last;
    const isInside = step > least && step < most && steps[index] !== undefined;
    if (isInside && step !== steps[index]) {
      const next = steps.map((old, at) => (at === index ? step : old));
      this.store.update({ boundaries: { ...state.boundaries, [run.id]: next } });
      this.cards.refresh();
    }
    const now = boundarySteps(run, this.store.get())[index];
    if (isDone && now !== undefined) this.speech.say(`Stage ${index + 2} begins at step ${stepWords(now)}.`);
  }

  /** Puts the boundaries of a run back to where they were found. */
  returnBoundaries(run: string): void {
    const { [run]: _gone, ...boundaries } = this.store.get().boundaries;
    this.store.update({ boundaries, moved: undefined });
    this.speech.say('The found stages are shown again.');
  }

  openRollouts(run: string, step: number): void {
    this.host()
      .openRollouts(run, step)
      .catch((thrown: unknown) => this.fail(thrown));
  }

  /** Lets the person choose a log of rollouts; what comes of it, `changed` tells. */
  linkRollouts(run: string): void {
    this.host()
      .linkRollouts(run)
      .then((linked) => linked && this.steps.refresh())
      .catch((thrown: unknown) => this.fail(thrown));
  }

  revealPoint(curve: CurveId, step: number): void {
    this.host()
      .revealPoint(curve, step)
      .catch((thrown: unknown) => this.fail(thrown));
  }

  /** Writes what is drawn. */
  async savePicture(kind: 'png' | 'svg', draw: () => Promise<Uint8Array | string>): Promise<void> {
    await this.save(async () => this.host().savePicture(kind, await draw()));
  }

  /** Writes all points of the curves that are shown. */
  async saveTable(): Promise<void> {
    await this.save(() => this.host().saveTable(this.shownCurves()));
  }

  private async save(write: () => Promise<boolean>): Promise<void> {
    try {
      if (await write()) this.speech.say('Saved.');
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** The curves of all charts that are shown. */
  shownCurves(): readonly CurveId[] {
    const state = this.store.get();
    return planCharts(runsOf(state), { ...state, band: false }).flatMap(({ curves }) => curves);
  }

  /** Says something in answer to a person. */
  say(words: string): void {
    this.speech.say(words);
  }
}
