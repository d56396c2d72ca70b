import { h, icon } from '../shared/dom';
import type { Store } from '../shared/store';
import type { PageState } from './pageState';
import { countWords } from './words';

/** A file to which nothing came for so long is no longer growing, in milliseconds. */
const GROWING_MS = 60_000;
const LOOK_MS = 5000;

/** What following does. */
export interface FollowActions {
  select(index: number): void;
  say(words: string): void;
}

/**
 * A switch that is there while records are appended to a file: on, each newest record is shown as it comes, until
 * somebody chooses another.
 */
export class FollowNewest {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private isOn = false;
  private records: number | undefined;
  private generation = 0;
  private grewAt = -Infinity;

  constructor(
    private readonly store: Store<PageState>,
    private readonly actions: FollowActions,
  ) {
    this.button = h(
      'button',
      {
        class: 'quiet-button small follow-newest',
        type: 'button',
        title: 'Show each newest rollout as it comes',
        'aria-pressed': 'false',
        onclick: () => this.turn(!this.isOn),
      },
      icon('arrow-down'),
      'Follow newest',
    );
    this.element = h('div', { class: 'follow-line', hidden: true }, this.button);
    store.watch(
      ({ source }) => source,
      () => this.sourceChanged(),
    );
    store.watch(
      ({ selected }) => selected,
      (selected) => {
        // Somebody went elsewhere.
        if (this.isOn && selected !== this.newest) this.turn(false);
      },
    );
    setInterval(() => this.show(), LOOK_MS);
  }

  private get newest(): number {
    return (this.records ?? 0) - 1;
  }

  private sourceChanged(): void {
    const { source } = this.store.get();
    if (source.status !== 'ready') return;
    const before = this.generation === source.generation ? this.records : undefined;
    this.generation = source.generation;
    // While it is being indexed more becomes known, and nothing is written.
    const hasGrown = before !== undefined && source.complete && source.records > before;
    if (!source.complete) return;
    this.records = source.records;
    if (hasGrown) this.grewAt = performance.now();
    this.show();
    if (hasGrown && this.isOn) this.actions.select(this.newest);
  }

  private turn(isOn: boolean): void {
    this.isOn = isOn;
    this.button.setAttribute('aria-pressed', String(isOn));
    this.actions.say(isOn ? `Following: ${countWords(this.records ?? 0, 'rollout')}` : 'No longer following');
    if (isOn) this.actions.select(this.newest);
  }

  private show(): void {
    const { source } = this.store.get();
    const isOpen = source.status === 'ready' && source.incompleteTail > 0;
    const isGrowing = isOpen || performance.now() - this.grewAt < GROWING_MS;
    if (!isGrowing && this.isOn) return;
    this.element.hidden = !isGrowing;
  }
}
