import { h, icon } from '../shared/dom';
import type { LiveState } from './liveRollout';
import { countWords, numberWords } from './words';

/** `12.3 tok/s`. */
export function rateWords(perSecond: number): string {
  return `${perSecond < 10 ? perSecond.toFixed(1) : numberWords(Math.round(perSecond))} tok/s`;
}

/** The facts behind the words: tokens so far, how fast, since when it has been quiet. */
function factsOf({ tokens, perSecond, quiet }: LiveState): string {
  return [
    ...(tokens === undefined ? [] : [countWords(tokens, 'token')]),
    ...(perSecond === undefined ? [] : [rateWords(perSecond)]),
    ...(quiet === undefined ? [] : [quiet]),
  ].join(' · ');
}

/** The end of a rollout that goes on: what it is at. Its words change in place, and no screen reader is told of each. */
export class LiveNode {
  readonly element: HTMLElement;
  private readonly words = h('span', { class: 'node-title' });
  private readonly facts = h('span', { class: 'node-meta small number' });

  /** @param lastPart position of the last part that there is */
  constructor(lastPart: number) {
    this.element = h(
      'li',
      {
        class: 'node ending live-end',
        role: 'treeitem',
        'data-part': lastPart,
        'aria-level': 1,
        'aria-selected': 'false',
      },
      h('span', { class: 'rail', 'aria-hidden': 'true' }, h('span', { class: 'live-dot' }), icon('question')),
      h('div', { class: 'node-head' }, this.words, this.facts),
    );
  }

  /** Shows the state at this moment. */
  show(state: LiveState): void {
    this.element.classList.toggle('not-alive', !state.alive);
    if (this.words.textContent !== state.words) this.words.textContent = state.words;
    const facts = factsOf(state);
    if (this.facts.textContent !== facts) this.facts.textContent = facts;
  }
}
