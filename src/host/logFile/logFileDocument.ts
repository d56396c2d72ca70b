import type * as vscode from 'vscode';
import { retryWhenChanged } from '../trajectories/fileChange';
import { OpenedSource } from '../trajectories/openedSource';
import type { OpenedLog } from './openedLog';

/** A file that is open in one or several viewers. Opening may fail, and is tried again when the reason may be gone. */
export class LogFileDocument extends OpenedSource<OpenedLog> implements vscode.CustomDocument {
  /**
   * @param file local path; undefined on another file system
   * @param onDispose called when the last viewer is gone
   */
  constructor(
    readonly uri: vscode.Uri,
    readonly file: string | undefined,
    open: () => Promise<OpenedLog>,
    private readonly onDispose: () => void,
  ) {
    super(open, file === undefined ? undefined : retryWhenChanged(file));
  }

  override dispose(): void {
    if (this.isDisposed) return;
    super.dispose();
    this.onDispose();
  }
}
