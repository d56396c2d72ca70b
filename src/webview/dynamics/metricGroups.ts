import type { Concept } from '../../metrics/concepts';
import { CONCEPT_NAMES } from '../../metrics/concepts';
import type { RunView } from '../../protocol/dynamicsView';
import { conceptTitle } from './chartPlan';
import { nameLine } from './words';

/** A key of any run. */
export interface MetricItem {
  readonly kind: 'key';
  readonly key: string;
  readonly concept: Concept | undefined;
  /** Over all runs. */
  readonly points: number;
  readonly runs: number;
  /** The last value of the first run that has one. */
  readonly last: number | undefined;
  readonly computed: boolean;
  readonly note: string | undefined;
}

/** A line of the picker: a heading, or a key below it. */
export type MetricRow =
  { readonly kind: 'group'; readonly title: string; readonly count: number } | MetricItem;

/** All keys of all runs, each once. */
export function metricItems(runs: readonly RunView[]): MetricItem[] {
  const items = new Map<string, MetricItem>();
  for (const run of runs) {
    for (const { key, points, last, concept, computed, note } of run.keys) {
      const known = items.get(key);
      items.set(key, {
        kind: 'key',
        key,
        concept: known?.concept ?? concept,
        points: (known?.points ?? 0) + points,
        runs: (known?.runs ?? 0) + 1,
        last: known?.last ?? last,
        computed: known?.computed ?? computed === true,
        note: known?.note ?? note,
      });
    }
  }
  return [...items.values()];
}

/** What a key is sorted under: what it means, else what stands before its first slash. */
function groupOf({ key, concept }: MetricItem): string {
  if (concept !== undefined) return conceptTitle(concept);
  const slash = key.indexOf('/');
  return slash > 0 ? nameLine(key.slice(0, slash)) : 'Others';
}

/**
 * The lines for a search: known concepts in their order, then the other keys by prefix.
 * @param search words that all have to be in a key or in its concept's name; empty: everything
 */
export function metricRows(items: readonly MetricItem[], search: string): MetricRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, MetricItem[]>();
  for (const concept of Object.keys(CONCEPT_NAMES) as Concept[]) groups.set(`0 ${conceptTitle(concept)}`, []);
  for (const item of items) {
    const title = groupOf(item);
    const text = `${item.key} ${title}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    // A prefix may be spelled like a concept.
    const id = `${item.concept === undefined ? 1 : 0} ${title}`;
    const group = groups.get(id);
    if (group) group.push(item);
    else groups.set(id, [item]);
  }
  const rank = (id: string): string => (id.startsWith('0') ? '' : id === '1 Others' ? '2' : id);
  return [...groups]
    .filter(([, members]) => members.length > 0)
    .sort(([a], [b]) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
    .flatMap(([id, members]): MetricRow[] => [
      { kind: 'group', title: id.slice(2), count: members.length },
      ...members.sort((a, b) => (a.key < b.key ? -1 : 1)),
    ]);
}
