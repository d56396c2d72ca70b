/** Requests begin no more often than this, in milliseconds: while a slider is dragged the newest is soon enough. */
const PAUSE = 50;

/**
 * Requests of which only the newest counts: the first goes out at once, others after a pause, one at a time; what came
 * while one was under way is asked once, when it is back.
 */
export class Latest<T> {
  private wanted = false;
  private busy = false;
  private begun = -Infinity;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param ask sends the newest request; what it is, is read then
   * @param take is given each answer
   * @param fail is given the error of a request that failed
   */
  constructor(
    private readonly ask: () => Promise<T> | undefined,
    private readonly take: (answer: T) => void,
    private readonly fail: (thrown: unknown) => void,
  ) {}

  /** Says that what was asked last is out of date. */
  want(): void {
    this.wanted = true;
    this.schedule();
  }

  private schedule(): void {
    if (this.busy || this.timer !== undefined || !this.wanted) return;
    // Not at once: several parts of a state change one after the other.
    const wait = Math.max(0, this.begun + PAUSE - performance.now());
    this.timer = setTimeout(() => void this.send(), wait);
  }

  private async send(): Promise<void> {
    this.timer = undefined;
    this.wanted = false;
    const asked = this.ask();
    if (!asked) return;
    this.busy = true;
    this.begun = performance.now();
    try {
      this.take(await asked);
    } catch (thrown) {
      this.fail(thrown);
    } finally {
      this.busy = false;
    }
    this.schedule();
  }
}
