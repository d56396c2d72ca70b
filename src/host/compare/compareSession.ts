import { DisposableOwner } from '../../common/disposable';
import { errorCode, errorMessage } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { CompareTarget } from '../../compare/compareApi';
import { CompareClient } from '../../compare/compareClient';
import type { ComparedName, ComparedRow, CompareFound, CompareView, Side } from '../../protocol/compareView';
import { checkIndex, checkRange } from '../trajectories/pageRequests';
import { checkCompareQuery } from './compareRequests';

/** What a session is made with. */
export interface CompareSessionOptions {
  readonly names: Readonly<Record<Side, ComparedName>>;
  /** The built `compareWorker.js`. */
  readonly workerPath: string;
  /** What to compare. @throws ImcotError where it may not be read */
  target(): Promise<CompareTarget>;
}

/** One comparison of two logs: its state, and the answers of the thread that holds them. */
export class CompareSession extends DisposableOwner {
  private readonly changes = this.own(new Emitter<CompareView>());
  private current: CompareView;
  private client: CompareClient | undefined;
  private generation = 0;

  /** The state changed. */
  readonly onDidChange: Event<CompareView> = this.changes.event;

  constructor(private readonly options: CompareSessionOptions) {
    super();
    this.current = { status: 'reading', names: options.names };
    void this.again();
  }

  get view(): CompareView {
    return this.current;
  }

  /** Reads both logs anew; resolves when that is done, however it ends. */
  async again(): Promise<void> {
    const { names } = this.options;
    const generation = ++this.generation;
    const isOver = (): boolean => this.isDisposed || generation !== this.generation;
    this.show({ status: 'reading', names });
    try {
      const target = await this.options.target();
      if (isOver()) return;
      const compared = await this.thread().remote.compare(target);
      if (!isOver()) this.show({ status: 'ready', names, generation, compared });
    } catch (thrown) {
      if (isOver()) return;
      const isStopped = errorCode(thrown) === 'cancelled';
      this.show(
        isStopped ? { status: 'stopped', names } : { status: 'error', names, message: errorMessage(thrown) },
      );
    }
  }

  async stop(): Promise<void> {
    await this.client?.remote.stop();
  }

  async query(query: unknown): Promise<CompareFound> {
    return this.thread().remote.query(checkCompareQuery(query));
  }

  async rows(result: number, start: number, end: number): Promise<readonly ComparedRow[]> {
    const range = checkRange(start, end);
    return this.thread().remote.rows(checkIndex(result), range.start, range.end);
  }

  private show(view: CompareView): void {
    this.current = view;
    this.changes.fire(view);
  }

  /** Started anew where it has crashed. */
  private thread(): CompareClient {
    if (this.client && !this.client.isDisposed) return this.client;
    const client = new CompareClient(this.options.workerPath);
    client.onReading((reading) => {
      if (this.current.status === 'reading') this.show({ ...this.current, reading });
    });
    this.client = client;
    return client;
  }

  override dispose(): void {
    super.dispose();
    this.client?.dispose();
  }
}
