import type { Disposable } from '../../common/disposable';
import { DisposableOwner } from '../../common/disposable';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';

/** When a source that did not open is tried again by itself. */
export interface RetryOpening {
  /** Told before each opening. */
  beginning(): void;
  /** Told after one that failed; calls `again` when it may go better, until disposed. */
  failed(thrown: unknown, again: () => void): Disposable | undefined;
}

/**
 * What stands behind one document, such as a log's source, shared by all its editors. Opening begins at once and may fail; `reopen` tries again
 * when the reason may be gone (trust was granted, the file is back).
 */
export class OpenedSource<T extends Disposable> extends DisposableOwner {
  private readonly reopened = this.own(new Emitter<void>());
  private opening: Promise<T>;
  private waiting: Disposable | undefined;

  /** Fires after `reopen`: `source` is another promise now. */
  readonly onDidReopen: Event<void> = this.reopened.event;

  /** @param open opens the source anew each time; rejects with an `ImcotError` whose sentence is shown */
  constructor(
    private readonly open: () => Promise<T>,
    private readonly retry?: RetryOpening,
  ) {
    super();
    this.opening = this.begin();
  }

  /** The source, or why there is none. */
  get source(): Promise<T> {
    return this.opening;
  }

  /** Lets go of what is open and opens again. */
  reopen(): void {
    if (this.isDisposed) return;
    this.release();
    this.opening = this.begin();
    this.reopened.fire();
  }

  private begin(): Promise<T> {
    this.retry?.beginning();
    const opening = this.open();
    // The rejection is shown by whoever asks for `source`; while nobody does it must not count as unhandled.
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
      (source) => source.dispose(),
      () => undefined,
    );
  }

  override dispose(): void {
    if (!this.isDisposed) this.release();
    super.dispose();
  }
}
