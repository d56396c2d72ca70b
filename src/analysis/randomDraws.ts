/** Repeatable random numbers for simulations inside an analysis: the same seed gives the same figures on every machine. */
export interface RandomDraws {
  /** 0 <= x < 1, a multiple of 2^-32. */
  uniform(): number;
  /** Standard normal, by Marsaglia's polar method. */
  normal(): number;
}

/**
 * Mulberry32, a counter with a 32-bit mixer (Tommy Ettinger, public domain): one multiplication chain per number, which is
 * what some ten thousand draws per curve need; not for anything that must be unpredictable.
 *
 * @param seed any whole number; its low 32 bits count
 */
export function randomDraws(seed: number): RandomDraws {
  let counter = seed >>> 0;
  let spare: number | undefined;
  const uniform = (): number => {
    counter = (counter + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(counter ^ (counter >>> 15), counter | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      spare = y * scale;
      return x * scale;
    }
  };
  return { uniform, normal };
}
