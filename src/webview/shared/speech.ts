/** Words of their own accord come no more often than this, in milliseconds: a screen reader must be able to end one. */
const PAUSE = 3000;

/** What the live region says: at once what a person asked for, and now and then what happens by itself. */
export class Speech {
  private lastAt = -Infinity;
  private waiting: string | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param region the element that screen readers listen to */
  constructor(private readonly region: HTMLElement) {}

  /** In answer to a person. */
  say(words: string): void {
    this.waiting = undefined;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.speak(words);
  }

  /** About something that happened by itself: only the newest of what comes in quick succession. */
  mention(words: string): void {
    const wait = this.lastAt + PAUSE - performance.now();
    if (wait <= 0 && this.timer === undefined) return this.speak(words);
    this.waiting = words;
    this.timer ??= setTimeout(() => this.due(), Math.max(0, wait));
  }

  private due(): void {
    this.timer = undefined;
    if (this.waiting === undefined) return;
    const words = this.waiting;
    this.waiting = undefined;
    this.speak(words);
  }

  private speak(words: string): void {
    this.lastAt = performance.now();
    this.region.textContent = words;
  }
}
