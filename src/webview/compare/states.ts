import type { CompareView } from '../../protocol/compareView';
import { button } from '../shared/controls';
import { h, type Child } from '../shared/dom';
import { textBlock } from '../shared/fileText';
import { message } from '../shared/message';
import { countWords } from '../trajectory/words';
import type { Controller } from './controller';

/** What stands in place of the comparison while there is none. */
export function stateMessage(view: CompareView | undefined, controller: Controller): Child {
  if (!view) return undefined;
  if (view.status === 'reading') return readingMessage(view, controller);
  const again = button('Read Both Logs', () => controller.again(), 'primary');
  if (view.status === 'stopped') return message('debug-stop', 'Reading was stopped', again);
  if (view.status === 'error')
    return message('error', 'The logs could not be compared', textBlock(view.message, 'message-text'), again);
  return undefined;
}

function readingMessage(
  { reading }: Extract<CompareView, { status: 'reading' }>,
  controller: Controller,
): HTMLElement {
  const words = reading
    ? `${reading.side.toUpperCase()}: ${countWords(reading.records, 'record')}`
    : 'Opening the logs';
  const bar = h('progress', {
    'aria-label': 'Share of both logs',
    max: 100,
    value: Math.round((reading?.done ?? 0) * 100),
  });
  return message(
    'compare-changes',
    'Reading both logs',
    h('p', { class: 'soft number' }, words),
    bar,
    button('Stop', () => controller.stop()),
  );
}
