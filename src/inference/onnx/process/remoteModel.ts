import { DisposableOwner } from '../../../common/disposable';
import { ImcotError } from '../../../common/errors';
import type { Event } from '../../../common/event';
import { Emitter } from '../../../common/event';
import type { Backend, Capabilities, SamplingParameters, Sequence } from '../../backend';
import type { OpenedModel } from '../../workerApi';
import type { ModelProcess } from './modelProcess';
import type { SequenceFamily } from './remoteSequence';
import { RemoteSequence } from './remoteSequence';

/** A step of any generation of a model. */
export type Activity = 'started' | 'token' | 'ended';

/** A model in another process, used as if it were in this one. */
export class RemoteModel implements Backend {
  readonly defaults: Partial<SamplingParameters>;

  private known: Capabilities;
  private readonly activity = new Emitter<Activity>();
  private readonly running = new Set<AbortController>();
  private readonly own: ModelShare;

  /** Tells of generations, those of all sequences alike. */
  readonly onActivity: Event<Activity> = this.activity.event;

  constructor(
    private readonly process: ModelProcess,
    opened: OpenedModel,
  ) {
    this.known = opened.capabilities;
    this.defaults = opened.defaults;
    this.own = this.share();
  }

  get capabilities(): Capabilities {
    return this.known;
  }

  /** Takes over what the model's process tells anew. */
  update(capabilities: Capabilities): void {
    this.known = capabilities;
  }

  /** The model's process ended, and why: nothing more can be asked of it. */
  get onEnd(): Event<ImcotError> {
    return this.process.onEnd;
  }

  /** Resolves when the model's memory is free again. */
  get gone(): Promise<void> {
    return this.process.gone;
  }

  /**
   * The same model for one of several users: disposing it stops and closes what that user began, and leaves the model.
   * @param released called when it is disposed
   */
  share(released: () => void = () => undefined): ModelShare {
    return new ModelShare(this, this.process, (generation) => this.enter(generation), released);
  }

  start(): Promise<Sequence> {
    return this.own.start();
  }

  /** Stops every generation that runs, as their signals would. */
  stop(): void {
    for (const generation of this.running) generation.abort();
  }

  dispose(): void {
    this.process.dispose();
  }

  private enter(generation: AbortController): { token(): void; leave(): void } {
    this.running.add(generation);
    this.activity.fire('started');
    return {
      token: () => this.activity.fire('token'),
      leave: () => {
        if (this.running.delete(generation)) this.activity.fire('ended');
      },
    };
  }
}

/** One user's part of a model: its sequences, their forks included. */
export class ModelShare extends DisposableOwner implements Backend {
  private readonly sequences = new Set<Sequence>();
  private readonly running = new Set<AbortController>();

  constructor(
    private readonly model: Pick<Backend, 'capabilities' | 'defaults'>,
    private readonly process: ModelProcess,
    private readonly enter: SequenceFamily['enter'],
    private readonly released: () => void,
  ) {
    super();
  }

  get capabilities(): Capabilities {
    return this.model.capabilities;
  }

  get defaults(): Partial<SamplingParameters> {
    return this.model.defaults;
  }

  async start(): Promise<Sequence> {
    if (this.isDisposed) throw new ImcotError('cancelled', 'This use of the model is over.');
    const state = await this.process.call((api) => api.start(), undefined);
    const sequence = new RemoteSequence(this.process, state, {
      enter: (generation) => this.follow(generation),
      born: (one) => this.sequences.add(one),
      closed: (one) => this.sequences.delete(one),
    });
    if (this.isDisposed) this.closeAll();
    return sequence;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    super.dispose();
    for (const generation of this.running) generation.abort();
    this.closeAll();
    this.released();
  }

  private follow(generation: AbortController): { token(): void; leave(): void } {
    this.running.add(generation);
    const entered = this.enter(generation);
    return {
      token: () => entered.token(),
      leave: () => {
        this.running.delete(generation);
        entered.leave();
      },
    };
  }

  private closeAll(): void {
    // A process that is gone has closed them all.
    for (const sequence of [...this.sequences]) void sequence.close().catch(() => undefined);
  }
}
