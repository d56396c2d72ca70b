import type { RowView } from '../../protocol/listView';
import { h, icon } from '../shared/dom';
import type { PageState } from './pageState';
import { numberWords } from './words';

/** What finds the records that can't be read, in the language of the filter box. */
export const UNREADABLE = 'unreadable == true';

/**
 * How many records of the log can't be read, as far as that is known: by the last search, or by all rows.
 * @param rows all rows of the log, where they happen to be here
 */
export function unreadableCount(found: PageState['found'], rows: readonly RowView[] | undefined): number {
  if (found.status === 'ok') return found.unreadable;
  return rows?.filter(({ status }) => status === 'bad').length ?? 0;
}

/** Says how many records of a log can't be read, and lists them when it is pressed. */
export function unreadableButton(count: number, list: () => void): Node[] {
  if (count === 0) return [];
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
        onclick: list,
      },
      icon('warning'),
      words,
    ),
  ];
}
