import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { registerRunTreeCommands, type RunCommandServices } from './runCommands';
import { AddedFolders, searchedRoots } from './runRoots';
import { RunsSearch } from './runsSearch';
import { RunTree } from './runTree';

/** The tree of runs, its search and its commands. Nothing is searched before somebody looks. */
export function createRuns(
  context: vscode.ExtensionContext,
  services: Pick<RunCommandServices, 'editors' | 'dynamics' | 'trust' | 'logger'>,
): { readonly tree: RunTree; readonly search: RunsSearch; readonly owned: readonly Disposable[] } {
  const added = new AddedFolders(context.workspaceState);
  const worker = vscode.Uri.joinPath(context.extensionUri, 'dist', 'runsWorker.js').fsPath;
  const search = new RunsSearch(worker, () => searchedRoots(added.paths));
  const tree = new RunTree(search);
  const owned = [
    search,
    tree,
    ...registerRunTreeCommands({ ...services, search, added }),
    vscode.workspace.onDidChangeWorkspaceFolders(() => search.refresh()),
    vscode.workspace.onDidGrantWorkspaceTrust(() => search.refresh()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('files.exclude')) search.refresh();
    }),
  ];
  return { tree, search, owned };
}
