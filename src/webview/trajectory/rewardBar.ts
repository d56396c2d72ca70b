import type { Reward, RewardPart } from '../../trajectory/reward';
import { h } from '../shared/dom';
import { visibleLine } from '../shared/visibleText';
import { rewardWords } from './words';

const TONES: Readonly<Record<string, string>> = { accuracy: 'green', tool: 'blue', format: 'purple' };

/** What a part adds to the total: value times weight; the value itself where no weight is known. */
export function contribution(part: RewardPart): number {
  return part.value * (part.weight ?? 1);
}

/**
 * The parts of a reward on one bar: as wide as what they add; those that take away stand hatched. Parts of zero are
 * left to the list under the bar. Undefined when there is nothing to draw.
 */
export function rewardBar(reward: Reward): HTMLElement | undefined {
  const drawn = reward.parts.filter(
    (part) => Number.isFinite(contribution(part)) && contribution(part) !== 0,
  );
  if (drawn.length === 0) return undefined;
  return h(
    'div',
    { class: 'reward-bar' },
    ...drawn.map((part) => {
      const words = `${visibleLine(part.name, 40)} ${rewardWords(contribution(part))}`;
      const sign = contribution(part) < 0 ? ' negative' : '';
      const piece = h(
        'div',
        { class: `reward-piece tone-${TONES[part.name] ?? 'yellow'}${sign}`, title: words },
        h('span', { class: 'ellipsis' }, words),
      );
      // Growth factors that add up to less than 1 would leave room free.
      piece.style.flexGrow = String(1000 * Math.abs(contribution(part)));
      return piece;
    }),
  );
}
