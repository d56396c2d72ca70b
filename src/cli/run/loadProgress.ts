import type { LoadProgress } from '../../inference/localModelOptions';
import type { CliIo } from '../cliIo';
import { Progress } from '../progress';
import { safeLine } from '../text/safeText';

/** Without a terminal, nothing is said about a loading that takes less, in milliseconds. */
const QUICK_MS = 2000;

/**
 * Tells how the loading of a model goes: a line that overwrites itself on a terminal, else one for each step, without what
 * is tried there and found wanting.
 */
export class LoadReporter {
  private readonly line: Progress;
  private readonly begun = Date.now();
  private last = '';

  constructor(
    private readonly name: string,
    private readonly io: CliIo,
  ) {
    this.line = new Progress(io.err);
  }

  report({ stage, message, fraction }: LoadProgress): void {
    const { name, io } = this;
    const text = safeLine(`Loading ${name}: ${message}`);
    if (io.err.isTerminal) {
      const share = fraction === undefined ? '' : ` ${Math.floor(fraction * 100)} %`;
      this.line.update(() => `${text}${share}`);
    } else if (stage !== 'testing' && text !== this.last && Date.now() - this.begun >= QUICK_MS) {
      this.last = text;
      io.err.write(`imcot: ${text}\n`);
    }
  }

  end(): void {
    this.line.clear();
  }
}
