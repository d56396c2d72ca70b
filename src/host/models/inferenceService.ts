import path from 'node:path';
import { DisposableOwner } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Backend } from '../../inference/backend';
import type { SessionOptions, SessionServices } from './inferenceSession';
import { ModelSession } from './inferenceSession';
import type { InferenceState } from './inferenceState';
import type { ModelSettings } from './modelSettings';

/** Platforms that the model runtime is built for, as `process.platform` and `process.arch` name them. */
const SUPPORTED = ['linux-x64', 'linux-arm64', 'win32-x64', 'win32-arm64', 'darwin-arm64'];

/** What local inference needs of the window. */
export interface InferenceServices extends SessionServices {
  /** Where quantised weights are kept unless the settings say otherwise, absolute. */
  readonly cacheFolder: string;
  /** `process.platform` and `process.arch`, joined by a hyphen. */
  readonly platform: string;
  /** The settings as they are now; throws when one is off. */
  settings(): ModelSettings;
  /** Whether the workspace is trusted now. */
  trusted(): boolean;
}

/**
 * The local model of this window: loaded when somebody asks for it, shared while it is used, and let go when nobody has
 * used it for a while. One at a time.
 */
export class InferenceService extends DisposableOwner {
  private readonly changed = this.own(new Emitter<InferenceState>());
  private session: ModelSession | undefined;

  readonly onDidChange: Event<InferenceState> = this.changed.event;

  constructor(private readonly services: InferenceServices) {
    super();
  }

  get state(): InferenceState {
    return this.session?.state ?? { status: 'none' };
  }

  /** The checkpoint folder that the state speaks of, absolute; absent while there is none. */
  get folder(): string | undefined {
    return this.state.status === 'none' ? undefined : this.session?.folder;
  }

  /**
   * The model of a checkpoint folder, by the present settings. Disposing it gives it back, and stops what its user left
   * running. Call it when a person asks for a model and never by itself: loading takes gigabytes.
   * @param signal stops the wait, and the loading when nobody else waits for it
   * @throws ImcotError `denied` in a restricted workspace, `missing` where the runtime has no build, `usage` when a setting
   *   is off or another model is in use, `cancelled`, or what the loading said
   */
  async acquire(folder: string, signal?: AbortSignal): Promise<Backend> {
    this.check();
    const options = this.optionsFor(folder);
    const { session } = this;
    if (session && !session.isOver) {
      if (session.matches(options)) return session.use(signal);
      if (session.isInUse) {
        const same = session.folder === options.model.folder ? ' with other settings' : '';
        throw new ImcotError(
          'usage',
          `${session.name} is in use${same}. Let it finish, or run "iMCoT: Unload Model" first.`,
        );
      }
      session.dispose();
    }
    return this.begin(options, session?.gone ?? Promise.resolve()).use(signal);
  }

  /** Stops the loading or every generation. What was generated is kept. */
  stop(): void {
    this.session?.stop();
  }

  /**
   * Lets the model go, whoever uses it; forgets a failed one. Resolves when its memory is free.
   * @throws ImcotError `usage` when there is none
   */
  async unload(): Promise<void> {
    const { session } = this;
    if (!session || session.state.status === 'none') {
      throw new ImcotError('usage', 'No local model is loaded.');
    }
    session.dispose();
    await session.gone;
    if (this.session !== session) return;
    this.session = undefined;
    this.changed.fire(this.state);
  }

  override dispose(): void {
    this.session?.dispose();
    super.dispose();
  }

  private check(): void {
    const { platform } = this.services;
    if (this.isDisposed) throw new ImcotError('cancelled', 'The window is closing.');
    if (!this.services.trusted()) {
      throw new ImcotError(
        'denied',
        'This workspace is not trusted, so no model is run. Trust the workspace to load one.',
      );
    }
    if (SUPPORTED.includes(platform)) return;
    const reason = platform === 'darwin-x64' ? 'Macs with an Intel processor' : platform;
    throw new ImcotError(
      'missing',
      `Local models can't run here: the model runtime has no build for ${reason}. ` +
        'Connect to another machine over Remote - SSH to run them there.',
    );
  }

  private optionsFor(folder: string): SessionOptions {
    const settings = this.services.settings();
    const { provider, precision, contextLength, threads, maxCacheBytes, sequenceMemoryBytes } = settings;
    const cacheFolder = settings.cacheFolder ?? this.services.cacheFolder;
    const limits = { contextLength, threads, cacheFolder, maxCacheBytes, sequenceMemoryBytes };
    const { runtimeLibrary } = settings;
    const library = runtimeLibrary === undefined ? {} : { runtimeLibrary };
    const model = { folder: path.resolve(folder), provider, precision, ...limits, ...library };
    return { model, nodeExecutable: settings.nodeExecutable, idleMs: settings.idleMs };
  }

  private begin(options: SessionOptions, before: Promise<void>): ModelSession {
    const session = new ModelSession(this.services, options, before);
    this.session = session;
    const show = (state: InferenceState): void => {
      if (this.session !== session || this.isDisposed) return;
      this.log(session.name, state);
      this.changed.fire(state);
    };
    session.onDidChange(show);
    show(session.state);
    return session;
  }

  private log(model: string, state: InferenceState): void {
    const { logger } = this.services;
    if (state.status === 'failed') logger.error(state.reason);
    if (state.status === 'none') logger.info(`${model} was unloaded`);
  }
}
