import type { PlayEvent } from '../../launch/playRollout';

/** Tokens and the time that the model took for them. */
export class SpeedMeter {
  private tokensSoFar = 0;
  /** Of the turn that goes on: one that is broken off says no number itself. */
  private tokensOfTurn = 0;
  private timeMs = 0;
  private since: number | undefined;

  /** @param now milliseconds of any steady clock */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Tokens that the model wrote. */
  get tokens(): number {
    return this.tokensSoFar + this.tokensOfTurn;
  }

  /** Tokens per second of generation; undefined before the first turn is over. */
  get perSecond(): number | undefined {
    return this.timeMs > 0 && this.tokensSoFar > 0 ? (this.tokensSoFar * 1000) / this.timeMs : undefined;
  }

  /** Takes an event of the rollout into account. */
  add(event: PlayEvent): void {
    if (event.type === 'prompt' || event.type === 'observation') this.since = this.now();
    else if (event.type === 'text') this.tokensOfTurn++;
    else if (event.type === 'turn') {
      this.tokensOfTurn = 0;
      this.tokensSoFar += event.tokens;
      if (this.since !== undefined) this.timeMs += this.now() - this.since;
      this.since = undefined;
    }
  }
}

/** `1 token`, `2 tokens`. */
export const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

/** `41 s`, `3 min 20 s`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `56.2 tokens/s`. */
export const speedText = (perSecond: number): string => `${perSecond.toFixed(1)} tokens/s`;
