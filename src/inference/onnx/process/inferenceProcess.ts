import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Disposable } from '../../../common/disposable';
import { errorMessage, ImcotError } from '../../../common/errors';
import type { Event } from '../../../common/event';
import { Emitter } from '../../../common/event';
import type { Logger } from '../../../common/logger';
import type { RemoteApi } from '../../../common/rpc';
import { Channel } from '../../../common/rpc';
import type { GenerationEvent } from '../../backend';
import type { LoadProgress, LocalModelOptions } from '../../localModelOptions';
import type { CallId, WorkerApi, WorkerClientApi } from '../../workerApi';
import { labelFolder } from '../checkpoint/folderLabels';
import { childEnvironment } from './childEnvironment';
import { childPort } from './childPort';
import { describeEnd, describeFailedStart, describeHang } from './endReason';
import { ProcessOutput } from './processOutput';
import type { ModelProcess } from './modelProcess';
import { RemoteModel } from './remoteModel';
import { SilenceWatch } from './silenceWatch';

/** How long each thing may take, in milliseconds. */
export interface ProcessLimits {
  /** From the start of the program to its first sign of life. */
  readonly start: number;
  /** Silence while a model is loaded: preparing one for a GPU can hold the process's thread for minutes. */
  readonly silentLoad: number;
  /** Silence afterwards. One run on a GPU holds the thread for some seconds, so this is no measure of speed. */
  readonly silentRun: number;
  /** From the request to end to the end by force. */
  readonly grace: number;
}

/** Limits for real models. */
export const PROCESS_LIMITS: ProcessLimits = {
  start: 30_000,
  silentLoad: 300_000,
  silentRun: 60_000,
  grace: 3000,
};

/** How a model's process is started. */
export interface InferenceProcessOptions {
  /** The built `inferenceWorker.js`. */
  readonly workerPath: string;
  /** The Node program that runs it; this process's own where absent. */
  readonly nodeExecutable?: string;
  /** Flags of that program. */
  readonly execArgv?: readonly string[];
  /** Set besides this process's own environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly logger: Logger;
  readonly limits?: Partial<ProcessLimits>;
}

const released = (model: string): ImcotError =>
  new ImcotError('cancelled', `${model} was unloaded, so the conversation with it has ended.`);

/**
 * Starts a process for one model. It is ready for `open` at once; what goes wrong with the start is told by that.
 * @throws ImcotError `internal` when the worker's program is not there
 */
export function startInferenceProcess(options: InferenceProcessOptions): InferenceProcess {
  if (!existsSync(options.workerPath)) {
    throw new ImcotError(
      'internal',
      `The program that runs models is missing: ${options.workerPath}. Build or install the extension again.`,
    );
  }
  const own = process.execPath;
  const executable = options.nodeExecutable ?? own;
  const asNode = executable === own && process.versions['electron'] !== undefined;
  const child = fork(options.workerPath, [], {
    execPath: executable,
    // Not this process's own flags: an editor under debugging would hand its port on.
    execArgv: [...(options.execArgv ?? [])],
    env: childEnvironment(process.env, asNode, options.env),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return new InferenceProcess(child, executable, options.logger, { ...PROCESS_LIMITS, ...options.limits });
}

/** A process with one model in it, seen from outside. Whatever ends it, every call on it says why. */
export class InferenceProcess implements ModelProcess, Disposable {
  private readonly channel: Channel<WorkerApi>;
  private readonly output: ProcessOutput;
  private readonly watch: SilenceWatch;
  private readonly readers = new Map<CallId, (event: GenerationEvent, length: number) => Promise<void>>();
  private readonly endedEvent = new Emitter<ImcotError>();
  private nextCall: CallId = 1;
  private model = 'the model';
  private doing: 'starting' | 'loading' | 'running' = 'starting';
  private onProgress: ((progress: LoadProgress) => void) | undefined;
  private reason: ImcotError | undefined;
  private opened: RemoteModel | undefined;

  /** The process has ended or was told to, and why. */
  readonly onEnd: Event<ImcotError> = this.endedEvent.event;

  /** Resolves when the system has taken the process back, and with it its memory. */
  readonly gone: Promise<void>;

  constructor(
    private readonly child: ChildProcess,
    executable: string,
    logger: Logger,
    private readonly limits: ProcessLimits,
  ) {
    this.output = new ProcessOutput(logger);
    const tick = Math.min(1000, Math.min(limits.start, limits.silentLoad, limits.silentRun) / 4);
    this.watch = new SilenceWatch(
      () => this.silenceLimit,
      tick,
      (silentMs) => this.endBy(describeHang(this.model, this.doing, silentMs)),
    );
    const client: WorkerClientApi = {
      progress: (progress) => Promise.resolve(this.onProgress?.(progress)),
      changed: (capabilities, reason) => {
        logger.warn(`${this.model}: ${reason}`);
        this.opened?.update(capabilities);
        return Promise.resolve();
      },
      generated: (call, event, length) => this.readers.get(call)?.(event, length) ?? Promise.resolve(),
    };
    const port = childPort(child, () => this.heard());
    this.channel = new Channel<WorkerApi>(port, client);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => this.output.push(chunk));
    }
    child.on('error', (error) => this.end(describeFailedStart(executable, errorMessage(error))));
    this.gone = new Promise((resolve) => {
      // `close` comes after the last line that the process printed; a start that failed has only `error`.
      child.on('error', () => child.pid === undefined && resolve());
      child.on('close', (code, signal) => {
        this.output.end();
        const how = this.reason ? 'as it was told to' : (signal ?? `exit code ${code ?? 'unknown'}`);
        this.end(describeEnd(this.model, this.doing, { code, signal, output: this.output.tail }));
        logger.info(`model process ${child.pid ?? ''} has ended: ${how}`);
        resolve();
      });
    });
    logger.info(`model process ${child.pid ?? ''} was started with ${executable}`);
  }

  /** Why it ended; absent while it lives. */
  get ended(): ImcotError | undefined {
    return this.reason;
  }

  /** Its number in the system; absent when it could not be started. */
  get pid(): number | undefined {
    return this.child.pid;
  }

  /**
   * Loads the model. The process is of no further use when that fails, and ends.
   * @throws ImcotError what the loading said, why the process ended, or `cancelled` by the signal
   */
  async open(
    options: LocalModelOptions,
    hooks: { onProgress(progress: LoadProgress): void; readonly signal: AbortSignal },
  ): Promise<RemoteModel> {
    this.model = labelFolder(options.folder);
    this.onProgress = (progress) => hooks.onProgress(progress);
    const stop = (): void =>
      this.endBy(new ImcotError('cancelled', `Loading ${this.model} was stopped.`), 'politely');
    hooks.signal.addEventListener('abort', stop, { once: true });
    if (hooks.signal.aborted) stop();
    try {
      const opened = await this.channel.remote.open(options);
      this.doing = 'running';
      return (this.opened = new RemoteModel(this, opened));
    } catch (thrown) {
      this.dispose();
      throw thrown;
    } finally {
      this.onProgress = undefined;
      hooks.signal.removeEventListener('abort', stop);
    }
  }

  async call<T>(
    ask: (api: RemoteApi<WorkerApi>, call: CallId) => Promise<T>,
    signal: AbortSignal | undefined,
    reader?: (event: GenerationEvent, length: number) => Promise<void>,
  ): Promise<T> {
    const call = this.nextCall++;
    if (reader) this.readers.set(call, reader);
    const cancel = (): void => void this.channel.remote.cancel(call).catch(() => undefined);
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      if (signal?.aborted === true) cancel();
      return await ask(this.channel.remote, call);
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.readers.delete(call);
    }
  }

  /** Asks the process to end and makes it when it does not. Calls that wait are rejected with `cancelled`. */
  dispose(): void {
    this.endBy(released(this.model), 'politely');
  }

  private get silenceLimit(): number {
    if (this.doing === 'starting') return this.limits.start;
    return this.doing === 'loading' ? this.limits.silentLoad : this.limits.silentRun;
  }

  private heard(): void {
    this.watch.heard();
    if (this.doing === 'starting') this.doing = 'loading';
  }

  private endBy(reason: ImcotError, manner: 'politely' | 'at once' = 'at once'): void {
    if (this.reason) return;
    const force = (): void => void this.child.kill('SIGKILL');
    if (manner === 'politely') {
      void this.channel.remote.shutdown().catch(() => undefined);
      const timer = setTimeout(force, this.limits.grace);
      void this.gone.then(() => clearTimeout(timer));
    } else force();
    this.end(reason);
  }

  private end(reason: ImcotError): void {
    if (this.reason) return;
    this.reason = reason;
    this.watch.dispose();
    this.channel.dispose(reason);
    this.endedEvent.fire(reason);
    this.endedEvent.dispose();
  }
}
