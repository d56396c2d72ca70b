import type { XMode } from '../../protocol/dynamicsView';
import { h } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { runsOf } from './stackBuilder';

const MODES: readonly XMode[] = ['step', 'relative', 'wall'];
const MEANING: Readonly<Record<XMode, string>> = {
  step: 'Training steps',
  relative: 'Time since the run’s first value',
  wall: 'Time of day and date',
};

function hasTimes(state: PageState): boolean {
  return runsOf(state).some(({ hasWallTimes }) => hasWallTimes);
}

/** What stands on the x axis: one of three, by press or by arrow keys. */
export function xModes(store: Store<PageState>, controller: Controller): HTMLElement {
  const buttons = new Map(
    MODES.map((mode) => {
      const choose = (): void => controller.setX(mode);
      return [mode, h('button', { class: 'segment', type: 'button', role: 'radio', onclick: choose }, mode)];
    }),
  );
  const draw = (): void => {
    const { x } = store.get();
    const times = hasTimes(store.get());
    for (const [mode, element] of buttons) {
      const isOn = mode === x;
      element.setAttribute('aria-checked', String(isOn));
      element.tabIndex = isOn ? 0 : -1;
      element.disabled = mode !== 'step' && !isOn && !times;
      element.title = element.disabled ? 'No run here tells when its steps were taken.' : MEANING[mode];
    }
  };
  store.watch((state) => state.x, draw);
  store.watch(hasTimes, draw);
  const group = h(
    'div',
    { class: 'segments', role: 'radiogroup', 'aria-label': 'X axis' },
    ...buttons.values(),
  );
  group.addEventListener('keydown', (event) => {
    const way =
      event.key === 'ArrowRight' || event.key === 'ArrowDown'
        ? 1
        : event.key === 'ArrowLeft' || event.key === 'ArrowUp'
          ? -1
          : 0;
    if (way === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const usable = MODES.filter((mode) => buttons.get(mode)?.disabled === false);
    const next = usable[(usable.indexOf(store.get().x) + way + usable.length) % usable.length];
    if (next === undefined) return;
    controller.setX(next);
    buttons.get(next)?.focus();
  });
  return group;
}

/** The next mode that shows something: for a key. */
export function nextMode(state: PageState): XMode {
  const usable = hasTimes(state) ? MODES : MODES.slice(0, 1);
  return usable[(usable.indexOf(state.x) + 1) % usable.length] ?? 'step';
}
