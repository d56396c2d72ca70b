import type { PartView, TrajectoryView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import { textBlock } from '../shared/fileText';
import { specialNodes } from './specialText';

function section(title: string, text: string): HTMLElement {
  return h(
    'section',
    { class: 'raw-section' },
    h('h2', { class: 'small soft' }, title),
    textBlock(text, 'mono', 20_000, specialNodes),
  );
}

function observed(parts: readonly PartView[]): string {
  return parts
    .filter((part) => part.kind === 'observation')
    .map((part) => part.text)
    .join('\n');
}

/** The trajectory as the file has it: special tokens, tags and white space included. */
export function rawView(trajectory: TrajectoryView): HTMLElement {
  const sections = [
    ...(trajectory.system === undefined ? [] : [section('system', trajectory.system)]),
    section('user', trajectory.user),
    ...trajectory.turns.flatMap((turn, index) => {
      const raw = turn.observationRaw;
      const words = raw ?? observed(turn.parts);
      const title = `observation ${index + 1}${raw === undefined ? ', its words' : ''}`;
      return [section(`turn ${index + 1}`, turn.raw), ...(words === '' ? [] : [section(title, words)])];
    }),
  ];
  return h('div', { class: 'raw', role: 'region', 'aria-label': 'Raw text', tabindex: 0 }, ...sections);
}
