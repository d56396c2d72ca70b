import path from 'node:path';
import type { Disposable } from '../../common/disposable';
import type { Logger } from '../../common/logger';
import type { Backend } from '../../inference/backend';
import type { LocalModelOptions } from '../../inference/localModelOptions';
import type { InferenceProcess } from '../../inference/onnx/process/inferenceProcess';
import { startInferenceProcess } from '../../inference/onnx/process/inferenceProcess';
import { readCheckpointConfig } from '../../launch/checkpointConfig';
import { openServer } from '../../launch/openServer';
import type { RolloutConfig } from '../../rollout/rolloutConfig';
import type { CliIo } from '../cliIo';
import { safeLine } from '../text/safeText';
import { demoModelFolder, inferenceWorkerPath } from './builtFiles';
import { defaultCacheFolder } from './cacheFolder';
import { LoadReporter } from './loadProgress';
import { DEMO } from './runArguments';
import type { LocalSettings, ModelSettings } from './runSettings';
import { labelFolder } from '../../inference/onnx/checkpoint/folderLabels';

/** A model that is ready for rollouts. Disposing it lets it go. */
export interface OpenedModel extends Disposable {
  /** For people. */
  readonly name: string;
  readonly backend: Backend;
  /** What travels with the checkpoint; empty for a server. */
  readonly config: RolloutConfig;
  /** How many rollouts at a time suit it. */
  readonly concurrency: number;
}

/** The same limits as the editor's settings have by default. */
const CONTEXT_LENGTH = 16_384;
const MAX_CACHE_BYTES = 50e9;
const SEQUENCE_MEMORY_BYTES = 4e9;
/** One model computes for all: several at once only take turns. */
const LOCAL_CONCURRENCY = 1;
const SERVER_CONCURRENCY = 8;
/** After an interrupt: when calls are ended that the model does not end itself, and when its process is, in ms. */
const PATIENCE_MS = 150;
const FORCE_MS = 250;

/** The name of the variable that holds the server's key: a key on the command line would be seen by every user. */
export const SERVER_KEY = 'IMCOT_SERVER_KEY';

/** Warnings and errors, as lines beside the output. */
export function lineLogger({ err }: CliIo): Logger {
  const say = (message: string): void => err.write(`imcot: ${safeLine(message)}\n`);
  return { debug() {}, info() {}, warn: say, error: say };
}

/**
 * Opens the model that was chosen. An interrupt ends the opening, and later whatever the model does, in less than half
 * a second, however long a single step of it takes.
 * @param concurrency rollouts at a time that a server is to take, where somebody said so
 * @throws ImcotError with a sentence that says what failed and what to do
 */
export async function openModel(
  model: ModelSettings,
  io: CliIo,
  concurrency = SERVER_CONCURRENCY,
): Promise<OpenedModel> {
  if (model.kind !== 'server') return openLocal(model, io);
  const key = process.env[SERVER_KEY];
  const backend = await openServer({
    address: model.address,
    concurrency,
    logger: lineLogger(io),
    signal: io.signal,
    ...(model.model !== undefined && { model: model.model }),
    ...(key !== undefined && key !== '' && { key }),
  });
  const { model: name } = backend.capabilities;
  return { name, backend, config: {}, concurrency, dispose: () => backend.dispose() };
}

async function openLocal(model: Exclude<ModelSettings, { kind: 'server' }>, io: CliIo): Promise<OpenedModel> {
  const folder = model.kind === DEMO ? demoModelFolder() : path.resolve(model.folder);
  const config = await readCheckpointConfig(folder);
  const name = labelFolder(folder);
  const reporter = new LoadReporter(name, io);
  const program = startInferenceProcess({ workerPath: inferenceWorkerPath(), logger: lineLogger(io) });
  endInTime(program, io.signal);
  try {
    const options = localOptions(folder, model.local);
    const onProgress: LoadReporter['report'] = (progress) => reporter.report(progress);
    const backend = await program.open(options, { onProgress, signal: io.signal });
    return { name, backend, config, concurrency: LOCAL_CONCURRENCY, dispose: () => program.dispose() };
  } finally {
    reporter.end();
  }
}

/** The model's own end is polite and may take seconds, a step of a large one too: nobody who interrupts waits for it. */
function endInTime(program: InferenceProcess, signal: AbortSignal): void {
  const begin = (): void => {
    const timers = [
      setTimeout(() => program.dispose(), PATIENCE_MS),
      setTimeout(() => kill(program.pid), FORCE_MS),
    ];
    void program.gone.then(() => timers.forEach(clearTimeout));
  };
  signal.addEventListener('abort', begin, { once: true });
  if (signal.aborted) begin();
}

function kill(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function localOptions(
  folder: string,
  { provider, precision, threads, cacheFolder }: LocalSettings,
): LocalModelOptions {
  return {
    folder,
    provider,
    precision,
    threads,
    contextLength: CONTEXT_LENGTH,
    cacheFolder: cacheFolder === undefined ? defaultCacheFolder() : path.resolve(cacheFolder),
    maxCacheBytes: MAX_CACHE_BYTES,
    sequenceMemoryBytes: SEQUENCE_MEMORY_BYTES,
  };
}
