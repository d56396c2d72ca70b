import type { Disposable } from '../../common/disposable';
import { toDisposable } from '../../common/disposable';
import { errorCode, errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Logger } from '../../common/logger';
import type { Backend } from '../../inference/backend';
import type { LoadProgress, LocalModelOptions } from '../../inference/localModelOptions';
import type { RemoteModel } from '../../inference/onnx/process/remoteModel';
import type { Coalescer } from '../coalesce';
import { coalesce } from '../coalesce';
import type { ModelLease, ModelLeases, TakenLease } from './inferenceLease';
import { TokenRate } from '../../common/tokenRate';
import type { InferenceState } from './inferenceState';
import { activityState } from './inferenceState';
import { labelFolder } from '../../inference/onnx/checkpoint/folderLabels';
import { unlessAborted } from './unlessAborted';

/** A process that can load one model. */
export interface ModelOpener extends Disposable {
  readonly gone: Promise<void>;
  open(
    options: LocalModelOptions,
    hooks: { onProgress(progress: LoadProgress): void; readonly signal: AbortSignal },
  ): Promise<RemoteModel>;
}

/** What a session needs of its surroundings. */
export interface SessionServices {
  readonly leases: ModelLeases;
  readonly logger: Logger;
  /** Starts a process; throws when it can't. */
  start(nodeExecutable: string | undefined): ModelOpener;
  /** Asks the person whether to load what another window has loaded already. */
  confirm(lease: ModelLease, model: string): Promise<boolean>;
}

/** What to load, and how long it stays unused. */
export interface SessionOptions {
  readonly model: LocalModelOptions;
  readonly nodeExecutable: string | undefined;
  /** Milliseconds; 0: for ever. */
  readonly idleMs: number;
}

/** How often the state may change while a model loads or generates, in milliseconds. */
const STATE_MS = 250;

/** One model from the request to load it until its memory is free again. It goes by itself when nobody uses it. */
export class ModelSession implements Disposable {
  /** What the checkpoint folder is called. */
  readonly name: string;
  private readonly stopping = new AbortController();
  private readonly changed = new Emitter<InferenceState>();
  private readonly progress: Coalescer<InferenceState>;
  private readonly rate = new TokenRate();
  private readonly ready: Promise<RemoteModel>;
  private readonly ended: Promise<void>;
  private model: RemoteModel | undefined;
  /** Whether a process was started, which then says when the memory is free. */
  private started = false;
  private told = '';
  private users = 0;
  private generations = 0;
  private idle: NodeJS.Timeout | undefined;
  private now: InferenceState;

  readonly onDidChange: Event<InferenceState> = this.changed.event;

  /** @param before resolves when the memory of the model before is free */
  constructor(
    private readonly services: SessionServices,
    private readonly options: SessionOptions,
    before: Promise<void>,
  ) {
    this.name = labelFolder(options.model.folder);
    this.now = { status: 'loading', model: this.name, message: 'starting' };
    this.progress = coalesce(STATE_MS, (state) => {
      if (state.status === this.now.status) this.set(state);
    });
    let over = (): void => undefined;
    this.ended = new Promise((resolve) => (over = resolve));
    this.ready = this.load(before, () => over());
    this.ready.catch((error: unknown) => this.finish(error));
  }

  get state(): InferenceState {
    return this.now;
  }

  /** Absolute. */
  get folder(): string {
    return this.options.model.folder;
  }

  /** Whether it has ended, failed, or is about to end: it can't be used any more. */
  get isOver(): boolean {
    return this.stopping.signal.aborted || this.hasFinished;
  }

  private get hasFinished(): boolean {
    return this.now.status === 'none' || this.now.status === 'failed';
  }

  get isInUse(): boolean {
    return this.users > 0;
  }

  /** Resolves when its memory is free again. */
  get gone(): Promise<void> {
    return this.ended;
  }

  /** True when this is what would be loaded for the same request. */
  matches({ model, nodeExecutable }: SessionOptions): boolean {
    const mine = this.options.model;
    const keys = Object.keys({ ...mine, ...model }) as (keyof LocalModelOptions)[];
    return nodeExecutable === this.options.nodeExecutable && keys.every((key) => model[key] === mine[key]);
  }

  /**
   * The model for one more user, once it is loaded. Disposing what comes gives it back. Who stops waiting by the signal
   * leaves the others waiting; the last one to leave stops the loading.
   */
  async use(signal: AbortSignal | undefined): Promise<Backend> {
    this.users++;
    clearTimeout(this.idle);
    const leave = toDisposable(() => this.leave());
    try {
      const model = await unlessAborted(this.ready, signal, () => stopped(this.name));
      return model.share(() => leave.dispose());
    } catch (thrown) {
      leave.dispose();
      throw thrown;
    }
  }

  /** Stops what runs: the loading, or every generation. */
  stop(): void {
    if (this.model) this.model.stop();
    else this.dispose();
  }

  /** Lets the model go, whoever uses it. */
  dispose(): void {
    clearTimeout(this.idle);
    this.stopping.abort();
    this.model?.dispose();
  }

  private async load(before: Promise<void>, over: () => void): Promise<RemoteModel> {
    const { signal } = this.stopping;
    try {
      await before;
      const lease = await this.takeLease();
      try {
        const [other] = lease.others;
        if (other) await unlessAborted(this.ask(other), signal, () => stopped(this.name));
        signal.throwIfAborted();
        const process = this.services.start(this.options.nodeExecutable);
        void process.gone.then(() => {
          lease.dispose();
          over();
        });
        return await this.openIn(process);
      } catch (thrown) {
        lease.dispose();
        throw thrown;
      }
    } catch (thrown) {
      if (!this.started) over();
      throw signal.aborted ? stopped(this.name) : thrown;
    }
  }

  private async openIn(process: ModelOpener): Promise<RemoteModel> {
    this.started = true;
    const model = await process.open(this.options.model, {
      signal: this.stopping.signal,
      onProgress: (progress) => this.tell(progress),
    });
    this.model = model;
    model.onEnd((reason) => this.finish(reason));
    model.onActivity((activity) => {
      if (activity === 'token') this.rate.add(performance.now());
      else this.generations += activity === 'started' ? 1 : -1;
      this.showActivity();
    });
    this.showActivity();
    if (this.users === 0) this.rest();
    return model;
  }

  /** Each message is kept in the log: one may say why a device is not used. */
  private tell({ fraction, message }: LoadProgress): void {
    if (message !== this.told) this.services.logger.info(`${this.name}: ${message}`);
    this.told = message;
    const known = fraction === undefined ? {} : { fraction };
    this.progress.push({ status: 'loading', model: this.name, message, ...known });
  }

  /** A window that can't tell the others loads all the same. */
  private async takeLease(): Promise<TakenLease> {
    try {
      return await this.services.leases.take(this.options.model.folder);
    } catch (thrown) {
      this.services.logger.warn(`Other windows are not told of ${this.name}: ${errorMessage(thrown)}`);
      return { others: [], dispose: () => undefined };
    }
  }

  /** @throws ImcotError `cancelled` when the person does not want it twice */
  private async ask(other: ModelLease): Promise<void> {
    if (await this.services.confirm(other, this.name)) return;
    throw new ImcotError('cancelled', `${this.name} was not loaded: another window has it.`);
  }

  private showActivity(): void {
    if (this.isOver || !this.model) return;
    const state = activityState(this.name, this.model.capabilities.device, this.generations, this.rate);
    if (state.status === 'generating' && this.now.status === 'generating') this.progress.push(state);
    else this.set(state);
  }

  private leave(): void {
    this.users--;
    if (this.users > 0 || this.isOver) return;
    if (this.model) this.rest();
    else this.dispose();
  }

  private rest(): void {
    if (this.options.idleMs > 0) this.idle = setTimeout(() => this.dispose(), this.options.idleMs).unref();
  }

  private finish(error: unknown): void {
    if (this.hasFinished) return;
    clearTimeout(this.idle);
    const wanted = errorCode(error) === 'cancelled';
    this.set(
      wanted ? { status: 'none' } : { status: 'failed', model: this.name, reason: errorMessage(error) },
    );
    this.progress.dispose();
  }

  private set(state: InferenceState): void {
    this.now = state;
    this.changed.fire(state);
  }
}

const stopped = (model: string): ImcotError => new ImcotError('cancelled', `Loading ${model} was stopped.`);
