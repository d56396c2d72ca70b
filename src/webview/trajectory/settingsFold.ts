import { h } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { visibleLine } from '../shared/visibleText';

/** What the line of the closed fold says: the model, and what a person is most likely to have chosen. */
const IN_SHORT = ['Model', 'Device', 'Temperature', 'Seed'];

/** How the rollout was made: one line, and all of it behind that. Undefined where nothing was recorded. */
export function settingsFold(settings: readonly (readonly [string, string])[]): HTMLElement | undefined {
  if (settings.length === 0) return undefined;
  const short = settings
    .filter(([name]) => IN_SHORT.includes(name))
    .map(([name, value]) =>
      name === 'Model' || name === 'Device' ? value : `${name.toLowerCase()} ${value}`,
    )
    .map((words) => visibleLine(words, 40))
    .join(' · ');
  return h(
    'details',
    { class: 'extras settings' },
    h('summary', {}, 'Settings ', h('span', { class: 'soft small' }, short)),
    h(
      'dl',
      {},
      ...settings.map(([name, value]) =>
        h(
          'div',
          { class: 'detail' },
          h('dt', { class: 'soft' }, textLine(name, '', 60)),
          h('dd', {}, textLine(value, '', 400)),
        ),
      ),
    ),
  );
}
