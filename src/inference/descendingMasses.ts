import { highestFirst } from './logits';
import { negativeExponential } from './logitsExponential';

// Scores fall into buckets of 1/32 nat; what lies more than 32 nats below the highest has hardly any mass.
const BUCKETS_PER_NAT = 32;
const BUCKETS = 1024;

/** A place in the descending order of tokens. */
export interface MassPlace {
  readonly id: number;
  /** The mass of this token and all before it. */
  readonly cumulative: number;
}

/**
 * Cumulative probability masses over tokens in descending order (highest score first, of equals the lowest id) without
 * sorting them all: masses are summed by bucket of score, and only the bucket that holds the answer is sorted. A mass is
 * e^(score - highest); nothing is normalised.
 */
export class DescendingMasses {
  /** The mass of all tokens. */
  readonly total: number;
  /** The highest score. */
  readonly highest: number;
  private readonly masses = new Float64Array(BUCKETS);

  /** @param ids the tokens that count, in any order, at least one; all of them when absent. Scores are finite, or -Infinity: no mass. */
  constructor(
    private readonly scores: Float32Array,
    private readonly ids?: readonly number[],
  ) {
    this.highest = highestOf(scores, ids);
    const count = ids?.length ?? scores.length;
    for (let index = 0; index < count; index++) {
      const below = (scores[ids === undefined ? index : (ids[index] ?? 0)] ?? 0) - this.highest;
      const bucket = bucketOf(below);
      this.masses[bucket] = (this.masses[bucket] ?? 0) + negativeExponential(below);
    }
    this.total = this.masses.reduce((sum, mass) => sum + mass, 0);
  }

  /** The first token whose cumulative mass is `mass` or more; the last that has any mass where none reaches it. */
  reaching(mass: number): MassPlace {
    return this.find((cumulative) => cumulative >= mass);
  }

  /** The first token whose cumulative mass is more than `mass`; the last that has any where none exceeds it. */
  exceeding(mass: number): MassPlace {
    return this.find((cumulative) => cumulative > mass);
  }

  private find(isEnough: (cumulative: number) => boolean): MassPlace {
    let before = 0;
    let fallback = 0;
    let beforeFallback = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const mass = this.masses[bucket] ?? 0;
      if (mass === 0) continue;
      if (isEnough(before + mass)) return this.findIn(bucket, before, isEnough);
      fallback = bucket;
      beforeFallback = before;
      before += mass;
    }
    return this.findIn(fallback, beforeFallback, isEnough);
  }

  private findIn(bucket: number, before: number, isEnough: (cumulative: number) => boolean): MassPlace {
    let cumulative = before;
    let last = 0;
    for (const id of highestFirst(this.scores, this.idsIn(bucket))) {
      const mass = negativeExponential((this.scores[id] ?? 0) - this.highest);
      if (mass === 0) break;
      cumulative += mass;
      last = id;
      if (isEnough(cumulative)) break;
    }
    return { id: last, cumulative };
  }

  private idsIn(bucket: number): number[] {
    const found: number[] = [];
    const count = this.ids?.length ?? this.scores.length;
    for (let index = 0; index < count; index++) {
      const id = this.ids === undefined ? index : (this.ids[index] ?? 0);
      if (bucketOf((this.scores[id] ?? 0) - this.highest) === bucket) found.push(id);
    }
    return found;
  }
}

function bucketOf(below: number): number {
  return Math.min(BUCKETS - 1, Math.floor(-below * BUCKETS_PER_NAT));
}

function highestOf(scores: Float32Array, ids?: readonly number[]): number {
  const count = ids?.length ?? scores.length;
  let highest = -Infinity;
  for (let index = 0; index < count; index++) {
    const score = scores[ids === undefined ? index : (ids[index] ?? 0)] ?? -Infinity;
    if (score > highest) highest = score;
  }
  return highest;
}
