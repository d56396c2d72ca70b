import type { FoundPattern, PatternEvidence } from '../../analysis/patterns/pattern';
import type { SignalsView, SignalView, TrajectoryView } from '../../protocol/trajectoryView';
import { h, icon } from '../shared/dom';
import { visibleLine } from '../shared/visibleText';
import { fact, soft } from './detailsRow';
import type { Step } from './readingOrder';
import { boxWords, numberWords } from './words';

/** What a press on something that a label rests on does. */
export interface SignActions {
  goTo(part: number): void;
  /** The call whose box is pointed at; none where undefined. */
  hover(call: number | undefined): void;
}

type Phrase = Extract<PatternEvidence, { kind: 'phrase' }>;

const ROLES: Readonly<Record<Phrase['role'], string>> = {
  belief: 'believed before',
  intent: 'wants to confirm',
  outcome: 'said in the end',
  correction: 'takes back',
  'not found': 'goes on searching',
  comparison: 'compares',
};

function evidenceItem(
  one: PatternEvidence,
  steps: readonly Step[],
  turns: TrajectoryView['turns'],
  actions: SignActions,
): HTMLElement {
  const view = turns[one.turn]?.parts[one.part];
  const step = steps.find((candidate) => candidate.view === view);
  const call = view?.kind === 'toolCall' ? view.call.number : undefined;
  const words =
    one.kind === 'box'
      ? [icon('zoom-in'), ` box ${call ?? ''} [${boxWords(one.box)}]`]
      : [h('span', { class: 'soft' }, `${ROLES[one.role]}: `), `\u201c${visibleLine(one.text, 200)}\u201d`];
  if (!step) return h('li', {}, ...words);
  const point = (on: boolean) => () => actions.hover(on ? call : undefined);
  return h(
    'li',
    {},
    h(
      'button',
      {
        class: 'evidence',
        type: 'button',
        onclick: () => actions.goTo(step.part),
        onmouseenter: point(true),
        onmouseleave: point(false),
        onfocus: point(true),
        onblur: point(false),
      },
      ...words,
    ),
  );
}

function patternFold(
  pattern: FoundPattern,
  steps: readonly Step[],
  { turns }: TrajectoryView,
  actions: SignActions,
): HTMLElement {
  return h(
    'details',
    { class: 'pattern' },
    h('summary', {}, h('span', { class: 'tag small words tone-purple' }, pattern.name)),
    h('p', { class: 'small soft' }, visibleLine(pattern.why, 300)),
    h('ol', { class: 'small' }, ...pattern.evidence.map((one) => evidenceItem(one, steps, turns, actions))),
  );
}

function badge({ words, meaning }: SignalView): HTMLElement {
  return h(
    'span',
    { class: 'signal-badge words tone-yellow', title: visibleLine(meaning, 300) },
    visibleLine(words, 80),
  );
}

function meanings({ found, unknown }: SignalsView): HTMLElement {
  const line = (name: string, { words, meaning }: SignalView): HTMLElement =>
    h(
      'p',
      {},
      h('span', { class: 'words tone-yellow' }, `${visibleLine(words, 80)}${name}: `),
      visibleLine(meaning, 300),
    );
  return h(
    'dd',
    { class: 'ground' },
    h(
      'details',
      { class: 'replies small' },
      h('summary', {}, 'What they mean'),
      ...found.map((signal) => line('', signal)),
      ...unknown.map((signal) => line(', not known', signal)),
    ),
  );
}

/** Thinking patterns with what each rests on, and signals with what each means; nothing while the rollout goes on. */
export function signFacts(
  trajectory: TrajectoryView,
  steps: readonly Step[],
  actions: SignActions,
): HTMLElement[] {
  const { patterns, signals } = trajectory;
  const rows: HTMLElement[] = [];
  if (patterns) {
    const found = patterns.map((pattern) => patternFold(pattern, steps, trajectory, actions));
    rows.push(fact('Thinking', ...(found.length > 0 ? found : [soft('none of the four patterns')])));
  }
  if (signals) {
    const { found, unknown } = signals;
    const open = unknown.length === 0 ? '' : `${numberWords(unknown.length)} not known`;
    const row = fact(
      'Signals',
      ...(found.length > 0 ? found.map(badge) : [soft('none')]),
      open !== '' && soft(found.length > 0 ? open : `· ${open}`),
    );
    if (found.length + unknown.length > 0) row.append(meanings(signals));
    rows.push(row);
  }
  return rows;
}
