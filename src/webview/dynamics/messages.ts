import type { DynamicsView, ReadingView } from '../../protocol/dynamicsView';
import { button } from '../shared/controls';
import { h } from '../shared/dom';
import { textBlock } from '../shared/fileText';
import { message } from '../shared/message';
import type { Controller } from './controller';
import { nameLine, shareWords } from './words';

/** Grey boxes where charts are about to stand, and what is being read. */
export function skeleton(reading: ReadingView | undefined): HTMLElement {
  const words = reading ? `Reading ${nameLine(reading.file)}… ${shareWords(reading.fraction)}` : 'Opening…';
  const bar = h('div', { class: 'read-progress', role: 'presentation' });
  bar.style.setProperty('--done', String(reading?.fraction ?? 0));
  const chart = (): HTMLElement =>
    h(
      'div',
      { class: 'skeleton-chart' },
      h('div', { class: 'skeleton head' }),
      h('div', { class: 'skeleton plot-box' }),
    );
  return h(
    'div',
    { class: 'charts-skeleton' },
    h('p', { class: 'reading-line soft', role: 'status' }, words),
    reading && bar,
    chart(),
    chart(),
    chart(),
  );
}

const READ_HERE =
  'Logs of verl, TensorBoard event files, W&B runs, trainer_state.json, MLflow, trackio, CSV and JSON lines are read; ' +
  'so are logs of rollouts that tell their steps.';

/** What stands in place of the charts where nothing can be drawn; undefined where something can. */
export function messageFor(view: DynamicsView, controller: Controller): HTMLElement | undefined {
  if (view.status === 'loading') return skeleton(view.reading);
  if (view.status === 'error')
    return message(
      'error',
      'The curves could not be read',
      textBlock(view.message, 'message-text'),
      button('Try Again', () => controller.reload(), 'primary'),
    );
  if (view.runs.some(({ keys }) => keys.some(({ points }) => points > 0))) return undefined;
  // A folder may have many files that are no runs: as long as it is read, nobody knows.
  if (view.reading) return skeleton(view.reading);
  return message(
    'graph-line',
    'There is no numeric value here',
    textBlock(
      `No step of a training run with a number was found. Values appear here as the file grows. ${READ_HERE}`,
      'message-text',
    ),
    ...view.notices.map((notice) => textBlock(notice, 'message-text small')),
    button('Try Again', () => controller.reload()),
  );
}
