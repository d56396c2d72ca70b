import type { CatalogueProblem } from './modelCatalogue';
import type { InferenceState } from './inferenceState';
import { inFigures } from './inferenceState';
import { oneLine } from '../foreignText';
import type { ModelEntry } from './modelEntry';

/** A row of the tree *Models*, without the editor's own types. All text in it is plain text. */
export interface ModelItem {
  /** Names the row as long as it is there. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  /** What a screen reader says. */
  readonly spoken: string;
  /** A codicon, and the theme colour of it. */
  readonly icon: { readonly name: string; readonly color?: string };
  /** What the row's menus go by: kind and status with a dot between. */
  readonly context: string;
  /** The hover's lines: a title and what it is. */
  readonly facts: readonly (readonly [title: string, text: string])[];
}

const KIND_ICONS = { demo: 'beaker', folder: 'package', server: 'server' } as const;
const READY = 'testing.iconPassed';
const LONGEST_NAME = 80;
const LONGEST_FACT = 1000;

/** The row of a model. */
export function modelItem(entry: ModelEntry, state: InferenceState): ModelItem {
  const label = oneLine(entry.label, LONGEST_NAME) || '?';
  const description = oneLine(describe(entry, state));
  return {
    id: entry.id,
    label,
    description,
    spoken: `${label}, ${KIND_WORDS[entry.kind]}, ${description}`,
    icon: iconOf(entry, state),
    context: `${entry.kind}.${state.status}`,
    facts: factsOf(entry, state).map(([title, text]) => [title, oneLine(text, LONGEST_FACT)] as const),
  };
}

/** The row of something that is wrong with the settings. */
export function problemItem({ message, folder }: CatalogueProblem): ModelItem {
  const label = folder === undefined ? 'Settings' : oneLine(folder, LONGEST_NAME);
  const text = oneLine(message, LONGEST_FACT);
  return {
    id: `problem:${folder ?? ''}\n${message}`,
    label,
    description: text,
    spoken: `${label}: ${text}`,
    icon: { name: 'warning', color: 'list.warningForeground' },
    context: folder === undefined ? 'problem.setting' : 'problem.folder',
    facts: [['', text]],
  };
}

const KIND_WORDS = { demo: 'demo model', folder: 'checkpoint folder', server: 'server' } as const;

function describe(entry: ModelEntry, state: InferenceState): string {
  switch (state.status) {
    case 'none':
      return entry.kind === 'server' ? 'not connected' : 'not loaded';
    case 'loading':
      if (entry.kind === 'server') return 'connecting';
      return state.fraction === undefined
        ? `loading · ${state.message}`
        : `${Math.floor(state.fraction * 100)}% · loading · ${state.message}`;
    case 'ready':
      return `ready · ${state.device}`;
    case 'generating': {
      const rate = state.tokensPerSecond === undefined ? '' : `${inFigures(state.tokensPerSecond)} tok/s · `;
      return `generating · ${rate}${state.device}`;
    }
    case 'failed':
      return `failed: ${state.reason}`;
  }
}

function iconOf(entry: ModelEntry, state: InferenceState): ModelItem['icon'] {
  switch (state.status) {
    case 'none':
      return { name: KIND_ICONS[entry.kind] };
    case 'loading':
      return { name: 'loading~spin' };
    case 'ready':
      return { name: 'pass-filled', color: READY };
    case 'generating':
      return { name: 'pulse', color: READY };
    case 'failed':
      return { name: 'error', color: 'list.errorForeground' };
  }
}

function factsOf(entry: ModelEntry, state: InferenceState): (readonly [string, string])[] {
  const what =
    entry.kind === 'server'
      ? ([
          ['Server', entry.address],
          ['Model', entry.model ?? 'the only one that it serves'],
        ] as const)
      : ([['Folder', entry.folder]] as const);
  return [...what, ['State', describe(entry, state)]];
}
