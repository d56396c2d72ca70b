import { cancelled, throwIfCancelled } from './cancel';

/** Lets a fixed number of tasks run at a time; the others wait in the order in which they came. */
export class Limiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** @param limit at least 1 */
  constructor(private readonly limit: number) {}

  /**
   * Runs the task when its turn comes; its failure is passed on and frees the place all the same.
   * @param signal ends the waiting; a task that has begun is left alone
   * @throws ImcotError `cancelled` by the signal, the task not begun
   */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    throwIfCancelled(signal);
    if (this.running >= this.limit) await this.turn(signal);
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

  private turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        if (signal) reject(cancelled(signal));
      };
      const go = (): void => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.waiting.push(go);
    });
  }
}
