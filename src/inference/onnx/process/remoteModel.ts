import type { ImcotError } from '../../../common/errors';
import type { Event } from '../../../common/event';
import { Emitter } from '../../../common/event';
import type { RemoteApi } from '../../../common/rpc';
import type { Backend, Capabilities, GenerationEvent, SamplingParameters, Sequence } from '../../backend';
import type { CallId, OpenedModel, WorkerApi } from '../../workerApi';
import { RemoteSequence } from './remoteSequence';

/** What a model and its sequences need of the process behind them. */
export interface ModelProcess {
  readonly onEnd: Event<ImcotError>;
  /** Resolves when the system has taken the process back. */
  readonly gone: Promise<void>;
  /**
   * Makes a call that the signal stops.
   * @param reader takes the events of a generation; resolves when each was read
   * @throws ImcotError what the model said, or why the process ended
   */
  call<T>(
    ask: (api: RemoteApi<WorkerApi>, call: CallId) => Promise<T>,
    signal: AbortSignal | undefined,
    reader?: (event: GenerationEvent, length: number) => Promise<void>,
  ): Promise<T>;
  dispose(): void;
}

/** A step of any generation of a model. */
export type Activity = 'started' | 'token' | 'ended';

/** A model in another process, used as if it were in this one. */
export class RemoteModel implements Backend {
  readonly capabilities: Capabilities;
  readonly defaults: Partial<SamplingParameters>;

  private readonly activity = new Emitter<Activity>();
  private readonly running = new Set<AbortController>();

  /** Tells of generations, those of all sequences alike. */
  readonly onActivity: Event<Activity> = this.activity.event;

  constructor(
    private readonly process: ModelProcess,
    opened: OpenedModel,
  ) {
    this.capabilities = opened.capabilities;
    this.defaults = opened.defaults;
  }

  /** The model's process ended, and why: nothing more can be asked of it. */
  get onEnd(): Event<ImcotError> {
    return this.process.onEnd;
  }

  /** Resolves when the model's memory is free again. */
  get gone(): Promise<void> {
    return this.process.gone;
  }

  async start(): Promise<Sequence> {
    const state = await this.process.call((api) => api.start(), undefined);
    return new RemoteSequence(this.process, state, (generation) => this.enter(generation));
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
