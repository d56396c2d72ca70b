import type { Side } from '../../protocol/compareView';
import { h, icon } from '../shared/dom';
import { verdictWords } from './words';

/** The letter of a log: A filled, B outlined, so that they differ by more than their colour. */
export function sideBadge(side: Side): HTMLElement {
  return h('span', { class: `side-badge side-${side}`, 'aria-hidden': 'true' }, side.toUpperCase());
}

const TONES = { right: ['tone-green', 'pass-filled'], wrong: ['tone-red', 'error'] } as const;

/** The sign of a verdict. */
export function verdictIcon(correct: boolean | undefined, meaning?: string): HTMLElement {
  if (correct === undefined) return h('span', { class: 'soft' }, icon('circle-large-outline', meaning));
  const [tone, name] = TONES[correct ? 'right' : 'wrong'];
  return h('span', { class: `words ${tone}` }, icon(name, meaning));
}

/** Letter and verdict for a row of the list. */
export function sideVerdict(side: Side, rollout: { readonly correct?: boolean } | undefined): HTMLElement {
  const name = side.toUpperCase();
  const words = rollout ? `${name} ${verdictWords(rollout.correct)}` : `not in ${name}`;
  return h(
    'span',
    { class: 'side-verdict', title: words },
    h('span', { class: 'side-letter', 'aria-hidden': 'true' }, name),
    rollout ? verdictIcon(rollout.correct, words) : h('span', { class: 'soft' }, icon('dash', words)),
  );
}
