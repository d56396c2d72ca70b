import type { ChartPanel } from './chartPanel';
import { formatPlace } from './format';
import type { Frame } from './frame';
import type { Overlay } from './overlay';
import type { Sample } from './samples';
import { nearestOf, neighbourPlace, rawLines } from './samples';
import type { StackEvents } from './stackModel';

/** The crosshair over all charts and what is said at it. */
export class Crosshair {
  /** Where it stands. */
  place: number | undefined;

  constructor(
    private readonly overlay: Overlay,
    private readonly events: StackEvents,
    private readonly panels: () => Iterable<ChartPanel>,
    private readonly frame: () => Frame | undefined,
    private readonly live: HTMLElement,
  ) {}

  /** Puts it at a place, or takes it away; `isOwn`: a person did, so others are told. */
  show(x: number | undefined, isOwn: boolean): void {
    const isSame = x === this.place;
    this.place = x;
    this.draw();
    if (isOwn && !isSame) this.events.hovered(x);
  }

  /** After a new drawing. */
  draw(): void {
    const frame = this.frame();
    if (!frame) return;
    this.overlay.showCross(frame.x, this.place);
    for (const panel of this.panels()) panel.showValues(this.place ?? frame.model.selected);
  }

  /** The sample nearest to a place: of one chart, or of all where that has none. */
  sampleNear(x: number, panel: ChartPanel | undefined): Sample | undefined {
    const own = panel?.chart ? nearestOf(rawLines([panel.chart]), x) : undefined;
    return own ?? nearestOf(rawLines(this.frame()?.model.charts ?? []), x);
  }

  /** To the next sample by key, and says what is there. */
  step(way: -1 | 1, count: number): void {
    const { model } = this.frame() ?? {};
    if (!model) return;
    const [from, to] = model.range;
    const lines = rawLines(model.charts);
    const start = this.place ?? model.selected;
    const next =
      start === undefined || start < from || start > to
        ? nearestOf(lines, way > 0 ? from : to)?.x
        : neighbourPlace(lines, start, way, count);
    if (next !== undefined && next >= from && next <= to) this.goTo(next);
  }

  /** To the first or the last sample in view. */
  toEnd(end: 'first' | 'last'): void {
    const { model } = this.frame() ?? {};
    if (!model) return;
    const sample = nearestOf(rawLines(model.charts), model.range[end === 'first' ? 0 : 1]);
    if (sample) this.goTo(sample.x);
  }

  private goTo(x: number): void {
    const { model } = this.frame() ?? {};
    if (!model) return;
    this.show(x, true);
    const parts = [formatPlace(x, model.x)];
    for (const panel of this.panels()) {
      const values = panel.showValues(x);
      const spoken = values.map(({ name, value, place }) =>
        [values.length > 1 ? `${name} ` : '', value, place === undefined ? '' : ` at ${place}`].join(''),
      );
      if (spoken.length > 0) parts.push(`${panel.chart?.title ?? ''}: ${spoken.join(', ')}`);
      const counts = panel.strip.wordsAt(x);
      if (counts !== undefined) parts.push(counts);
    }
    this.live.textContent = parts.join('; ');
  }
}
