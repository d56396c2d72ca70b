import type * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { DisposableOwner } from '../../common/disposable';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import { retryWhenChanged } from '../trajectories/fileChange';
import type { OpenedLog } from './openedLog';

/** A file that is open in one or several viewers. Opening may fail, and is tried again when the reason may be gone. */
export class LogFileDocument extends DisposableOwner implements vscode.CustomDocument {
  private readonly reopened = this.own(new Emitter<void>());
  private readonly retry;
  private opening: Promise<OpenedLog>;
  private waiting: Disposable | undefined;

  /** Fires after `reopen`: `opened` is another promise now. */
  readonly onDidReopen: Event<void> = this.reopened.event;

  /**
   * @param file local path; undefined on another file system
   * @param onDispose called when the last viewer is gone
   */
  constructor(
    readonly uri: vscode.Uri,
    readonly file: string | undefined,
    private readonly open: () => Promise<OpenedLog>,
    private readonly onDispose: () => void,
  ) {
    super();
    this.retry = file === undefined ? undefined : retryWhenChanged(file);
    this.opening = this.begin();
  }

  /** The log; rejects with the sentence to show. */
  get opened(): Promise<OpenedLog> {
    return this.opening;
  }

  /** Opens the file again. */
  reopen(): void {
    if (this.isDisposed) return;
    this.release();
    this.opening = this.begin();
    this.reopened.fire();
  }

  private begin(): Promise<OpenedLog> {
    this.retry?.beginning();
    const opening = this.open();
    // Whoever asks for `opened` shows it; until then it must not count as unhandled.
    opening.catch((thrown: unknown) => {
      if (this.isDisposed || opening !== this.opening) return;
      this.waiting = this.retry?.failed(thrown, () => this.reopen());
    });
    return opening;
  }

  private release(): void {
    this.waiting?.dispose();
    this.waiting = undefined;
    this.opening.then(
      (opened) => 'log' in opened && opened.log.dispose(),
      () => undefined,
    );
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.release();
    super.dispose();
    this.onDispose();
  }
}
