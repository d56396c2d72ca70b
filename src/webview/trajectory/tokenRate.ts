/** How far back a rate looks, in milliseconds. */
const WINDOW = 5000;
/** A rate over less than this says nothing. */
const LEAST = 700;

/** Tokens per second of a rollout that is being written, from how many there are each time it is looked at. */
export class TokenRate {
  private samples: { readonly at: number; readonly tokens: number }[] = [];

  /** So many tokens stand there now. @param now milliseconds of any clock */
  add(tokens: number, now: number): void {
    const last = this.samples.at(-1);
    // Another rollout, or one that was begun anew.
    if (last && tokens < last.tokens) this.samples = [];
    this.samples.push({ at: now, tokens });
    // The last sample outside the window stays: it says how many there were when the window began.
    while ((this.samples[1]?.at ?? now) <= now - WINDOW) this.samples.shift();
  }

  /** Over the last seconds; undefined while too little is known, and when nothing came for as long as it looks back. */
  perSecond(now: number): number | undefined {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last || last.tokens === first.tokens) return undefined;
    const grewAt = this.samples.findLast(({ tokens }) => tokens < last.tokens)?.at ?? first.at;
    if (now - grewAt > WINDOW) return undefined;
    const time = now - first.at;
    return time < LEAST ? undefined : ((last.tokens - first.tokens) * 1000) / time;
  }

  /** Forgets everything. */
  clear(): void {
    this.samples = [];
  }
}
