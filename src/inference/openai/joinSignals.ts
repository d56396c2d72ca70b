/** A signal that fires with the first of several. */
export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Fires it, whatever the others do. */
  abort(): void;
  /** Lets go of the others, which may live far longer. */
  release(): void;
}

/** Joins signals; those that are undefined never fire. */
export function joinSignals(...signals: readonly (AbortSignal | undefined)[]): JoinedSignal {
  const joined = new AbortController();
  const given = signals.filter((signal) => signal !== undefined);
  const fire = (): void => {
    release();
    joined.abort(given.find((signal) => signal.aborted)?.reason);
  };
  const release = (): void => {
    for (const signal of given) signal.removeEventListener('abort', fire);
  };
  for (const signal of given) signal.addEventListener('abort', fire, { once: true });
  if (given.some((signal) => signal.aborted)) fire();
  return { signal: joined.signal, abort: fire, release };
}
