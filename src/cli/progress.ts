import type { TextSink } from './cliIo';
import { truncate } from './text/layout';

const INTERVAL_MS = 150;

/** One line that overwrites itself, for a person who waits; nothing at all where nobody looks. */
export class Progress {
  private lastShown = Date.now();
  private isShown = false;

  constructor(private readonly sink: TextSink) {}

  /** Shows a line of safe text, at most a few times a second; it is made only when it is shown. */
  update(line: () => string): void {
    if (!this.sink.isTerminal || Date.now() - this.lastShown < INTERVAL_MS) return;
    this.lastShown = Date.now();
    this.isShown = true;
    this.sink.write(`\r\u001b[K${truncate(line(), (this.sink.columns ?? 80) - 1)}`);
  }

  /** Takes the line away, so that other text can be written. */
  clear(): void {
    if (this.isShown) this.sink.write('\r\u001b[K');
    this.isShown = false;
  }
}
