/** Lets a fixed number of tasks run at a time; the others wait in the order in which they came. */
export class Limiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param limit at least 1 */
  constructor(private readonly limit: number) {}

  /** Runs the task when its turn comes; its failure is passed on and frees the place all the same. */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.running >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await task();
    } finally {
      const next = this.waiting.shift();
      // The place goes to the next one without being free in between.
      if (next) next();
      else this.running--;
    }
  }
}
