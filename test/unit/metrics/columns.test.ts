import assert from 'node:assert/strict';
import { NumberColumn } from '../../../src/metrics/columns';
import { numbersOf } from '../../support/readMetrics';

describe('a column of numbers', () => {
  for (const count of [0, 1, 15, 16, 17, 8191, 8192, 8193, 16384, 40001]) {
    it(`gives back ${count} numbers in order`, () => {
      const column = new NumberColumn();
      const numbers = Array.from({ length: count }, (_, index) => (index % 7 === 3 ? NaN : index * 1.5));
      numbers.forEach((value, index) => {
        assert.equal(column.length, index);
        column.push(value);
      });
      assert.equal(column.length, count);
      assert.deepEqual(numbersOf(column), numbers);
      assert.ok(Number.isNaN(column.at(count)));
    });
  }

  it('can be read while it grows', () => {
    const column = new NumberColumn();
    for (let index = 0; index < 20_000; index++) {
      column.push(index);
      assert.equal(column.at(index), index);
      assert.equal(column.at(index >> 1), index >> 1);
    }
  });
});
