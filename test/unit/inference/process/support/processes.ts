// Starts processes with the fake model, and ends what a test left.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../../../../../src/common/logger';
import { silentLogger } from '../../../../../src/common/logger';
import type { LocalModelOptions } from '../../../../../src/inference/localModelOptions';
import type {
  InferenceProcess,
  InferenceProcessOptions,
} from '../../../../../src/inference/onnx/process/inferenceProcess';
import { startInferenceProcess } from '../../../../../src/inference/onnx/process/inferenceProcess';
import type { RemoteModel } from '../../../../../src/inference/onnx/process/remoteModel';

export const FAKE_WORKER = path.join(__dirname, 'fakeWorker.ts');

/** Flags that let Node run the tests' TypeScript. */
export const RUN_TYPESCRIPT = ['--import', 'tsx'];

/** Options that open the fake model of this name. */
export function optionsFor(model: string): LocalModelOptions {
  return {
    folder: path.join(__dirname, model),
    provider: 'cpu',
    precision: 'full',
    contextLength: 1000,
    threads: 1,
    cacheFolder: __dirname,
    maxCacheBytes: 0,
    sequenceMemoryBytes: 0,
  };
}

const started: InferenceProcess[] = [];

/** Starts a process with the fake model's program. */
export function startFake(options: Partial<InferenceProcessOptions> = {}): InferenceProcess {
  const process = startInferenceProcess({
    workerPath: FAKE_WORKER,
    execArgv: RUN_TYPESCRIPT,
    logger: silentLogger,
    ...options,
  });
  started.push(process);
  return process;
}

/** Starts a process and opens the model of this name in it. */
export async function openFake(
  model: string,
  options: Partial<InferenceProcessOptions> = {},
): Promise<{ process: InferenceProcess; model: RemoteModel }> {
  const process = startFake(options);
  return { process, model: await process.open(optionsFor(model), hooks()) };
}

/** Hooks that nobody listens to. */
export function hooks(): { onProgress(): void; signal: AbortSignal } {
  return { onProgress: () => undefined, signal: new AbortController().signal };
}

/** Ends every process that `startFake` started. */
export async function endAll(): Promise<void> {
  for (const process of started) process.dispose();
  await Promise.all(started.splice(0).map((process) => process.gone));
}

/** True while the system knows the process. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until the system does not know the process any more. */
export async function untilDead(pid: number, limitMs: number): Promise<boolean> {
  for (const end = Date.now() + limitMs; Date.now() < end; await delay(20)) {
    if (!isAlive(pid)) return true;
  }
  return false;
}

/** A logger that keeps its lines. */
export function keepingLogger(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (message: string): void => void lines.push(message);
  return { lines, debug: keep, info: keep, warn: keep, error: keep };
}
