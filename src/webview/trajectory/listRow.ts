import type { RowView } from '../../protocol/listView';
import { iconButton } from '../shared/controls';
import { h, icon } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { visibleLine } from '../shared/visibleText';
import { countWords, iouWords, numberWords, rewardWords } from './words';

type GoodRow = Extract<RowView, { status: 'ok' }>;

/** Enough for the widest list; the rest is cut by the style anyway. */
const LINE = 160;

function verdictIcon(row: GoodRow): HTMLElement {
  if (row.correct === true) return h('span', { class: 'words tone-green' }, icon('pass-filled', 'right'));
  if (row.correct === false) return h('span', { class: 'words tone-red' }, icon('error', 'wrong'));
  if (row.outcome === 'error') return h('span', { class: 'words tone-yellow' }, icon('warning', 'error'));
  if (row.outcome === 'cancelled')
    return h('span', { class: 'words tone-yellow' }, icon('debug-stop', 'cancelled'));
  if (row.outcome === 'running')
    return h('span', { class: 'words tone-blue' }, icon('sync', 'still running'));
  return h('span', { class: 'soft' }, icon('circle-large-outline', 'not judged'));
}

const OUTCOMES: Readonly<Record<GoodRow['outcome'], string | undefined>> = {
  finished: undefined,
  error: 'error',
  cancelled: 'cancelled',
  length: 'out of tokens',
  turnLimit: 'out of turns',
  running: 'running',
};

function facts(row: GoodRow): Node[] {
  const failed = row.toolCalls - row.zoomCount;
  const zooms = countWords(row.zoomCount, 'zoom');
  const calls = failed > 0 ? `${zooms}, ${countWords(row.toolCalls, 'tool call')}` : zooms;
  const outcome = OUTCOMES[row.outcome];
  return [
    h('span', { class: 'fact', title: calls }, icon('zoom-in', calls), numberWords(row.zoomCount)),
    // Before what a narrow list leaves out at the end.
    ...(outcome === undefined
      ? []
      : [h('span', { class: `fact words tone-${row.outcome === 'running' ? 'blue' : 'yellow'}` }, outcome)]),
    ...(row.modelTokens === undefined
      ? []
      : [h('span', { class: 'fact' }, `${numberWords(row.modelTokens)} tok`)]),
    ...(row.iou === undefined ? [] : [h('span', { class: 'fact' }, iouWords(row.iou))]),
    ...(row.step === undefined ? [] : [h('span', { class: 'fact' }, `step ${numberWords(row.step)}`)]),
  ];
}

/** What deserves a look, as badges; the first in words, how many more there are as a number. */
function badges({ signals = [] }: GoodRow): Node[] {
  const [first, ...more] = signals;
  if (!first) return [];
  const title = signals.map(({ words, meaning }) => `${words}: ${meaning}`).join('\n');
  return [
    h(
      'span',
      { class: 'signal-badge words tone-yellow', title },
      h('span', { class: 'ellipsis' }, first.words),
      more.length > 0 && h('span', { 'aria-hidden': 'true' }, `+${more.length}`),
      more.length > 0 &&
        h('span', { class: 'visually-hidden' }, more.map(({ words }) => `, ${words}`).join('')),
    ),
  ];
}

function rewardFact(reward: number): HTMLElement {
  const words = rewardWords(reward);
  return h(
    'span',
    { class: 'row-reward', title: `reward ${words}` },
    h('span', { class: 'visually-hidden' }, 'reward '),
    words,
  );
}

function goodRow(row: GoodRow): HTMLElement {
  const title = row.answer?.trim() ? row.answer : row.question;
  return h(
    'div',
    { class: 'list-row' },
    verdictIcon(row),
    h(
      'div',
      { class: 'list-row-body' },
      h(
        'div',
        { class: 'list-row-title' },
        title.trim() ? textLine(title, 'ellipsis', LINE) : h('span', { class: 'soft ellipsis' }, 'no answer'),
        h(
          'span',
          { class: 'row-index number', title: `record ${numberWords(row.index)}` },
          h('span', { class: 'visually-hidden' }, 'record '),
          numberWords(row.index),
        ),
      ),
      h(
        'div',
        { class: 'list-row-facts small soft number' },
        h('span', { class: 'facts-line' }, h('span', { class: 'row-facts' }, ...facts(row)), ...badges(row)),
        row.reward !== undefined && rewardFact(row.reward),
      ),
    ),
  );
}

function badRow(row: Extract<RowView, { status: 'bad' }>, reveal: () => void): HTMLElement {
  const where = `byte ${numberWords(row.offset)}, ${countWords(row.bytes, 'byte')}`;
  const press = iconButton('go-to-file', 'Reveal in File', reveal);
  press.classList.add('row-button');
  press.addEventListener('click', (event) => event.stopPropagation());
  return h(
    'div',
    { class: 'list-row bad' },
    h('span', { class: 'words tone-yellow' }, icon('warning', 'unreadable record')),
    h(
      'div',
      { class: 'list-row-body' },
      h(
        'div',
        { class: 'list-row-title', title: visibleLine(row.reason, 400) },
        textLine(row.reason, 'ellipsis', LINE),
      ),
      h('div', { class: 'list-row-facts small soft number' }, h('span', { class: 'ellipsis' }, where)),
    ),
    press,
  );
}

/**
 * One row of the list.
 * @param index of the record, where it is known which one stands there
 * @param row undefined while it is on its way; a sentence when it could not be had
 */
export function listRow(
  index: number | undefined,
  row: RowView | string | undefined,
  reveal: () => void,
): HTMLElement {
  if (row === undefined) {
    return h(
      'div',
      { class: 'list-row', 'aria-label': index === undefined ? 'loading' : `record ${index}, loading` },
      h('span', { class: 'skeleton dot' }),
      h(
        'div',
        { class: 'list-row-body' },
        // Where a fling has come to is to be read while the rows are still on their way.
        h(
          'div',
          { class: 'list-row-title' },
          h('span', { class: 'skeleton bar' }),
          index !== undefined &&
            h('span', { class: 'row-index number', 'aria-hidden': 'true' }, numberWords(index)),
        ),
        h('div', { class: 'skeleton bar short' }),
      ),
    );
  }
  if (typeof row === 'string') {
    return h(
      'div',
      { class: 'list-row bad' },
      icon('warning', 'not loaded'),
      textLine(row, 'ellipsis', LINE),
    );
  }
  return row.status === 'ok' ? goodRow(row) : badRow(row, reveal);
}
