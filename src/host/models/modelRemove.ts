import * as vscode from 'vscode';
import { changeList } from './changeList';
import { SETTINGS } from '../contributions';
import { withoutLinks } from '../foreignText';
import type { ModelCatalogue } from './modelCatalogue';
import type { ModelEntry } from './modelEntry';
import { withoutFolder, withoutServer } from './modelLists';
import { absoluteFolder } from './modelSettings';
import type { ServerKeys } from './serverKeys';

/** Takes a folder of the settings out of them; its files stay. */
export async function removeFolder(folder: string): Promise<void> {
  await changeList(SETTINGS.modelFolders, (list) => withoutFolder(list, folder, absoluteFolder));
}

/** Takes a model out of the settings. Its files stay; the key of a server that is named nowhere else is forgotten. */
export async function removeModel(
  entry: ModelEntry,
  catalogue: ModelCatalogue,
  keys: ServerKeys,
): Promise<void> {
  if (entry.kind === 'demo') return;
  if (entry.kind === 'server') {
    await changeList(SETTINGS.servers, (list) => withoutServer(list, entry));
    await catalogue.unload(entry);
    const left = await catalogue.list();
    if (!left.some((other) => other.kind === 'server' && other.address === entry.address)) {
      await keys.forget(entry.address);
    }
    return;
  }
  const { root, models } = catalogue.rootOf(entry);
  if (models > 1 && !(await confirmRoot(root, models))) return;
  await removeFolder(root);
}

async function confirmRoot(root: string, models: number): Promise<boolean> {
  const remove = 'Remove Folder';
  const chosen = await vscode.window.showWarningMessage(
    `The list of models names the folder ${withoutLinks(root)}, in which ${models} models were found. Remove it?`,
    { modal: true, detail: 'All its models go from the list. No file is deleted.' },
    remove,
  );
  return chosen === remove;
}
