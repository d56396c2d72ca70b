import type { SourceView } from '../../protocol/trajectoryView';
import { button } from '../shared/controls';
import { h } from '../shared/dom';
import { textBlock } from '../shared/fileText';
import { message } from '../shared/message';
import type { Controller } from './controller';
import type { Shown } from './pageState';
import { countWords, numberWords } from './words';

/** Grey bars where a trajectory is about to stand. */
export function skeleton(): HTMLElement {
  const bar = (kind: string): HTMLElement => h('div', { class: `skeleton ${kind}` });
  return h(
    'div',
    { class: 'tree-skeleton', role: 'status', 'aria-label': 'Loading' },
    ...['head', 'long', 'middle', 'box', 'head', 'long', 'box', 'short'].map(bar),
  );
}

/** What stands in place of the tree when there is no trajectory. */
export function messageFor(
  shown: Exclude<Shown, { status: 'ready' | 'loading' }>,
  source: SourceView,
  controller: Controller,
): HTMLElement {
  if (shown.status === 'bad') {
    const { row } = shown;
    return message(
      'warning',
      'This record can’t be read',
      textBlock(row.reason, 'message-text'),
      h('p', { class: 'soft small' }, `${countWords(row.bytes, 'byte')} at byte ${numberWords(row.offset)}`),
      button('Reveal in File', () => controller.reveal(row.index), 'primary'),
    );
  }
  if (shown.status === 'error') {
    return message(
      'error',
      'This record could not be loaded',
      textBlock(shown.message, 'message-text'),
      button('Reveal in File', () => controller.reveal(shown.index), 'primary'),
    );
  }
  if (shown.status === 'failed') {
    return message('error', 'This file could not be opened', textBlock(shown.message, 'message-text'));
  }
  const notice = source.status === 'ready' ? source.notice : undefined;
  return message(
    'inbox',
    'There are no rollouts in this file',
    textBlock(
      notice ?? 'It is empty, or nothing in it is a record yet. Rows appear here as the file grows.',
      'message-text',
    ),
  );
}
