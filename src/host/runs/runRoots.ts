import * as vscode from 'vscode';
import type { Exclusion, RunRoot } from '../../dynamics/runs/runLogs';
import { WORKSPACE_STATE } from '../contributions';

/** Folders that a person can add; more are a mistake. */
const MOST_ADDED = 50;

/** A folder that is searched, as the tree names it. */
export interface NamedRoot extends RunRoot {
  readonly name: string;
  /** Whether a person added it, and can take it away. */
  readonly isAdded: boolean;
}

/** Folders that a person added to those of the workspace, which remembers them. */
export class AddedFolders {
  constructor(private readonly memory: Pick<vscode.Memento, 'get' | 'update'>) {}

  get paths(): readonly string[] {
    const value = this.memory.get<unknown>(WORKSPACE_STATE.runFolders);
    return Array.isArray(value) ? (value as unknown[]).filter((entry) => typeof entry === 'string') : [];
  }

  /** Adds folders; those that are there already stay where they are. */
  async add(folders: readonly string[]): Promise<void> {
    const all = [...new Set([...this.paths, ...folders])].slice(-MOST_ADDED);
    await this.memory.update(WORKSPACE_STATE.runFolders, all);
  }

  async remove(folder: string): Promise<void> {
    const others = this.paths.filter((known) => known !== folder);
    await this.memory.update(WORKSPACE_STATE.runFolders, others);
  }
}

/** The folders that may be searched: those of the workspace on this machine, and added ones in a trusted workspace. */
export function searchedRoots(added: readonly string[]): readonly NamedRoot[] {
  const own = (vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === 'file')
    .map(({ uri, name }) => ({ path: uri.fsPath, name, isAdded: false, exclude: exclusions(uri) }));
  if (!vscode.workspace.isTrusted) return own;
  const others = added.filter((folder) => own.every(({ path }) => path !== folder));
  return [
    ...own,
    ...others.map((folder) => {
      const uri = vscode.Uri.file(folder);
      return { path: folder, name: folder, isAdded: true, exclude: exclusions(uri) };
    }),
  ];
}

function exclusions(folder: vscode.Uri): readonly Exclusion[] {
  const setting = vscode.workspace.getConfiguration('files', folder).get<unknown>('exclude');
  if (typeof setting !== 'object' || setting === null) return [];
  return Object.entries(setting).flatMap(([pattern, value]: [string, unknown]) => {
    if (value === true) return { pattern };
    const when = typeof value === 'object' && value !== null ? (value as { when?: unknown }).when : undefined;
    return typeof when === 'string' ? { pattern, when } : [];
  });
}
