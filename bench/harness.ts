import { performance } from 'node:perf_hooks';

/** One measured figure, for example 251 ms. */
export interface Measurement {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
}

/** How two figures of the same run compare. */
export interface Ratio {
  /** What is divided by what, in words. */
  readonly what: string;
  readonly value: number;
  /** What the project holds itself to; a ratio without a limit is for information. */
  readonly limit?: { readonly atLeast: number } | { readonly atMost: number };
}

/** A figure with a limit of its own, for example peak memory. */
export interface Limit extends Measurement {
  readonly atMost: number;
}

/** What one benchmark found out. */
export interface BenchResult {
  /** A heading. */
  readonly name: string;
  /** How it was measured: data, number of runs, what is excluded. One sentence each, without absolute paths. */
  readonly how: readonly string[];
  readonly measurements: readonly Measurement[];
  readonly ratios: readonly Ratio[];
  readonly limits?: readonly Limit[];
}

/** In front of the line that carries a result from a benchmark's process to the script that writes the page. */
export const RESULT_MARK = '@@BENCH ';

/** Hands a result to `npm run bench`. A benchmark calls it once or more; anything else it prints is shown and left. */
export function report(result: BenchResult): void {
  process.stdout.write(`${RESULT_MARK}${JSON.stringify(result)}\n`);
}

/** The middle value; the mean of the two middle ones for an even count. Throws on an empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const upper = sorted[half];
  const lower = sorted[sorted.length % 2 === 1 ? half : half - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('the median of nothing');
  return (lower + upper) / 2;
}

/** Milliseconds that an action takes. */
export async function milliseconds(action: () => unknown): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}

/**
 * Median milliseconds of each contender. They take turns, so that a busy moment of the machine meets them all, and one
 * round before the counted ones warms caches and code.
 */
export async function raceMedians<K extends string>(
  contenders: Readonly<Record<K, () => unknown>>,
  rounds: number,
): Promise<Record<K, number>> {
  const names = Object.keys(contenders) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const taken = await milliseconds(contenders[name]);
      if (round > 0) times.get(name)?.push(taken);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<K, number>;
}
