import type { Concept } from '../../metrics/concepts';
import type { RunView } from '../../protocol/dynamicsView';
import type { Store } from '../shared/store';
import { chartIds, conceptChart, conceptOf, keyChart, keyFor } from './chartPlan';
import type { PageState } from './pageState';
import { runsOf } from './stackBuilder';

/** The concept that a key stands for in any of the runs. */
export function conceptOfKey(runs: readonly RunView[], key: string): Concept | undefined {
  for (const run of runs) {
    const found = run.keys.find((one) => one.key === key)?.concept;
    if (found !== undefined && run.concepts[found]?.includes(key) === true) return found;
  }
  return undefined;
}

/** Which charts a person wants, from top to bottom, and which of a concept's keys. */
export class ChartChoice {
  /** @param changed called after the choice has changed */
  constructor(
    private readonly store: Store<PageState>,
    private readonly changed: () => void,
  ) {}

  private ids(): readonly string[] {
    const state = this.store.get();
    return chartIds(runsOf(state), state);
  }

  private put(charts: readonly string[], keys = this.store.get().keys): void {
    this.store.update({ charts, keys });
    this.changed();
  }

  /** The chart that draws a key of any run; undefined where none does. */
  chartOf(key: string): string | undefined {
    const { keys } = this.store.get();
    const runs = runsOf(this.store.get());
    return this.ids().find((id) => runs.some((run) => keyFor(run, id, keys) === key));
  }

  /** Shows a key, or takes the chart away that shows it. */
  toggleKey(key: string): void {
    const shown = this.chartOf(key);
    if (shown !== undefined) return this.close(shown);
    const runs = runsOf(this.store.get());
    const concept = conceptOfKey(runs, key);
    const ids = this.ids();
    // A second key of a concept that is shown already gets a chart of its own.
    if (concept === undefined || ids.includes(conceptChart(concept)))
      return this.put([...ids, keyChart(key)]);
    const id = conceptChart(concept);
    const { [id]: _old, ...keys } = this.store.get().keys;
    const isFirst = runs.every((run) => (run.concepts[concept]?.[0] ?? key) === key);
    this.put([...ids, id], isFirst ? keys : { ...keys, [id]: key });
  }

  /** Takes a chart away. */
  close(chart: string): void {
    this.put(this.ids().filter((id) => id !== chart));
  }

  /** Puts a chart one place up or down. */
  move(chart: string, by: -1 | 1): void {
    const ids = [...this.ids()];
    const at = ids.indexOf(chart);
    const other = ids[at + by];
    if (at < 0 || other === undefined) return;
    ids[at] = other;
    ids[at + by] = chart;
    this.put(ids);
  }

  /** Draws another key in a concept's chart. */
  chooseKey(chart: string, key: string): void {
    if (conceptOf(chart) === undefined) return;
    this.put(this.ids(), { ...this.store.get().keys, [chart]: key });
  }

  /** Changes between an even and a logarithmic y axis. */
  toggleLogarithmic(chart: string): void {
    const { logarithmic } = this.store.get();
    const on = logarithmic.includes(chart);
    this.store.update({
      logarithmic: on ? logarithmic.filter((id) => id !== chart) : [...logarithmic, chart],
    });
  }

  /** Shows again what fits the runs by itself. */
  reset(): void {
    this.store.update({ charts: undefined, keys: {} });
    this.changed();
  }

  /** Whether a person has chosen. */
  isChosen(): boolean {
    return this.store.get().charts !== undefined;
  }
}
