import type { CApi, Pointer } from './cApi';

/** What can compute a graph: ONNX Runtime's execution providers, by their short names. */
export type Provider = 'cpu' | 'webgpu' | 'cuda' | 'directml' | 'coreml';

interface ProviderFacts {
  /** For a person. */
  readonly label: string;
  /** Adds it to session options; throws when its libraries or its device are not there. */
  append(api: CApi, options: Pointer): void;
  /** The name of its memory for tensors that stay on the device; absent where it computes in the processor's memory. */
  readonly memory?: string;
  /** Calls may run on another thread. WebGPU's must stay on the thread that opened the device: it crashed otherwise. */
  readonly asynchronous: boolean;
}

const generic =
  (name: string) =>
  (api: CApi, options: Pointer): void =>
    api.call('appendProvider', options, name, null, null, 0);

/** The processor and WebGPU were run; the others follow ONNX Runtime's documentation and were never run here. */
export const PROVIDERS: Readonly<Record<Provider, ProviderFacts>> = {
  cpu: { label: 'CPU', append: () => undefined, asynchronous: true },
  webgpu: { label: 'WebGPU', append: generic('WebGPU'), memory: 'WebGPU_Buf', asynchronous: false },
  cuda: {
    label: 'CUDA',
    append: (api, options) => api.appendCuda(options, 0),
    memory: 'Cuda',
    asynchronous: true,
  },
  directml: {
    label: 'DirectML',
    // Source: the DirectML provider's page; it takes neither memory patterns nor runs in parallel.
    append: (api, options) => {
      api.call('disableMemoryPattern', options);
      generic('DML')(api, options);
    },
    memory: 'DML',
    asynchronous: true,
  },
  coreml: { label: 'Core ML', append: generic('CoreML'), asynchronous: true },
};
