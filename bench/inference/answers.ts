/*
 * What the two programs of the inference benchmarks understand, ours and the peer's: one request, one answer. Times are
 * milliseconds, memory is bytes.
 */

/** Opens the model; `contextLength` in tokens. */
export interface OpenRequest {
  readonly do: 'open';
  readonly folder: string;
  readonly precision: 'full' | 'int8' | 'int4';
  readonly contextLength: number;
  readonly cacheFolder: string;
  /** 0: the runtime's own choice. */
  readonly threads: number;
}

/** Fills a new sequence with that many made-up tokens; the one before is gone. */
export interface FillRequest {
  readonly do: 'fill';
  readonly tokens: number;
}

/** Generates that many tokens behind what was filled, and goes back to there. */
export interface DecodeRequest {
  readonly do: 'decode';
  readonly tokens: number;
}

/** What `decode` is answered with. */
export interface Decoded {
  /** Per token, between the first one and the last. */
  readonly perToken: number;
  /** The fastest one: hardly moved by what else the machine does. */
  readonly fastest: number;
  readonly ids: readonly number[];
}

/** What the other requests are answered with. */
export interface Took {
  readonly took: number;
}

/** A request went wrong. */
export interface Failed {
  readonly failed: string;
}

/** From the moments at which tokens came. */
export function decoded(ids: readonly number[], moments: readonly number[]): Decoded {
  const steps = moments.slice(1).map((moment, at) => moment - (moments[at] ?? NaN));
  const perToken = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return { ids, perToken, fastest: Math.min(...steps) };
}

/** The same made-up prompt for all, without special tokens. */
export function promptIds(count: number): number[] {
  let state = 12345;
  return Array.from({ length: count }, () => {
    // Numerical Recipes' linear congruential generator; the high bits are the better ones.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 3000 + ((state >>> 8) % 140_000);
  });
}

/** Answers every message with what `handle` makes of it, one after the other. */
export function serve<T>(handle: (request: T) => Promise<unknown>): void {
  let turn = Promise.resolve();
  process.on('message', (request: T) => {
    turn = turn
      .then(() => handle(request))
      .catch((thrown: unknown): Failed => ({ failed: String(thrown) }))
      .then((answer) => void process.send?.(answer));
  });
  process.on('disconnect', () => process.exit());
  process.send?.('ready');
}
