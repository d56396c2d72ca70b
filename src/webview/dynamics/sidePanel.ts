import { h, replaceContent, type Child } from '../shared/dom';
import type { Store } from '../shared/store';
import { alarmsSection, noticesSection } from './alarmsSection';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { stagesSection } from './stagesSection';
import { stepSection } from './stepSection';

type Slice = keyof PageState;

/** What each section is drawn from. */
const RUNS: readonly Slice[] = ['view', 'hidden', 'focus'];
const SECTIONS: readonly {
  readonly name: string;
  readonly slices: readonly Slice[];
  draw(state: PageState, controller: Controller): Child[];
}[] = [
  { name: 'Stages', slices: [...RUNS, 'boundaries', 'moved'], draw: stagesSection },
  { name: 'Step', slices: [...RUNS, 'selected', 'details', 'charts', 'keys', 'drawn'], draw: stepSection },
  { name: 'Alarms', slices: RUNS, draw: alarmsSection },
  { name: 'Notices', slices: RUNS, draw: noticesSection },
];

/** Exchanges a section's content; folds stay open, and the keyboard stays where it was if that is still there. */
function exchange(section: HTMLElement, content: Child[]): void {
  const open = [...section.querySelectorAll('details')].map((fold) => fold.open);
  const pressable = (): HTMLElement[] => [...section.querySelectorAll<HTMLElement>('button, summary')];
  const at = pressable().findIndex((element) => element === document.activeElement);
  replaceContent(section, content);
  section.querySelectorAll('details').forEach((fold, index) => (fold.open = open[index] === true));
  if (at >= 0) pressable()[at]?.focus();
}

/** The cards beside the charts. */
export function sidePanel(store: Store<PageState>, controller: Controller, legend: HTMLElement): HTMLElement {
  const sections = SECTIONS.map(({ name, slices, draw }) => {
    const section = h('section', { class: 'section', 'aria-label': name });
    let frame = 0;
    const later = (): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => {
        const content = draw(store.get(), controller);
        section.hidden = content.length === 0;
        exchange(section, content);
      });
    };
    for (const slice of slices) store.watch((state) => state[slice], later);
    return section;
  });
  return h('aside', { class: 'side-region', 'aria-label': 'Stages and steps' }, legend, ...sections);
}
