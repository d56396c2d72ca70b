import { existsSync } from 'node:fs';
import path from 'node:path';
import koffi from 'koffi';
import { ImcotError } from '../../../common/errors';

/*
 * ONNX Runtime's C interface, called from the shared library that onnxruntime-node ships. The package's own binding is
 * not used: it copies every output back to the processor, so the KV cache can't stay where the model computes, it can't
 * stop a run, and it blocks the thread. Measured with a 0.5B decoder at 4,096 tokens: half the speed.
 *
 * `OrtApi` is a struct of function pointers that only ever grows at its end, so an index is for good. Source of the
 * indices and signatures: onnxruntime_c_api.h.
 */

/** Something that belongs to the library. */
export type Pointer = unknown;

const SIGNATURES = {
  getErrorCode: [1, 'int F(void* status)'],
  getErrorMessage: [2, 'const char* F(void* status)'],
  createEnv: [3, 'void* F(int level, const char* id, _Out_ void** out)'],
  disableTelemetryEvents: [6, 'void* F(void* env)'],
  createSessionFromArray: [
    8,
    'void* F(void* env, void* data, size_t length, void* options, _Out_ void** out)',
  ],
  createSessionOptions: [10, 'void* F(_Out_ void** out)'],
  disableMemoryPattern: [17, 'void* F(void* options)'],
  disableCpuArena: [19, 'void* F(void* options)'],
  setLogSeverity: [22, 'void* F(void* options, int level)'],
  setOptimizationLevel: [23, 'void* F(void* options, int level)'],
  setIntraOpThreads: [24, 'void* F(void* options, int count)'],
  createRunOptions: [39, 'void* F(_Out_ void** out)'],
  setTerminate: [46, 'void* F(void* runOptions)'],
  unsetTerminate: [47, 'void* F(void* runOptions)'],
  createTensor: [48, 'void* F(void* allocator, int64_t* shape, size_t rank, int type, _Out_ void** out)'],
  createTensorWithData: [
    49,
    'void* F(void* memoryInfo, void* data, size_t bytes, int64_t* shape, size_t rank, int type, _Out_ void** out)',
  ],
  createMemoryInfo: [68, 'void* F(const char* name, int allocator, int id, int memory, _Out_ void** out)'],
  createCpuMemoryInfo: [69, 'void* F(int allocator, int memory, _Out_ void** out)'],
  releaseStatus: [93, 'void F(void* status)'],
  releaseMemoryInfo: [94, 'void F(void* memoryInfo)'],
  releaseSession: [95, 'void F(void* session)'],
  releaseValue: [96, 'void F(void* value)'],
  releaseRunOptions: [97, 'void F(void* runOptions)'],
  releaseSessionOptions: [100, 'void F(void* options)'],
  getAvailableProviders: [125, 'void* F(_Out_ void** names, _Out_ int* count)'],
  releaseAvailableProviders: [126, 'void* F(void* names, int count)'],
  addConfigEntry: [130, 'void* F(void* options, const char* key, const char* value)'],
  createAllocator: [131, 'void* F(void* session, void* memoryInfo, _Out_ void** out)'],
  releaseAllocator: [132, 'void F(void* allocator)'],
  runWithBinding: [133, 'void* F(void* session, void* runOptions, void* binding)'],
  createIoBinding: [134, 'void* F(void* session, _Out_ void** out)'],
  releaseIoBinding: [135, 'void F(void* binding)'],
  bindInput: [136, 'void* F(void* binding, const char* name, void* value)'],
  bindOutput: [137, 'void* F(void* binding, const char* name, void* value)'],
  appendProvider: [216, 'void* F(void* options, const char* name, void* keys, void* values, size_t count)'],
} as const;

type Name = keyof typeof SIGNATURES;
type NativeFunction = ((...args: readonly unknown[]) => unknown) & {
  readonly async: (...args: readonly unknown[]) => void;
};

/** The version of the interface that is asked for: that of ONNX Runtime 1.22, the first with all that is used here. */
const API_VERSION = 22;

let prototypes = 0;

/** Reads the function pointer at a place of a struct of pointers. */
function functionAt(table: Pointer, index: number, signature: string): NativeFunction {
  // koffi registers prototypes by name, once per process.
  const named = signature.replace('F(', `OrtFunction${String(prototypes++)}(`);
  const address: unknown = koffi.decode(table, index * koffi.sizeof('void *'), 'void *');
  return koffi.decode(address, koffi.proto(named)) as NativeFunction;
}

/** The functions that are used, and the way from a status to an error. */
export class CApi {
  private readonly functions = new Map<Name, NativeFunction>();
  /** koffi keeps no hold of what it is given: arrays that another thread reads would be collected under its feet. */
  private readonly inFlight = new Set<readonly unknown[]>();
  /** For example "1.30.0". */
  readonly version: string;

  /**
   * Loads the shared library.
   * @throws ImcotError `missing` when it can't be loaded, `input` when it is too old
   */
  constructor(readonly libraryPath: string) {
    const base = this.load();
    this.version = functionAt(base, 1, 'const char* F()')() as string;
    const table = functionAt(base, 0, 'void* F(uint32_t version)')(API_VERSION);
    if (table === null) {
      throw new ImcotError(
        'input',
        `${libraryPath} is ONNX Runtime ${this.version}: 1.22 or newer is needed.`,
      );
    }
    for (const [name, [index, signature]] of Object.entries(SIGNATURES)) {
      this.functions.set(name as Name, functionAt(table, index, signature));
    }
  }

  private load(): Pointer {
    // Microsoft's builds report their use: since 1.29 outside Windows, too, with an id kept in the user's cache and a log
    // file per process. This is read when the library starts, so the interface's own switch would come too late.
    process.env['ORT_DISABLE_TELEMETRY'] = '1';
    try {
      this.library = koffi.load(this.libraryPath);
      return this.library.func('void* OrtGetApiBase()')();
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      throw new ImcotError('missing', `ONNX Runtime could not be loaded from ${this.libraryPath}: ${reason}`);
    }
  }
  private library: ReturnType<typeof koffi.load> | undefined;

  private function(name: Name): NativeFunction {
    const found = this.functions.get(name);
    if (!found) throw new ImcotError('internal', `ONNX Runtime's ${name} was not loaded.`);
    return found;
  }

  /** Calls a function that returns a status. @throws ImcotError with the library's own words */
  call(name: Name, ...args: readonly unknown[]): void {
    this.check(this.function(name)(...args));
  }

  /** Calls a function whose last parameter is what it makes. */
  make(name: Name, ...args: readonly unknown[]): Pointer {
    const out: [Pointer] = [null];
    this.call(name, ...args, out);
    return out[0];
  }

  /** As `call`, on a thread of the library's: the event loop goes on. */
  callAsync(name: Name, ...args: readonly unknown[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.inFlight.add(args);
      this.function(name).async(...args, (error: Error | null, status: Pointer) => {
        this.inFlight.delete(args);
        try {
          if (error) throw error;
          this.check(status);
          resolve();
        } catch (thrown) {
          reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
        }
      });
    });
  }

  /** As `make`, on a thread of the library's. */
  async makeAsync(name: Name, ...args: readonly unknown[]): Promise<Pointer> {
    const out: [Pointer] = [null];
    await this.callAsync(name, ...args, out);
    return out[0];
  }

  /** Calls a function that returns nothing. */
  release(name: Name & `release${string}`, pointer: Pointer): void {
    this.function(name)(pointer);
  }

  /** The providers that this library was built with: what it names, not what this machine can run. */
  availableProviders(): string[] {
    const names: [Pointer] = [null];
    const count: [number] = [0];
    this.call('getAvailableProviders', names, count);
    const list = koffi.decode(names[0], koffi.array('char *', count[0])) as string[];
    this.call('releaseAvailableProviders', names[0], count[0]);
    return list;
  }

  /**
   * CUDA is appended through a function of its own that the library exports, not through the table.
   * @throws ImcotError `missing` when there is no CUDA build beside it, or with the loader's words
   */
  appendCuda(options: Pointer, device: number): void {
    const library = this.library;
    if (!library) throw new ImcotError('internal', 'The library is not loaded.');
    const folder = path.dirname(this.libraryPath);
    const name =
      process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
    // Asked for without it, the library writes an error of its own to the terminal.
    if (!existsSync(path.join(folder, name))) {
      throw new ImcotError('missing', `${name} is not in ${folder}.`);
    }
    this.check(
      library.func('void* OrtSessionOptionsAppendExecutionProvider_CUDA(void* options, int device)')(
        options,
        device,
      ),
    );
  }

  private check(status: unknown): void {
    if (status === null || status === undefined) return;
    const message = this.function('getErrorMessage')(status) as string;
    this.release('releaseStatus', status);
    throw new ImcotError('internal', `ONNX Runtime: ${message.trim()}`);
  }
}
