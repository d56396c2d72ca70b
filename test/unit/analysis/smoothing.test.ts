import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import { exponentialAverage, LocalSmoother } from '../../../src/analysis/smoothing';

const close = (actual: ArrayLike<number>, expected: readonly number[]): void => {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, at) =>
    assert.ok(Math.abs(actual[at]! - value) < 1e-9, `${at}: ${actual[at]} is not ${value}`),
  );
};

describe('exponentialAverage', () => {
  it('starts at the first value and weighs the past', () => {
    // By hand: last = 0.5, 1.25, 2.625; divided by 0.5, 0.75, 0.875.
    close(exponentialAverage([1, 2, 4], 0.5), [1, 5 / 3, 3]);
  });

  it('lets values through that are not finite, and does not count them', () => {
    const smoothed = exponentialAverage([1, NaN, 2, Infinity, 4], 0.5);
    close([smoothed[0]!, smoothed[2]!, smoothed[4]!], [1, 5 / 3, 3]);
    assert.ok(Number.isNaN(smoothed[1]));
    assert.equal(smoothed[3], Infinity);
  });

  it('leaves a constant series alone and clamps the weight', () => {
    close(exponentialAverage([0.1, 0.1, 0.1], 0.9), [0.1, 0.1, 0.1]);
    close(exponentialAverage([1, 2], -3), [1, 2]);
    close(exponentialAverage([1, 2], 7), [0, 0]);
    assert.equal(exponentialAverage([], 0.5).length, 0);
  });
});

describe('LocalSmoother', () => {
  const all = (count: number): boolean[] => Array.from({ length: count }, () => true);

  it('gives polynomials of its degree back, at the edges and across gaps too', () => {
    const present = all(40).map((_, at) => at < 12 || at > 20);
    const line = Float64Array.from({ length: 40 }, (_, at) => 3 - 0.5 * at);
    const parabola = line.map((value, at) => value + 0.02 * at * at);
    const hidden = parabola.map((value, at) => (present[at] ? value : 1e9));
    close(new LocalSmoother(all(40), { halfWidth: 6, degree: 1 }).apply(line), [...line]);
    close(new LocalSmoother(present, { halfWidth: 6, degree: 2 }).apply(hidden), [...parabola]);
  });

  it('weighs by the tricube of the distance', () => {
    // Half-width 2: neighbours weigh (1 - 1/8)^3 = 343/512, and a symmetric line fit is their weighted mean.
    const smoothed = new LocalSmoother(all(9), { halfWidth: 2, degree: 1 }).apply(
      Float64Array.from([0, 0, 0, 0, 1, 0, 0, 0, 0]),
    );
    assert.ok(Math.abs(smoothed[4]! - 1 / (1 + (2 * 343) / 512)) < 1e-12);
    assert.ok(Math.abs(smoothed[3]! - 343 / 512 / (1 + (2 * 343) / 512)) < 1e-12);
  });
});
