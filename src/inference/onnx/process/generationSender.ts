import type { GenerateOptions, GenerationEvent, Mark, Sequence } from '../../backend';

/** How many events the model may be ahead of the one who reads them. */
export const RUN_AHEAD = 32;

/**
 * Sends a generation's events as they come. The model goes on while they cross, up to `RUN_AHEAD` events before the
 * reader. A reader that leaves early finds the sequence as if the model had waited for it: what it has not taken is
 * rewound.
 */
export class GenerationSender {
  private waiting = 0;
  private leftAfter: number | undefined;
  private wake: (() => void) | undefined;

  /** @param deliver resolves when the reader took the event */
  constructor(private readonly deliver: (event: GenerationEvent, length: number) => Promise<void>) {}

  /** @param branches whether the sequence can be rewound */
  async send(sequence: Sequence, options: GenerateOptions, branches: boolean): Promise<void> {
    const marks: Mark[] = [];
    for await (const event of sequence.generate(options)) {
      if (branches) marks.push(sequence.mark());
      if (this.leftAfter !== undefined) break;
      this.waiting++;
      void this.deliver(event, sequence.length).then(
        () => this.taken(),
        () => this.leave(Infinity),
      );
      await this.until(RUN_AHEAD);
    }
    await this.until(1);
    const point = marks[(this.leftAfter ?? Infinity) - 1];
    if (point && point.length < sequence.length) await sequence.rewind(point);
  }

  /** The reader took this many events and wants no more. */
  leave(taken: number): void {
    this.leftAfter ??= taken;
    this.wake?.();
  }

  private taken(): void {
    this.waiting--;
    this.wake?.();
  }

  /** Waits until fewer than `limit` events are under way, or the reader left. */
  private async until(limit: number): Promise<void> {
    while (this.waiting >= limit && this.leftAfter === undefined) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
