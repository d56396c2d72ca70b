import assert from 'node:assert/strict';
import { seededNumbers, splitMix64, Xoshiro128 } from '../../../src/inference/randomNumbers';

describe('random numbers', () => {
  it("gives SplitMix64's published outputs for the seed 1234567", () => {
    assert.deepEqual(splitMix64(1234567n, 5), [
      6457827717110365317n,
      3203168211198807973n,
      9817491932198370423n,
      4593380528125082431n,
      16408922859458223821n,
    ]);
  });

  it('gives the outputs of the published C code of xoshiro128** for the state 1, 2, 3, 4', () => {
    const numbers = new Xoshiro128([1, 2, 3, 4]);
    assert.deepEqual(
      Array.from({ length: 10 }, () => numbers.next()),
      [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
    );
  });

  it('makes numbers of 53 bits from 0 to below 1', () => {
    const numbers = seededNumbers(0);
    const drawn = Array.from({ length: 20_000 }, () => numbers.uniform());
    assert.ok(drawn.every((x) => x >= 0 && x < 1 && Number.isInteger(x * 2 ** 53)));
    assert.ok(
      drawn.some((x) => (x * 2 ** 53) % 2 === 1),
      'the last bit is never set',
    );
    const mean = drawn.reduce((sum, x) => sum + x, 0) / drawn.length;
    assert.ok(Math.abs(mean - 0.5) < 5 * Math.sqrt(1 / 12 / drawn.length), String(mean));
  });

  it('starts each seed elsewhere, up to the largest', () => {
    const first = [0, 1, 2, 2 ** 32, 2 ** 53 - 1].map((seed) => seededNumbers(seed).uniform());
    assert.equal(new Set(first).size, first.length);
    assert.equal(seededNumbers(7).uniform(), seededNumbers(7).uniform());
  });

  it('refuses what is no seed, and a state of zeros', () => {
    for (const seed of [-1, 0.5, NaN, 2 ** 53]) {
      assert.throws(() => seededNumbers(seed), { name: 'ImcotError', code: 'usage' });
    }
    assert.throws(() => new Xoshiro128([0, 0, 0, 0]), { name: 'ImcotError' });
  });
});
