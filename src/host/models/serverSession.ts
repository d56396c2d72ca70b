import type { Disposable } from '../../common/disposable';
import { toDisposable } from '../../common/disposable';
import { errorCode, errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Backend } from '../../inference/backend';
import type { Coalescer } from '../coalesce';
import { coalesce } from '../coalesce';
import { TokenRate } from '../../common/tokenRate';
import type { InferenceState } from './inferenceState';
import { activityState } from './inferenceState';
import { SharedBackend } from './sharedBackend';
import { unlessAborted } from './unlessAborted';

/** How often the state may change while a server generates, in milliseconds. */
const STATE_MS = 250;

/**
 * One server's model, opened once for all who use it, from the first of them to the last. A failure is remembered and
 * ends it; whoever comes next opens a new one.
 */
export class ServerSession implements Disposable {
  private readonly stopping = new AbortController();
  private readonly changed = new Emitter<InferenceState>();
  private readonly progress: Coalescer<InferenceState>;
  private readonly rate = new TokenRate();
  private readonly ready: Promise<Backend>;
  private backend: Backend | undefined;
  private users = 0;
  private generations = 0;
  private now: InferenceState;

  readonly onDidChange: Event<InferenceState> = this.changed.event;

  /**
   * @param name for people
   * @param open asks the server; its signal stops that
   */
  constructor(
    private readonly name: string,
    open: (signal: AbortSignal) => Promise<Backend>,
  ) {
    this.now = { status: 'loading', model: name, message: 'connecting' };
    this.progress = coalesce(STATE_MS, (state) => {
      if (state.status === this.now.status) this.set(state);
    });
    this.ready = this.open(open);
    this.ready.catch((error: unknown) => this.finish(error));
  }

  get state(): InferenceState {
    return this.now;
  }

  /** Whether it can't be used any more. */
  get isOver(): boolean {
    return this.stopping.signal.aborted || this.now.status === 'failed' || this.now.status === 'none';
  }

  /**
   * The model for one more user, once the server has answered. Disposing what comes gives it back.
   * @throws ImcotError `cancelled` by the signal or when the session was let go of, or what the opening said
   */
  async use(signal?: AbortSignal): Promise<Backend> {
    this.users++;
    const leave = toDisposable(() => this.leave());
    try {
      const backend = await unlessAborted(this.ready, signal, () => stopped(this.name));
      return new SharedBackend(backend, {
        began: () => this.count(1),
        token: () => this.token(),
        ended: () => this.count(-1),
        released: () => leave.dispose(),
      });
    } catch (thrown) {
      leave.dispose();
      throw thrown;
    }
  }

  /** Lets it go, whoever uses it. */
  dispose(): void {
    if (this.isOver) return;
    this.stopping.abort();
    this.backend?.dispose();
    this.finish(stopped(this.name));
  }

  private async open(open: (signal: AbortSignal) => Promise<Backend>): Promise<Backend> {
    const { signal } = this.stopping;
    const backend = await open(signal);
    if (signal.aborted) {
      backend.dispose();
      throw stopped(this.name);
    }
    this.backend = backend;
    this.show();
    return backend;
  }

  private count(change: 1 | -1): void {
    this.generations += change;
    this.show();
  }

  private token(): void {
    this.rate.add(performance.now());
    this.show();
  }

  private show(): void {
    if (this.isOver || !this.backend) return;
    const state = activityState(this.name, this.backend.capabilities.device, this.generations, this.rate);
    if (state.status === 'generating' && this.now.status === 'generating') this.progress.push(state);
    else this.set(state);
  }

  private leave(): void {
    this.users--;
    if (this.users === 0) this.dispose();
  }

  private finish(error: unknown): void {
    if (this.now.status === 'none' || this.now.status === 'failed') return;
    const reason = errorMessage(error);
    const wanted = errorCode(error) === 'cancelled';
    this.set(wanted ? { status: 'none' } : { status: 'failed', model: this.name, reason });
    this.progress.dispose();
  }

  private set(state: InferenceState): void {
    this.now = state;
    this.changed.fire(state);
  }
}

const stopped = (name: string): ImcotError =>
  new ImcotError('cancelled', `Connecting to ${name} was stopped.`);
