import * as vscode from 'vscode';
import path from 'node:path';
import { DisposableOwner } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import { SETTINGS, WORKSPACE_STATE } from '../contributions';
import type { WorkspaceTrust } from '../trust';

/** How many chosen folders are remembered; the oldest is forgotten. */
const REMEMBERED_FOLDERS = 20;

/** Where images may be looked for, and whether the workspace is trusted: all of it as the window has it now. */
export class WorkspaceImages extends DisposableOwner {
  private readonly changed = this.own(new Emitter<void>());

  /** Images may resolve differently now: a folder was chosen, a setting or the workspace's folders changed, trust came. */
  readonly onDidChange: Event<void> = this.changed.event;

  constructor(private readonly memory: vscode.Memento) {
    super();
    this.own(vscode.workspace.onDidGrantWorkspaceTrust(() => this.changed.fire()));
    this.own(vscode.workspace.onDidChangeWorkspaceFolders(() => this.changed.fire()));
    this.own(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(SETTINGS.imageRoots)) this.changed.fire();
      }),
    );
  }

  /** The window's trust and its local folders. */
  get trust(): WorkspaceTrust {
    const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri);
    return {
      trusted: vscode.workspace.isTrusted,
      folders: folders.filter((uri) => uri.scheme === 'file').map((uri) => uri.fsPath),
    };
  }

  /**
   * Folders in which the images of a log may be looked for, the nearest first: the log's own, then the workspace's, the
   * setting's and the chosen ones. In a restricted workspace the log's own folder alone, and only inside the workspace,
   * which whoever reads there checks with links followed.
   * @param log the log's file; undefined when it is not a local file
   */
  roots(log: string | undefined): readonly string[] {
    const { trusted, folders } = this.trust;
    const own = log === undefined ? [] : [path.dirname(log)];
    if (!trusted) return own;
    return [...new Set([...own, ...folders, ...this.configured(log, folders), ...this.chosen])];
  }

  private configured(log: string | undefined, folders: readonly string[]): string[] {
    const scope = log === undefined ? undefined : vscode.Uri.file(log);
    const value = vscode.workspace.getConfiguration(undefined, scope).get<unknown>(SETTINGS.imageRoots);
    const entries = Array.isArray(value)
      ? value.filter((entry): entry is string => typeof entry === 'string')
      : [];
    const base = (scope && vscode.workspace.getWorkspaceFolder(scope)?.uri.fsPath) ?? folders[0];
    return entries
      .filter((entry) => entry !== '' && (path.isAbsolute(entry) || base !== undefined))
      .map((entry) => (path.isAbsolute(entry) ? path.normalize(entry) : path.join(base ?? '', entry)));
  }

  private get chosen(): readonly string[] {
    const value = this.memory.get<unknown>(WORKSPACE_STATE.chosenImageFolders);
    return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
  }

  /** The file of ground-truth boxes that was chosen; none in a restricted workspace. */
  get truthFile(): string | undefined {
    const value = this.memory.get<unknown>(WORKSPACE_STATE.chosenTruthFile);
    return vscode.workspace.isTrusted && typeof value === 'string' ? value : undefined;
  }

  /** Remembers a file of ground-truth boxes for the workspace, or that there is none. */
  async useTruthFile(file: string | undefined): Promise<void> {
    await this.memory.update(WORKSPACE_STATE.chosenTruthFile, file);
    this.changed.fire();
  }

  /**
   * Asks for a folder and remembers it for the workspace.
   * @returns whether one was chosen
   * @throws ImcotError `denied` in a restricted workspace
   */
  async choose(): Promise<boolean> {
    if (!vscode.workspace.isTrusted) {
      throw new ImcotError(
        'denied',
        'This workspace is not trusted, so only images beside the log are read. Trust it to choose another folder.',
      );
    }
    const picked = await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      canSelectMany: true,
      openLabel: 'Use These Images',
      title: 'Folder with the images that the log names',
    });
    const folders = (picked ?? []).filter((uri) => uri.scheme === 'file').map((uri) => uri.fsPath);
    if (folders.length === 0) return false;
    await this.remember(folders);
    return true;
  }

  /** Adds folders in front of the remembered ones. */
  async remember(folders: readonly string[]): Promise<void> {
    const all = [...new Set([...folders, ...this.chosen])].slice(0, REMEMBERED_FOLDERS);
    await this.memory.update(WORKSPACE_STATE.chosenImageFolders, all);
    this.changed.fire();
  }
}
