import { ImcotError } from '../../common/errors';
import type { TimeLimits } from './serverOptions';

type Timer = ReturnType<typeof setTimeout>;
type Phase = Exclude<keyof TimeLimits, 'connect'>;

const WAITED_FOR: Readonly<Record<Phase, string>> = {
  firstToken: 'sent nothing',
  betweenTokens: 'fell silent in the middle of its answer',
  total: 'was not done',
};

/** Watches the clock over one generation: aborts when a limit is over. */
export class Deadlines {
  private readonly total: Timer;
  private waiting: Timer | undefined;
  private over: Phase | undefined;
  private onExpiry: (() => void) | undefined;

  constructor(private readonly limits: TimeLimits) {
    this.total = setTimeout(() => this.expire('total'), limits.total);
  }

  /** A request begins. @param onExpiry what ends it */
  begin(onExpiry: () => void): void {
    this.onExpiry = onExpiry;
    this.wait('firstToken');
    if (this.over !== undefined) onExpiry();
  }

  /** A token came. */
  token(): void {
    this.wait('betweenTokens');
  }

  /** Nothing is waited for. */
  pause(): void {
    clearTimeout(this.waiting);
  }

  stop(): void {
    clearTimeout(this.total);
    clearTimeout(this.waiting);
  }

  /** Undefined while time is left. */
  get failure(): ImcotError | undefined {
    if (this.over === undefined) return undefined;
    const seconds = this.limits[this.over] / 1000;
    return new ImcotError(
      'limit',
      `The server ${WAITED_FOR[this.over]} within ${seconds} seconds: look at its log, or allow more time.`,
    );
  }

  private wait(phase: Phase): void {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.expire(phase), this.limits[phase]);
  }

  private expire(phase: Phase): void {
    this.over ??= phase;
    this.onExpiry?.();
  }
}
