const WINDOW_MS = 3000;

/** Tokens per second over the last seconds, of all that generate at a time. */
export class TokenRate {
  private readonly times: number[] = [];

  /** @param now milliseconds of a steady clock */
  add(now: number): void {
    this.times.push(now);
    while ((this.times[0] ?? now) < now - WINDOW_MS) this.times.shift();
  }

  /** Undefined until two tokens have come. */
  get perSecond(): number | undefined {
    const [first] = this.times;
    const last = this.times.at(-1);
    if (first === undefined || last === undefined || last === first) return undefined;
    return ((this.times.length - 1) * 1000) / (last - first);
  }

  /** A pause is no slow token. */
  reset(): void {
    this.times.length = 0;
  }
}
