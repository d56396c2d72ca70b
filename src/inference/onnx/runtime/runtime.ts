import { throwIfCancelled } from '../../../common/cancel';
import type { Disposable } from '../../../common/disposable';
import { ImcotError } from '../../../common/errors';
import { CApi, type Pointer } from './cApi';
import { ElementType, elementTypeOf, type TensorData } from './elementType';
import { PROVIDERS, type Provider } from './providers';

const LOG_ERROR = 3;
const OPTIMISE_ALL = 99;
/**
 * How long an idle thread of a run looks for work before it sleeps. The library's default takes the processor
 * from everybody else: with other programs busy a decode step took 317 ms instead of 190, and alone it was no faster.
 */
const SPIN_MICROSECONDS = '100';

/** How to open a graph. */
export interface GraphOptions {
  readonly provider: Provider;
  /** Threads of one run; 0: the runtime's own choice, one per physical core. */
  readonly threads: number;
  /** The folder that external data is relative to; absent when the graph has none. */
  readonly dataFolder?: string;
}

/** A tensor known to the runtime. Memory of the processor is shared with the array that it was made from. */
export class RuntimeTensor implements Disposable {
  private released = false;
  constructor(
    private readonly api: CApi,
    readonly pointer: Pointer,
    /** Held so that the memory stays; absent for memory of the device. */
    readonly data?: TensorData,
    private readonly onDispose: (tensor: RuntimeTensor) => void = () => undefined,
  ) {}

  dispose(): void {
    if (this.released) return;
    this.released = true;
    this.onDispose(this);
    this.api.release('releaseValue', this.pointer);
  }
}

/** ONNX Runtime in this process. */
export class Runtime {
  private readonly environment: Pointer;
  private readonly cpuMemory: Pointer;

  private constructor(readonly api: CApi) {
    this.environment = api.make('createEnv', LOG_ERROR, 'imcot');
    // On Windows nothing but this call keeps the library from reporting.
    api.call('disableTelemetryEvents', this.environment);
    this.cpuMemory = api.make('createCpuMemoryInfo', 0, 0);
  }

  /** @throws ImcotError when the library can't be loaded */
  static load(libraryPath: string): Runtime {
    return new Runtime(new CApi(libraryPath));
  }

  get version(): string {
    return this.api.version;
  }

  /** A tensor over an array's own memory: what is written into the array is what the next run reads. */
  tensor(data: TensorData, shape: readonly number[], type: ElementType = elementTypeOf(data)): RuntimeTensor {
    const dims = shapeArray(shape);
    // koffi asks for the array's buffer, which takes a small array off the collector's heap: its address is for good.
    const pointer = this.api.make(
      'createTensorWithData',
      this.cpuMemory,
      data,
      data.byteLength,
      dims,
      dims.length,
      type,
    );
    return new RuntimeTensor(this.api, pointer, data);
  }

  /**
   * Opens a graph.
   * @param model a serialised ModelProto
   * @throws ImcotError with the runtime's words when the provider is not there or does not take the graph
   */
  async open(model: Uint8Array, options: GraphOptions): Promise<RuntimeSession> {
    const { api } = this;
    const facts = PROVIDERS[options.provider];
    const settings = api.make('createSessionOptions');
    try {
      api.call('setLogSeverity', settings, LOG_ERROR);
      api.call('setOptimizationLevel', settings, OPTIMISE_ALL);
      api.call('addConfigEntry', settings, 'session.intra_op.spin_duration_us', SPIN_MICROSECONDS);
      if (options.threads > 0) api.call('setIntraOpThreads', settings, options.threads);
      if (options.dataFolder !== undefined) {
        const key = 'session.model_external_initializers_file_folder_path';
        api.call('addConfigEntry', settings, key, options.dataFolder);
      }
      facts.append(api, settings);
      const args = [this.environment, model, model.byteLength, settings] as const;
      const pointer = facts.asynchronous
        ? await api.makeAsync('createSessionFromArray', ...args)
        : api.make('createSessionFromArray', ...args);
      return new RuntimeSession(this, pointer, options.provider);
    } finally {
      api.release('releaseSessionOptions', settings);
    }
  }
}

function shapeArray(shape: readonly number[]): BigInt64Array {
  return BigInt64Array.from(shape, (side) => BigInt(side));
}

/** A graph that is ready to run. One run at a time. */
export class RuntimeSession implements Disposable {
  private readonly api: CApi;
  private readonly runOptions: Pointer;
  private readonly bindings = new Set<RuntimeBinding>();
  /** In the device's memory: to be freed before their allocator goes. */
  private readonly tensors = new Set<RuntimeTensor>();
  private allocator: Pointer;
  private disposed = false;

  constructor(
    readonly runtime: Runtime,
    private readonly pointer: Pointer,
    readonly provider: Provider,
  ) {
    this.api = runtime.api;
    this.runOptions = this.api.make('createRunOptions');
  }

  /** True when tensors that stay between runs lie in the memory of a device. */
  get onDevice(): boolean {
    return PROVIDERS[this.provider].memory !== undefined;
  }

  /** True when a run can be stopped in its middle. */
  get stoppable(): boolean {
    return PROVIDERS[this.provider].asynchronous;
  }

  /** An uninitialised float32 tensor where the provider computes; on the processor, zeros shared with an array. */
  allocate(shape: readonly number[]): RuntimeTensor {
    const memory = PROVIDERS[this.provider].memory;
    if (memory === undefined) {
      const size = shape.reduce((product, side) => product * side, 1);
      return this.runtime.tensor(new Float32Array(size), shape);
    }
    this.allocator ??= this.allocatorOf(memory);
    const dims = shapeArray(shape);
    const pointer = this.api.make('createTensor', this.allocator, dims, dims.length, ElementType.float32);
    const tensor = new RuntimeTensor(this.api, pointer, undefined, (gone) => this.tensors.delete(gone));
    this.tensors.add(tensor);
    return tensor;
  }

  private allocatorOf(memory: string): Pointer {
    const where = this.api.make('createMemoryInfo', memory, 0, 0, 0);
    try {
      return this.api.make('createAllocator', this.pointer, where);
    } finally {
      this.api.release('releaseMemoryInfo', where);
    }
  }

  /** A set of inputs and outputs, by name. */
  bind(): RuntimeBinding {
    const binding = new RuntimeBinding(
      this,
      this.api,
      this.api.make('createIoBinding', this.pointer),
      (gone) => this.bindings.delete(gone),
    );
    this.bindings.add(binding);
    return binding;
  }

  /**
   * Runs the graph over what is bound.
   * @throws ImcotError `cancelled` when the signal fired, at the next node of the graph; else with the runtime's words
   */
  async run(binding: RuntimeBinding, signal?: AbortSignal): Promise<void> {
    if (this.disposed) throw new ImcotError('cancelled', 'The model was unloaded.');
    throwIfCancelled(signal);
    const stop = (): void => this.api.call('setTerminate', this.runOptions);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      const args = [this.pointer, this.runOptions, binding.pointer] as const;
      if (PROVIDERS[this.provider].asynchronous) await this.api.callAsync('runWithBinding', ...args);
      else this.api.call('runWithBinding', ...args);
    } catch (thrown) {
      throwIfCancelled(signal);
      throw thrown;
    } finally {
      signal?.removeEventListener('abort', stop);
      if (signal?.aborted) this.api.call('unsetTerminate', this.runOptions);
    }
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    for (const binding of [...this.bindings]) binding.dispose();
    for (const tensor of [...this.tensors]) tensor.dispose();
    if (this.allocator !== undefined) this.api.release('releaseAllocator', this.allocator);
    this.api.release('releaseRunOptions', this.runOptions);
    this.api.release('releaseSession', this.pointer);
  }
}

/** What a run reads and writes. Tensors given here must not be disposed of before the run is over. */
export class RuntimeBinding implements Disposable {
  private released = false;
  /** The last ones by name: their arrays must not be collected while the runtime reads and writes them. */
  private readonly held = new Map<string, RuntimeTensor>();
  constructor(
    readonly session: RuntimeSession,
    private readonly api: CApi,
    readonly pointer: Pointer,
    private readonly onDispose: (binding: RuntimeBinding) => void,
  ) {}

  /** Values of small inputs on the processor are taken at this moment by providers with memory of their own. */
  input(name: string, tensor: RuntimeTensor): void {
    this.api.call('bindInput', this.pointer, name, tensor.pointer);
    this.held.set(name, tensor);
  }

  output(name: string, tensor: RuntimeTensor): void {
    this.api.call('bindOutput', this.pointer, name, tensor.pointer);
    this.held.set(name, tensor);
  }

  dispose(): void {
    if (this.released) return;
    this.released = true;
    this.onDispose(this);
    this.api.release('releaseIoBinding', this.pointer);
  }
}
