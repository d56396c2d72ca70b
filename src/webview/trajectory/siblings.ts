import { errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type { SiblingGroup, SiblingRow } from '../../protocol/listView';
import type { TrajectoryHostApi } from '../../protocol/trajectoryView';
import { h, icon, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { countWords, numberWords, rewardWords } from './words';

/** A log up to this many records is read for its groups without being asked to. */
const READ_UNASKED = 20_000;

/** Under the reward: the rollouts of the same group, as bars as tall as their rewards. */
export class SiblingsView {
  readonly element = h('section', { class: 'siblings', 'aria-label': 'Rollouts of the same group' });
  private readonly groups = new Map<number, SiblingGroup>();
  private isRead = false;

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
    private readonly host: () => RemoteApi<TrajectoryHostApi>,
  ) {
    this.element.hidden = true;
    store.watch(
      ({ shown }) => (shown.status === 'ready' ? shown.trajectory.index : undefined),
      () => void this.refresh(),
    );
    store.watch(
      ({ source, shownFormula }) =>
        source.status === 'ready' ? [source.generation, source.records, shownFormula].join(' ') : '',
      () => {
        this.groups.clear();
        void this.refresh();
      },
    );
  }

  /** Goes to the next or previous rollout of the group; says where there is none. */
  step(delta: number): void {
    const { selected } = this.store.get();
    void this.of(selected).then((group) => {
      const index = delta < 0 ? group?.previous : group?.next;
      if (index !== undefined) this.controller.select(index);
      else this.controller.say(group ? 'No more rollouts in this group' : 'This rollout has no group');
    });
  }

  private async refresh(): Promise<void> {
    const { shown, source } = this.store.get();
    const trajectory = shown.status === 'ready' ? shown.trajectory : undefined;
    // A rollout alone, as in an evaluation, has no group; only training tells a step.
    const may = trajectory?.group !== undefined || trajectory?.step !== undefined;
    if (!trajectory || source.status !== 'ready' || !may || !source.complete) {
      this.element.hidden = true;
      return;
    }
    if (!this.isRead && source.records > READ_UNASKED) return this.offer();
    const { index } = trajectory;
    const group = await this.of(index);
    const { shown: now } = this.store.get();
    if (now.status !== 'ready' || now.trajectory.index !== index) return;
    this.element.hidden = !group;
    if (group) replaceContent(this.element, this.nodes(group, index));
  }

  private offer(): void {
    this.element.hidden = false;
    const press = h(
      'button',
      {
        class: 'link-button',
        type: 'button',
        onclick: () => {
          this.isRead = true;
          void this.refresh();
        },
      },
      icon('group-by-ref-type'),
      'Find the rollouts of this group',
    );
    press.title = 'Reads the whole log once';
    replaceContent(this.element, press);
  }

  private async of(index: number): Promise<SiblingGroup | undefined> {
    const known = this.groups.get(index);
    if (known) return known;
    try {
      const group = await this.host().siblings(index);
      this.isRead = true;
      if (group) this.groups.set(index, group);
      return group;
    } catch (thrown) {
      this.controller.say(errorMessage(thrown));
      return undefined;
    }
  }

  private nodes(group: SiblingGroup, index: number): Node[] {
    const rewards = group.rows.flatMap(({ reward }) => reward ?? []);
    const [least, most] = [Math.min(0, ...rewards), Math.max(0, ...rewards)];
    const own = group.rows.find((row) => row.index === index)?.advantage;
    return [
      h(
        'div',
        { class: 'details-head' },
        h('h2', { class: 'caps small' }, 'Siblings'),
        h('span', { class: 'small soft number' }, `reward, ${countWords(group.count, 'rollout')}`),
      ),
      h(
        'ol',
        { class: 'sibling-bars' },
        ...group.rows.map((row) => this.bar(row, row.index === index, least, most)),
      ),
      h('p', { class: 'small soft number sibling-figures' }, figures(group, own)),
      ...(group.isDead === true
        ? [
            h(
              'p',
              { class: 'small words tone-yellow' },
              icon('warning'),
              ' Dead group: all rewards are equal, so it teaches nothing.',
            ),
          ]
        : []),
    ];
  }

  /** Makes the boxes of a rollout strong, where those of the group are drawn. */
  private point(hoveredSibling: number | undefined): void {
    this.store.update({ hoveredSibling });
  }

  private bar(row: SiblingRow, isOwn: boolean, least: number, most: number): HTMLElement {
    const { index, correct, reward, advantage } = row;
    const verdict = correct === undefined ? 'not judged' : correct ? 'right' : 'wrong';
    const words = [
      `record ${numberWords(index)}`,
      verdict,
      reward === undefined ? 'no reward' : `reward ${rewardWords(reward)}`,
      ...(advantage === undefined ? [] : [`advantage ${signed(advantage)}`]),
    ].join(', ');
    const tone = correct === undefined ? 'blue' : correct ? 'green' : 'red';
    const bar = h('span', { class: `sibling-bar tone-${tone}`, 'aria-hidden': 'true' });
    const share = reward === undefined || most === least ? 0 : (reward - least) / (most - least);
    bar.style.setProperty('--share', String(share));
    const press = h(
      'button',
      {
        type: 'button',
        class: 'sibling',
        'aria-label': words,
        title: words,
        'aria-current': isOwn && 'true',
        onclick: () => this.controller.select(index),
        onmouseenter: () => this.point(index),
        onmouseleave: () => this.point(undefined),
        onfocus: () => this.point(index),
        onblur: () => this.point(undefined),
      },
      bar,
    );
    return h('li', {}, press);
  }
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

function figures({ mean, deviation, rewarded, count }: SiblingGroup, own: number | undefined): string {
  const words = [
    ...(own === undefined ? [] : [`advantage ${signed(own)}`]),
    ...(mean === undefined ? [] : [`mean ${rewardWords(mean)}`]),
    ...(deviation === undefined ? [] : [`spread ${rewardWords(deviation)}`]),
    ...(rewarded < count ? [`${countWords(count - rewarded, 'rollout')} without a reward`] : []),
  ];
  return words.join(' · ');
}
