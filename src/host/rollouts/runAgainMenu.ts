import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { RolloutChoices } from '../../launch/rolloutChoices';
import { withoutIcons } from '../foreignText';
import type { ModelEntry } from '../models/modelEntry';

/** What is run again, as a person may change it. */
export interface AgainDraft {
  readonly question: string;
  /** Absent: the one it was run with is not there any more. */
  readonly model: ModelEntry | undefined;
  readonly choices: RolloutChoices;
  readonly count: number;
}

type Edit = (draft: AgainDraft) => Promise<AgainDraft>;
interface Item extends vscode.QuickPickItem {
  /** Absent: run it. */
  readonly edit?: Edit;
}

/**
 * Shows what will be run, and lets the person change one thing after the other.
 * @throws ImcotError `cancelled`
 */
export async function chooseAgain(
  draft: AgainDraft,
  pickModel: () => Promise<ModelEntry>,
): Promise<AgainDraft> {
  for (let current = draft; ;) {
    const picked = await vscode.window.showQuickPick<Item>(menu(current, pickModel), {
      title: 'Run Again',
      placeHolder: 'Run, or choose what to change first',
    });
    if (!picked) throw new ImcotError('cancelled', 'Nothing was chosen.');
    if (!picked.edit) return current;
    current = await picked.edit(current);
  }
}

function menu(draft: AgainDraft, pickModel: () => Promise<ModelEntry>): Item[] {
  const { question, model, choices, count } = draft;
  const { temperature = count > 1 ? 1 : 0, seed, maxTurns, tools = true } = choices;
  const how = count === 1 ? 'Run' : `Run ${count} times`;
  return [
    { label: `$(play) ${how}` },
    {
      label: `Temperature: ${temperature}`,
      description: temperature === 0 ? 'the most likely token each time' : '',
      edit: number(
        'Temperature, 0 to 2',
        temperature,
        0,
        2,
        false,
        ({ temperature: _temperature, ...now }, value) => ({
          ...now,
          ...(value !== undefined && { temperature: value }),
        }),
      ),
    },
    {
      label: `Seed: ${seed ?? 'drawn'}`,
      description: temperature === 0 ? 'not used at temperature 0' : 'empty: drawn anew',
      edit: number(
        'Seed; empty: drawn anew',
        seed,
        0,
        2 ** 31 - 1,
        true,
        ({ seed: _seed, ...now }, value) => ({
          ...now,
          ...(value !== undefined && { seed: value }),
        }),
      ),
    },
    {
      label: `Turns at most: ${maxTurns ?? "the checkpoint's"}`,
      edit: number('Turns at most', maxTurns, 1, 100, true, ({ maxTurns: _turns, ...now }, value) => ({
        ...now,
        ...(value !== undefined && { maxTurns: value }),
      })),
    },
    {
      label: `Tools: ${tools ? 'on' : 'off'}`,
      description: tools ? '' : 'the question alone, answered directly',
      edit: (now) => Promise.resolve({ ...now, choices: { ...now.choices, tools: !tools } }),
    },
    { label: `Rollouts: ${count}`, description: count > 1 ? 'a group' : '', edit: editCount },
    {
      label: `Model: ${withoutIcons(model?.label ?? 'choose')}`,
      edit: async (now) => ({ ...now, model: await pickModel() }),
    },
    { label: `Question: ${withoutIcons(question)}`, edit: editQuestion },
  ];
}

function number(
  prompt: string,
  value: number | undefined,
  least: number,
  most: number,
  whole: boolean,
  put: (choices: RolloutChoices, value: number | undefined) => RolloutChoices,
): Edit {
  return async (draft) => {
    const typed = await vscode.window.showInputBox({
      prompt,
      value: value === undefined ? '' : String(value),
      validateInput: (text) => problemOf(text, least, most, whole),
    });
    if (typed === undefined) return draft;
    return { ...draft, choices: put(draft.choices, typed.trim() === '' ? undefined : Number(typed)) };
  };
}

const editCount: Edit = async (draft) => {
  const typed = await vscode.window.showInputBox({
    prompt: 'How many rollouts of this question?',
    value: String(draft.count),
    validateInput: (text) => (text.trim() === '' ? 'Enter a number.' : problemOf(text, 1, 1000, true)),
  });
  if (typed === undefined) return draft;
  const count = Number(typed);
  // Several at temperature 0 would all be the same.
  const { temperature, ...rest } = draft.choices;
  const choices = count > 1 && temperature === 0 ? rest : draft.choices;
  return { ...draft, count, choices };
};

const editQuestion: Edit = async (draft) => {
  const typed = await vscode.window.showInputBox({ prompt: 'Question', value: draft.question });
  return typed === undefined || typed.trim() === '' ? draft : { ...draft, question: typed.trim() };
};

/** Why a text is no such number; undefined where it is one, or empty. */
function problemOf(text: string, least: number, most: number, whole: boolean): string | undefined {
  if (text.trim() === '') return undefined;
  const value = Number(text);
  const fits =
    Number.isFinite(value) && value >= least && value <= most && (!whole || Number.isInteger(value));
  return fits ? undefined : `Enter a ${whole ? 'whole ' : ''}number from ${least} to ${most}.`;
}
