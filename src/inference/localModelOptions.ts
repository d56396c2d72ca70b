/*
 * How a checkpoint folder is opened as a model of this machine, and what is told while that goes on. Types only: both
 * sides of the process border use them.
 */

/** What computes. `auto` tries what is there and takes the fastest that computes rightly. */
export type ProviderChoice = 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'directml' | 'coreml';

/** How the weights are held in memory. `full` keeps the checkpoint's own numbers; the others are quantised in blocks. */
export type PrecisionChoice = 'auto' | 'full' | 'int8' | 'int4';

/** What to open and with which limits. */
export interface LocalModelOptions {
  /** The checkpoint folder, absolute. */
  readonly folder: string;
  readonly provider: ProviderChoice;
  readonly precision: PrecisionChoice;
  /** Tokens that one sequence can hold; the model's own limit where that is lower. */
  readonly contextLength: number;
  /** Threads that compute on the CPU; 0 = automatic. */
  readonly threads: number;
  /** Where quantised weights are kept, absolute; made when it is not there. */
  readonly cacheFolder: string;
  /** The most that the cache folder may hold, in bytes. */
  readonly maxCacheBytes: number;
  /** The most that the caches of all sequences may take together, in bytes. */
  readonly sequenceMemoryBytes: number;
  /**
   * Another build of ONNX Runtime, absolute: a shared library with CUDA beside it, say. Absent: the one that ships here.
   */
  readonly runtimeLibrary?: string;
}

/** What is told while a model is opened, and afterwards when another device takes over; and how to stop the opening. */
export interface LoadHooks {
  onProgress(progress: LoadProgress): void;
  readonly signal: AbortSignal;
}

/** How far opening is. */
export interface LoadProgress {
  readonly stage: 'reading' | 'quantising' | 'opening' | 'testing';
  /** Of this stage, 0 to 1; absent where it can't be told. */
  readonly fraction?: number;
  /** A few words for a person: "Quantising to 4 bit". */
  readonly message: string;
}
