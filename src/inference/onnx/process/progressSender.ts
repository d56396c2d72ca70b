import type { LoadProgress } from '../../localModelOptions';

/**
 * Passes progress on, one at a time. While one is under way, those that only say how far the same thing is give way to the
 * latest; a new message is never skipped, since it may be the only word of something that failed.
 */
export class ProgressSender {
  private busy = false;
  private readonly waiting: LoadProgress[] = [];

  /** @param send may reject: whoever listens is gone then, and nothing more comes of it */
  constructor(private readonly send: (progress: LoadProgress) => Promise<void>) {}

  push(progress: LoadProgress): void {
    if (this.waiting.at(-1)?.message === progress.message) this.waiting.pop();
    this.waiting.push(progress);
    if (!this.busy) void this.pass();
  }

  private async pass(): Promise<void> {
    this.busy = true;
    try {
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) await this.send(next);
    } catch {
      this.waiting.length = 0;
    } finally {
      this.busy = false;
    }
  }
}
