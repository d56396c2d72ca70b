import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import { withoutIcons } from '../foreignText';
import type { ModelCatalogue } from './modelCatalogue';
import type { ModelEntry } from './modelEntry';
import { modelItem } from './modelItem';

interface Choice extends vscode.QuickPickItem {
  readonly entry: ModelEntry;
}

/**
 * Asks which of several models is meant; a single one is taken without asking.
 * @throws ImcotError `usage` when there is none, `cancelled` when the person changed their mind
 */
export async function pickModel(
  entries: readonly ModelEntry[],
  catalogue: ModelCatalogue,
  placeHolder = 'Which model?',
): Promise<ModelEntry> {
  const [only, second] = entries;
  if (!only) throw new ImcotError('usage', 'There is no such model. "iMCoT: Add Model..." adds one.');
  if (!second) return only;
  const choices = entries.map((entry): Choice => {
    const { label, description, icon, facts } = modelItem(entry, catalogue.stateOf(entry));
    const place = facts[0]?.[1] ?? '';
    return {
      entry,
      label: `$(${icon.name}) ${withoutIcons(label)}`,
      description: withoutIcons(description),
      detail: withoutIcons(place),
    };
  });
  const chosen = await vscode.window.showQuickPick(choices, { placeHolder, matchOnDetail: true });
  if (!chosen) throw new ImcotError('cancelled', 'No model was chosen.');
  return chosen.entry;
}
