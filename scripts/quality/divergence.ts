/** How one distribution of next tokens differs from another, over many positions. */
export interface Difference {
  readonly positions: number;
  /** Share of the positions at which both prefer the same token, 0 to 1. */
  readonly agreement: number;
  /** Kullback-Leibler divergence of the second from the first, in nats: mean and largest. */
  readonly mean: number;
  readonly largest: number;
}

/**
 * Compares logits position by position. Sums are kept in float64.
 * @param reference [positions, vocabulary]
 * @param other the same shape
 * @throws Error when the shapes differ or a number is not finite
 */
export function compareLogits(
  reference: Float32Array,
  other: Float32Array,
  vocabulary: number,
): readonly { readonly divergence: number; readonly agrees: boolean }[] {
  if (reference.length !== other.length || reference.length % vocabulary !== 0)
    throw new Error(`${reference.length} and ${other.length} logits are no rows of ${vocabulary}.`);
  return Array.from({ length: reference.length / vocabulary }, (_, row) => {
    const p = normalised(reference.subarray(row * vocabulary, (row + 1) * vocabulary));
    const q = normalised(other.subarray(row * vocabulary, (row + 1) * vocabulary));
    let divergence = 0;
    for (let id = 0; id < vocabulary; id++) {
      const logP = p.logs[id] ?? NaN;
      divergence += Math.exp(logP) * (logP - (q.logs[id] ?? NaN));
    }
    if (!Number.isFinite(divergence)) throw new Error(`A logit at position ${row} is not finite.`);
    // What is negative here is rounding: a divergence is not.
    return { divergence: Math.max(0, divergence), agrees: p.best === q.best };
  });
}

/** Sums up what `compareLogits` found; positions 0 when there is nothing. */
export function sumUp(
  rows: readonly { readonly divergence: number; readonly agrees: boolean }[],
): Difference {
  let sum = 0;
  let largest = 0;
  for (const { divergence } of rows) {
    sum += divergence;
    largest = Math.max(largest, divergence);
  }
  const positions = rows.length;
  const agreement = rows.filter(({ agrees }) => agrees).length / Math.max(1, positions);
  return { positions, agreement, mean: sum / Math.max(1, positions), largest };
}

/** Log-probabilities, and the most likely id: the lowest of equal ones. */
function normalised(logits: Float32Array): { readonly logs: Float64Array; readonly best: number } {
  let best = 0;
  for (let id = 1; id < logits.length; id++) if ((logits[id] ?? NaN) > (logits[best] ?? NaN)) best = id;
  const most = logits[best] ?? NaN;
  let mass = 0;
  for (const logit of logits) mass += Math.exp(logit - most);
  const shift = most + Math.log(mass);
  return { logs: Float64Array.from(logits, (logit) => logit - shift), best };
}
