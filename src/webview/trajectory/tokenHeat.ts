import type { TokenTrackView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import { pieceNodes, restButton } from '../shared/fileText';
import type { NodeContext } from './treeNode';
import { countWords } from './words';

/** So many tokens of a part are drawn at first: each is an element of its own. */
const FIRST = 2000;

/** Shades, from a token that the policy was sure of to one that surprised it: the least probability of each. */
const SHADES: readonly (readonly [least: number, words: string])[] = [
  [0.9, '90 % or more'],
  [0.5, '50 to 90 %'],
  [0.2, '20 to 50 %'],
  [0.05, '5 to 20 %'],
  [0, 'below 5 %'],
];

/**
 * The shade of a token, 0 (sure) to 4.
 * @param logProbability natural logarithm; undefined for what is none, such as NaN
 */
export function heatShade(logProbability: number | undefined): number | undefined {
  if (logProbability === undefined || Number.isNaN(logProbability)) return undefined;
  return SHADES.findIndex(([least]) => Math.exp(logProbability) >= least);
}

/** Which of a part's tokens say something: white space before the first and behind the last makes no empty lines. */
interface Said {
  readonly first: number;
  readonly last: number;
}

function saidIn(texts: readonly string[], start: number, end: number): Said {
  const says = (text: string | undefined): boolean => text !== undefined && text.trim() !== '';
  let [first, last] = [start, end - 1];
  while (first < end && !says(texts[first])) first++;
  while (last > first && !says(texts[last])) last--;
  return { first, last };
}

/** White space whose line breaks are shown by a sign, each, and break no line. */
function signedBreaks(space: string): Node[] {
  return space
    .split(/(\r?\n)/)
    .flatMap((piece) =>
      piece.endsWith('\n') ? h('span', { class: 'signed-break' }, piece) : pieceNodes(piece),
    );
}

function tokenNodes(text: string, at: number, { first, last }: Said): Node[] {
  const lead = at > first ? 0 : text.length - text.trimStart().length;
  const tail = at < last ? text.length : Math.max(lead, text.trimEnd().length);
  return [
    ...signedBreaks(text.slice(0, lead)),
    ...pieceNodes(text.slice(lead, tail)),
    ...signedBreaks(text.slice(tail)),
  ];
}

function token(text: readonly Node[], logProbability: number | undefined): HTMLElement {
  const shade = heatShade(logProbability);
  if (shade === undefined || logProbability === undefined)
    return h('span', { class: 'token', title: 'no log-probability' }, ...text);
  const percent = Math.exp(logProbability) * 100;
  const title = `${percent < 10 ? percent.toPrecision(2) : percent.toFixed(1)} %, log-probability ${logProbability.toFixed(3)}`;
  return h('span', { class: `token heat-${shade}`, title }, ...text);
}

/** The tokens of a part as the file has them, each shaded by how likely the policy held it. */
function tokenHeat(track: TokenTrackView, start: number, count: number, className: string): HTMLElement {
  const body = h('span', { class: 'file-text-body' });
  const block = h('div', { class: `file-text tokens ${className}`, dir: 'auto' }, body);
  const said = saidIn(track.texts, start, start + count);
  const draw = (from: number, to: number): void => {
    for (let at = start + from; at < start + to; at++)
      body.append(token(tokenNodes(track.texts[at] ?? '', at, said), track.logProbabilities[at]));
  };
  draw(0, Math.min(FIRST, count));
  if (count <= FIRST) return block;
  const more = restButton(`Show all ${countWords(count, 'token')}`, () => {
    more.remove();
    draw(FIRST, count);
  });
  block.append(' ', more);
  return block;
}

/** The shaded tokens of a part, where shades are shown and the file knows its tokens. */
export function heatOf(
  view: { readonly tokens?: number; readonly firstToken?: number },
  { heat }: NodeContext,
): HTMLElement | undefined {
  const { tokens, firstToken } = view;
  if (!heat || tokens === undefined || firstToken === undefined) return undefined;
  return tokenHeat(heat, firstToken, tokens, 'node-body');
}

/** What the shades mean. */
export function heatLegend(): HTMLElement {
  return h(
    'div',
    { class: 'heat-legend small', role: 'note', 'aria-label': 'Legend of the shades' },
    h('span', { class: 'soft' }, 'probability of each token when it was sampled'),
    ...SHADES.map(([, words], shade) => h('span', { class: `token heat-${shade}` }, words)),
    h('span', { class: 'outside-loss-key' }, 'outside the loss'),
  );
}
