import type { ImcotError } from '../../../common/errors';
import type { Event } from '../../../common/event';
import type { RemoteApi } from '../../../common/rpc';
import type { GenerationEvent } from '../../backend';
import type { CallId, WorkerApi } from '../../workerApi';

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
