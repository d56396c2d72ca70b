/**
 * Passes values on one at a time: while one is under way only the latest of those that came meanwhile is kept. For
 * progress, of which nobody wants the past.
 */
export class LatestOnly<T> {
  private busy = false;
  private waiting: { readonly value: T } | undefined;

  /** @param send may reject: whoever listens is gone then, and nothing more comes of it */
  constructor(private readonly send: (value: T) => Promise<void>) {}

  push(value: T): void {
    this.waiting = { value };
    if (!this.busy) void this.pass();
  }

  private async pass(): Promise<void> {
    this.busy = true;
    try {
      while (this.waiting) {
        const { value } = this.waiting;
        this.waiting = undefined;
        await this.send(value);
      }
    } catch {
      this.waiting = undefined;
    } finally {
      this.busy = false;
    }
  }
}
