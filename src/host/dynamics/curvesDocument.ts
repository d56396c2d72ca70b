import type { Disposable } from '../../common/disposable';
import { DisposableOwner } from '../../common/disposable';
import { errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Logger } from '../../common/logger';
import type { RemoteApi } from '../../common/rpc';
import type { DynamicsApi, DynamicsTarget } from '../../dynamics/dynamicsApi';
import type { DynamicsClient } from '../../dynamics/dynamicsClient';
import type { DynamicsView } from '../../protocol/dynamicsView';
import type { RetryOpening } from '../trajectories/openedSource';

/** What a document of curves is made with. */
export interface CurvesDocumentOptions {
  /** Files or folders. */
  readonly paths: readonly string[];
  /**
   * What the thread is to open, asked for anew each time.
   * @throws ImcotError when it may not be read
   */
  target(): Promise<DynamicsTarget>;
  /** Starts a thread. */
  start(): DynamicsClient;
  readonly retry?: RetryOpening;
  onDispose?(document: CurvesDocument): void;
  readonly logger: Logger;
}

/**
 * What was opened, with the one thread that holds its curves, shared by all its pages. When it can't be opened, or the
 * thread crashes, that is its view, until `reload`.
 */
export class CurvesDocument extends DisposableOwner {
  private readonly changes = this.own(new Emitter<DynamicsView>());
  private client: DynamicsClient | undefined;
  private current: DynamicsView = { status: 'loading' };
  private opening: Promise<DynamicsClient>;
  private waiting: Disposable | undefined;
  private listening: readonly Disposable[] = [];

  /** The view changed. */
  readonly onDidChange: Event<DynamicsView> = this.changes.event;

  constructor(private readonly options: CurvesDocumentOptions) {
    super();
    this.opening = this.begin();
  }

  /** Files or folders, absolute. */
  get paths(): readonly string[] {
    return this.options.paths;
  }

  get view(): DynamicsView {
    return this.current;
  }

  /**
   * The thread, once it has opened what there is.
   * @throws ImcotError why there is none
   */
  async remote(): Promise<RemoteApi<DynamicsApi>> {
    for (;;) {
      const { opening } = this;
      try {
        const { remote } = await opening;
        if (opening === this.opening) return remote;
      } catch (thrown) {
        if (opening === this.opening) throw thrown;
      }
    }
  }

  /** Ends the thread and opens anew. */
  reload(): void {
    if (this.isDisposed) return;
    this.release();
    this.opening = this.begin();
  }

  private async open(own: () => boolean): Promise<DynamicsClient> {
    this.options.retry?.beginning();
    const target = await this.options.target();
    if (!own()) throw closed();
    const client = this.options.start();
    this.client = client;
    let failure: ImcotError | undefined;
    this.listening = [
      client.onDidChange((view) => own() && this.tell(view)),
      client.onDidFail((message) => {
        failure = new ImcotError('internal', message);
        if (own()) this.crashed(failure);
      }),
    ];
    const view = await client.remote.open(target);
    if (failure) throw failure;
    // What came meanwhile is newer than the answer.
    if (own() && !isLater(this.current, view)) this.tell(view);
    return client;
  }

  private begin(): Promise<DynamicsClient> {
    this.tell({ status: 'loading' });
    const own = (): boolean => !this.isDisposed && opening === this.opening;
    // Not at once: `own` is to know which opening it is.
    const opening = Promise.resolve().then(() => this.open(own));
    opening.catch((thrown: unknown) => {
      if (!own()) return;
      this.options.logger.warn(errorMessage(thrown));
      this.tell({ status: 'error', message: errorMessage(thrown) });
      this.waiting = this.options.retry?.failed(thrown, () => this.reload());
    });
    return opening;
  }

  private crashed(failure: ImcotError): void {
    this.options.logger.error(failure.message);
    this.opening = Promise.reject(failure);
    this.opening.catch(() => undefined);
    this.tell({ status: 'error', message: failure.message });
  }

  private tell(view: DynamicsView): void {
    this.current = view;
    this.changes.fire(view);
  }

  private release(): void {
    this.waiting?.dispose();
    this.waiting = undefined;
    for (const listener of this.listening) listener.dispose();
    this.listening = [];
    this.client?.dispose();
    this.client = undefined;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.release();
    super.dispose();
    this.options.onDispose?.(this);
  }
}

const closed = (): ImcotError => new ImcotError('cancelled', 'The curves were closed.');

function isLater(view: DynamicsView, than: DynamicsView): boolean {
  if (view.status === 'loading') return false;
  if (view.status !== 'ready' || than.status !== 'ready') return true;
  return view.generation > than.generation || (view.generation === than.generation && !view.reading);
}
