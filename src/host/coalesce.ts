import type { Disposable } from '../common/disposable';

/** Takes values at any rate and passes on the latest at most once per interval. */
export interface Coalescer<T> extends Disposable {
  push(value: T): void;
}

/**
 * For snapshots of which only the latest matters. The first value of a quiet time goes at once, the last one is never
 * lost.
 * @param interval milliseconds between two calls of `deliver`
 */
export function coalesce<T>(interval: number, deliver: (value: T) => void): Coalescer<T> {
  let timer: NodeJS.Timeout | undefined;
  let done = false;
  let waiting: { readonly value: T } | undefined;
  const tick = (): void => {
    timer = undefined;
    if (!waiting) return;
    const { value } = waiting;
    waiting = undefined;
    timer = setTimeout(tick, interval);
    deliver(value);
  };
  return {
    push(value) {
      if (done) return;
      waiting = { value };
      if (!timer) tick();
    },
    dispose() {
      done = true;
      clearTimeout(timer);
      timer = undefined;
      waiting = undefined;
    },
  };
}
