import { ImcotError, errorCode, errorMessage } from '../../../common/errors';
import type { ProviderChoice } from '../../localModelOptions';
import { PROVIDERS, type Provider } from '../runtime/providers';
import type { Runtime } from '../runtime/runtime';
import { testProvider, type SelfTestResult } from './selfTest';

/** What each provider is called in the library's own list. */
const LIBRARY_NAMES: Readonly<Record<Provider, string>> = {
  cpu: 'CPUExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  cuda: 'CUDAExecutionProvider',
  directml: 'DmlExecutionProvider',
  coreml: 'CoreMLExecutionProvider',
};
/** The processor first: what is slower than that need not be compared. */
const ORDER: readonly Provider[] = ['cpu', 'cuda', 'webgpu', 'directml', 'coreml'];

/** Providers in the order in which to try them, and why others are not among them. */
export interface ProviderRanking {
  readonly usable: readonly SelfTestResult[];
  /** A sentence for each one that was tried and is not usable. */
  readonly refused: readonly string[];
}

/**
 * Tests the providers that the library was built with, or the one that is asked for, and ranks them by the speed of
 * decoding. The processor is always among them, unless another one was asked for.
 * @throws ImcotError `missing` when the one asked for is not usable; `cancelled` when a test was
 */
export async function rankProviders(
  runtime: Runtime,
  choice: ProviderChoice,
  threads: number,
  test: typeof testProvider = testProvider,
): Promise<ProviderRanking> {
  const built = runtime.api.availableProviders();
  const wanted = choice === 'auto' ? ORDER.filter((name) => built.includes(LIBRARY_NAMES[name])) : [choice];
  const usable: SelfTestResult[] = [];
  const refused: string[] = [];
  for (const provider of wanted) {
    try {
      usable.push(await test(runtime, provider, threads, usable[0]?.decodeMs));
    } catch (thrown) {
      if (errorCode(thrown) === 'cancelled') throw thrown;
      refused.push(`${PROVIDERS[provider].label} can't be used: ${errorMessage(thrown)}`);
    }
  }
  if (usable.length === 0) {
    throw new ImcotError(
      'missing',
      `${refused.join(' ')} Choose another provider in the settings, or "auto".`,
    );
  }
  usable.sort((a, b) => a.decodeMs - b.decodeMs);
  return { usable, refused };
}
