import { errorMessage } from '../../common/errors';
import type { SiblingBoxes, SiblingRollout } from '../../protocol/listView';
import { h, svg } from '../shared/dom';
import type { Store } from '../shared/store';
import { FIRST_ORIGINAL } from './drawnBoxes';
import type { PageState } from './pageState';
import { placeRect } from './stageOverlay';
import type { View } from './viewport';
import { boxInWindow, labelPlace } from './viewport';
import { countWords, numberWords, rewardWords } from './words';
import type { Size } from '../../common/boundingBox';

interface DrawnSibling {
  readonly rollout: SiblingRollout;
  readonly group: SVGGElement;
  readonly label: HTMLElement;
}

/** What the boxes of a group ask of the page. */
export interface SiblingActions {
  boxes(index: number): Promise<SiblingBoxes | undefined>;
  select(index: number): void;
  say(words: string): void;
  /** Something else is to be drawn. */
  changed(): void;
}

/** The marks of right, wrong and not judged rollouts, which differ without colour too. */
const LOOKS = {
  right: { tone: 'green', mark: '✓' },
  wrong: { tone: 'red', mark: '✗' },
  unjudged: { tone: 'blue', mark: '?' },
} as const;

function lookOf({ correct }: SiblingRollout): keyof typeof LOOKS {
  return correct === undefined ? 'unjudged' : correct ? 'right' : 'wrong';
}

/** The boxes of the other rollouts of a group, thin, over the picture that they share. */
export class StageSiblings {
  readonly lines = svg('svg', { class: 'stage-lines stage-siblings', 'aria-hidden': 'true' });
  readonly labels = h('div', { class: 'stage-labels', 'aria-hidden': 'true' });
  private drawn: readonly DrawnSibling[] = [];
  /** Of which record, in which state of the file. */
  private loaded = '';

  constructor(
    private readonly store: Store<PageState>,
    private readonly actions: SiblingActions,
  ) {
    for (const slice of ['siblings', 'shown'] as const) {
      store.watch(
        (state) => state[slice],
        () => void this.load(),
      );
    }
  }

  /** Shows or hides them. */
  toggle(): void {
    const siblings = !this.store.get().siblings;
    this.store.update({ siblings, hoveredSibling: undefined });
    if (!siblings) this.actions.say('Boxes of the group hidden');
  }

  /** Draws them on a picture. */
  draw(image: string, view: View, room: Size): void {
    const isHere = this.store.get().siblings && image === FIRST_ORIGINAL;
    const { hoveredSibling } = this.store.get();
    this.lines.classList.toggle('with-strong', hoveredSibling !== undefined);
    this.lines.toggleAttribute('hidden', !isHere);
    this.labels.hidden = !isHere;
    if (!isHere) return;
    this.lines.setAttribute('viewBox', `0 0 ${Math.max(1, room.width)} ${Math.max(1, room.height)}`);
    for (const { rollout, group, label } of this.drawn) {
      const strong = rollout.index === hoveredSibling;
      group.classList.toggle('strong', strong);
      const places = rollout.boxes.map(({ box }) => boxInWindow(box, view));
      const rects = [...group.querySelectorAll('rect')];
      const marks = [...group.querySelectorAll('text')];
      places.forEach((place, i) => {
        for (const rect of rects.slice(2 * i, 2 * i + 2)) placeRect(rect, place);
        marks[i]?.setAttribute('x', String(place.x2 + 2));
        marks[i]?.setAttribute('y', String(place.y1 + 9));
      });
      label.hidden = !strong;
      const [first] = places;
      if (!strong || !first) continue;
      const { x, y } = labelPlace(first, { width: label.offsetWidth, height: label.offsetHeight }, room);
      label.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    }
  }

  private async load(): Promise<void> {
    const { siblings, shown, source } = this.store.get();
    if (!siblings || shown.status !== 'ready') return this.set([]);
    const { index } = shown.trajectory;
    const key = `${index} ${source.status === 'ready' ? `${source.generation} ${source.records}` : ''}`;
    if (key === this.loaded) return;
    this.set([]);
    this.loaded = key;
    try {
      const found = await this.actions.boxes(index);
      if (this.loaded !== key) return;
      const others = found?.rollouts.filter((rollout) => rollout.index !== index) ?? [];
      this.set(others, key);
      const boxes = others.reduce((sum, rollout) => sum + rollout.boxes.length, 0);
      const words = `${countWords(boxes, 'box', 'boxes')} of ${countWords(others.length, 'other rollout')}`;
      this.actions.say(found ? words : 'This rollout has no group');
    } catch (thrown) {
      if (this.loaded === key) this.loaded = '';
      this.actions.say(errorMessage(thrown));
    }
  }

  private set(rollouts: readonly SiblingRollout[], loaded = ''): void {
    this.loaded = loaded;
    if (rollouts.length === 0 && this.drawn.length === 0) return;
    this.drawn = rollouts.map((rollout) => this.item(rollout));
    this.lines.replaceChildren(...this.drawn.map(({ group }) => group));
    this.labels.replaceChildren(...this.drawn.map(({ label }) => label));
    this.actions.changed();
  }

  private item(rollout: SiblingRollout): DrawnSibling {
    const look = lookOf(rollout);
    const { tone, mark } = LOOKS[look];
    const group = svg(
      'g',
      { class: `sibling-boxes ${look} tone-${tone}`, 'data-record': rollout.index },
      ...rollout.boxes.flatMap(() => [
        svg('rect', { class: 'sibling-halo' }),
        svg('rect', { class: 'sibling-line' }),
        svg('text', { class: 'sibling-mark' }, mark),
      ]),
    );
    group.addEventListener('mouseenter', () => this.store.update({ hoveredSibling: rollout.index }));
    group.addEventListener('mouseleave', () => this.store.update({ hoveredSibling: undefined }));
    group.addEventListener('click', () => this.actions.select(rollout.index));
    const words = [
      `record ${numberWords(rollout.index)}`,
      look === 'unjudged' ? 'not judged' : look,
      ...(rollout.reward === undefined ? [] : [`reward ${rewardWords(rollout.reward)}`]),
    ];
    const label = h('div', { class: `stage-label sibling-label strong tone-${tone}` }, words.join(' · '));
    label.hidden = true;
    return { rollout, group, label };
  }
}
