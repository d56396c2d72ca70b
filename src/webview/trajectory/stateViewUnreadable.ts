import type { RowFilter, RowView } from '../../protocol/listView';
import { h, icon } from '../shared/dom';
import { numberWords } from './words';

/** The unreadable ones among all rows of a log as what the list can be narrowed to; undefined where there are none. */
export function unreadable(rows: readonly RowView[]): (RowFilter & { readonly count: number }) | undefined {
  const ranges: [number, number][] = [];
  let count = 0;
  for (const { index, status } of rows) {
    if (status !== 'bad') continue;
    count++;
    const last = ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return count === 0 ? undefined : { label: 'unreadable', ranges, count };
}

/** Says how many records of a log can't be read, and lists them when it is pressed. */
export function unreadableButton(
  rows: readonly RowView[] | undefined,
  show: (filter: RowFilter) => void,
): Node[] {
  const found = unreadable(rows ?? []);
  if (!found) return [];
  const { count, label, ranges } = found;
  const words = `${numberWords(count)} unreadable`;
  const title = count === 1 ? 'Show the record that can’t be read' : 'Show the records that can’t be read';
  return [
    h(
      'button',
      {
        class: 'unreadable link-button number',
        type: 'button',
        title,
        'aria-label': `${words}: ${title}`,
        onclick: () => show({ label, ranges }),
      },
      icon('warning'),
      words,
    ),
  ];
}
