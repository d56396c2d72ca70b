import assert from 'node:assert/strict';
import { RowOrder } from '../../../src/webview/trajectory/rowOrder';

const order = new RowOrder({
  label: 'step 46',
  ranges: [
    [3, 6],
    [10, 11],
    [20, 24],
  ],
});
/** The records of the ranges above, written out. */
const RECORDS = [3, 4, 5, 10, 20, 21, 22, 23];

describe('rowOrder', () => {
  it('is the file itself without a filter', () => {
    const all = new RowOrder(undefined);
    assert.equal(all.total, undefined);
    assert.deepEqual([all.count(7), all.indexAt(5), all.positionOf(5)], [7, 5, 5]);
    assert.deepEqual(all.ranges(2, 4), [[2, 4]]);
  });

  it('leads from positions to records and back', () => {
    assert.equal(order.total, 8);
    assert.deepEqual(
      RECORDS.map((_, position) => order.indexAt(position)),
      RECORDS,
    );
    for (let index = 0; index < 30; index++) {
      const position = RECORDS.indexOf(index);
      assert.equal(order.positionOf(index), position < 0 ? undefined : position, `record ${index}`);
    }
    assert.deepEqual([order.indexAt(8), order.indexAt(-1)], [undefined, undefined]);
  });

  it('has as many rows as are known', () => {
    for (let records = 0; records < 30; records++)
      assert.equal(order.count(records), RECORDS.filter((index) => index < records).length, `${records}`);
  });

  it('cuts ranges of positions into ranges of records', () => {
    for (let start = 0; start <= 9; start++) {
      for (let end = start; end <= 10; end++) {
        const records = order
          .ranges(start, end)
          .flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
        assert.deepEqual(records, RECORDS.slice(start, end), `${start} to ${end}`);
      }
    }
  });

  it('shows nothing for a filter that names nothing', () => {
    const nothing = new RowOrder({ label: 'step 9', ranges: [] });
    assert.deepEqual([nothing.total, nothing.count(5), nothing.indexAt(0)], [0, 0, undefined]);
    assert.deepEqual(nothing.ranges(0, 10), []);
  });

  it('finds its way in half a million ranges at once', () => {
    const ranges = Array.from({ length: 500_000 }, (_, i) => [2 * i, 2 * i + 1] as const);
    const odd = new RowOrder({ label: 'every other', ranges });
    assert.equal(odd.indexAt(499_999), 999_998);
    assert.equal(odd.positionOf(999_998), 499_999);
    assert.equal(odd.count(1000), 500);
    assert.deepEqual(odd.ranges(100, 102), [
      [200, 201],
      [202, 203],
    ]);
  });
});
