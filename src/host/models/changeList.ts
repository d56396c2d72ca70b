import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';

/**
 * Changes a setting that is a list, for the person and this machine: a workspace has no say in it.
 * @param change gets the list as it stands there; nothing is written when it gives the same one back
 * @throws ImcotError `usage` when something else than a list stands there
 */
export async function changeList(
  name: string,
  change: (list: readonly unknown[]) => readonly unknown[],
): Promise<void> {
  const configuration = vscode.workspace.getConfiguration();
  const list = configuration.get<unknown>(name) ?? [];
  if (!Array.isArray(list)) {
    throw new ImcotError('usage', `The setting ${name} is no list: mend it in the settings first.`);
  }
  const changed = change(list);
  if (changed !== list) await configuration.update(name, changed, vscode.ConfigurationTarget.Global);
}
