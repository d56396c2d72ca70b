import type * as vscode from 'vscode';
import { retryWhenChanged } from './fileChange';
import { OpenedSource } from './openedSource';
import type { TrajectorySource } from '../../readers/trajectorySource';

/** A log that is open in one or several editors, which share its source. */
export class TrajectoryDocument extends OpenedSource<TrajectorySource> implements vscode.CustomDocument {
  /**
   * @param file the log's local path; undefined when it lies on another file system
   * @param onDispose called when the last editor is gone
   */
  constructor(
    readonly uri: vscode.Uri,
    readonly file: string | undefined,
    open: () => Promise<TrajectorySource>,
    private readonly onDispose: () => void,
  ) {
    super(open, file === undefined ? undefined : retryWhenChanged(file));
  }

  override dispose(): void {
    super.dispose();
    this.onDispose();
  }
}
