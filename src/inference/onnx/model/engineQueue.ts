import { ImcotError, errorMessage } from '../../../common/errors';
import { PROVIDERS } from '../runtime/providers';
import type { Engine } from './engine';
import type { SelfTestResult } from './selfTest';

/**
 * The providers that are left for a model, best first. One that fails, while it is opened or later, is told of and not
 * tried again.
 */
export class EngineQueue {
  private readonly failures: string[];

  /**
   * @param open opens the graphs on a provider
   * @param refused sentences about providers that are out already
   * @param tell is given a sentence about each that fails
   */
  constructor(
    private readonly rest: SelfTestResult[],
    private readonly open: (tested: SelfTestResult) => Promise<Engine>,
    refused: readonly string[],
    private readonly tell: (sentence: string) => void,
  ) {
    this.failures = [...refused];
  }

  /**
   * Opens the best one that is left.
   * @throws ImcotError what was not the provider's fault; `internal` with every failure when none is left
   */
  async next(): Promise<Engine> {
    for (let tested = this.rest.shift(); tested; tested = this.rest.shift()) {
      try {
        return await this.open(tested);
      } catch (thrown) {
        if (!isProviderFault(thrown)) throw thrown;
        this.failed(`${PROVIDERS[tested.provider].label} could not open the model: ${errorMessage(thrown)}`);
      }
    }
    throw new ImcotError('internal', this.failures.join(' '));
  }

  /** Goes on after an engine failed in use. @throws ImcotError as `next` */
  async after(engine: Engine, failure: unknown): Promise<Engine> {
    this.failed(`${engine.device} failed: ${errorMessage(failure)}`);
    return this.next();
  }

  private failed(sentence: string): void {
    this.failures.push(sentence);
    this.tell(sentence);
  }
}

/** Everything else would be the same on another provider. */
export function isProviderFault(thrown: unknown): boolean {
  return !(thrown instanceof ImcotError) || thrown.code === 'internal';
}
