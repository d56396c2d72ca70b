import assert from 'node:assert/strict';
import { differing, largestSteps } from '../../../../parity/compare';
import { largestDifference } from '../../../../support/goldenQwen';
import { EXACT, Kind, within } from '../../../../parity/report';

describe('comparison of numbers', () => {
  it('takes what is no number, or missing, as infinitely far', () => {
    assert.equal(largestDifference([1, 2, 3], [1, 2.5, 3]), 0.5);
    assert.equal(largestDifference([1, NaN, 3], [1, 2, 3]), Infinity);
    assert.equal(largestDifference([NaN, 9], [1, 2]), Infinity);
    assert.equal(largestDifference([1], [1, 2]), Infinity);
    assert.equal(largestDifference([Infinity], [Infinity]), Infinity);
  });

  it('counts steps from one float32 to the next, across zero too', () => {
    const tiny = 2 ** -149;
    assert.equal(largestSteps([1, 0.5], [1, 0.5]), 0);
    assert.equal(largestSteps([1], [1 + 2 ** -23]), 1);
    assert.equal(largestSteps([1], [1 - 2 ** -24]), 1);
    assert.equal(largestSteps([tiny], [-tiny]), 2);
    assert.equal(largestSteps([0], [-0]), 0);
    assert.equal(largestSteps([NaN], [0]), Infinity);
    assert.equal(largestSteps([], [0]), Infinity);
  });

  it('counts differing places', () => {
    assert.equal(differing([1, 2, 3], [1, 0, 3]), 1);
    assert.equal(differing([1], [1, 2, 3]), 2);
  });

  it('faults a kind without cases, with unused ones, with one too far off or without a number', () => {
    const faults = (use: (kind: Kind) => void, tolerance = within(1)): readonly string[] => {
      const kind = new Kind('x', tolerance);
      use(kind);
      return kind.faults;
    };
    assert.deepEqual(
      faults(() => undefined),
      ['there is no case of this kind'],
    );
    const two = (first: number, second: number) => (kind: Kind) => {
      kind.expect(2);
      kind.compared('a', first);
      kind.compared('b', second);
    };
    assert.deepEqual(faults(two(0, 1)), []);
    assert.deepEqual(faults(two(0, 1.01)), ['b: off by 1.01e+0']);
    assert.equal(faults(two(NaN, 0)).length, 1);
    assert.equal(faults(two(0, 1), EXACT).length, 1);
    assert.deepEqual(
      faults((kind) => {
        kind.expect(3);
        kind.compared('a', 0);
        kind.excuse(1, 'a tie');
      }),
      ['1 of 3 cases used, 1 rightly left out'],
    );
  });
});
