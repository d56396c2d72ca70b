import { h, icon } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import { rateWords } from './liveNode';
import type { PageState } from './pageState';
import { LAST_PART } from './pageState';

/** In the heading, in view wherever one reads: that the rollout goes on, how fast, and the way back to its end. */
export class LiveTag {
  readonly element: HTMLElement;
  private readonly rate = h('span', { class: 'number' });
  private readonly follow: HTMLElement;

  constructor(
    private readonly store: Store<PageState>,
    controller: Controller,
  ) {
    this.follow = h(
      'button',
      {
        class: 'quiet-button small follow-button',
        type: 'button',
        title: 'To the end of what is being written (End)',
        onclick: () => controller.goTo(LAST_PART),
      },
      icon('arrow-down'),
      'Follow',
    );
    this.element = h(
      'div',
      { class: 'live-tag small' },
      h('span', { class: 'live-dot', 'aria-hidden': 'true' }),
      h('span', {}, 'live'),
      this.rate,
      this.follow,
    );
    for (const slice of ['live', 'part', 'away', 'shown'] as const) {
      store.watch(
        (state) => state[slice],
        () => this.draw(),
      );
    }
  }

  private draw(): void {
    const { live, shown, part, away } = this.store.get();
    const isLive = live?.alive === true && shown.status === 'ready';
    this.element.hidden = !isLive;
    if (!isLive) return;
    const words = live.perSecond === undefined ? '' : rateWords(live.perSecond);
    if (this.rate.textContent !== words) this.rate.textContent = words;
    this.follow.hidden = !away && part >= shown.steps.length;
  }
}
