import assert from 'node:assert/strict';
import { ImcotError } from '../../../../src/common/errors';
import {
  checkImageId,
  checkIndex,
  checkMaxSide,
  checkRange,
  checkRanges,
  MAX_ROWS,
} from '../../../../src/host/trajectories/pageRequests';

const refused = (attempt: () => unknown): void => {
  assert.throws(attempt, (error) => error instanceof ImcotError && error.code === 'usage');
};

describe('what a page asks for', () => {
  it('is an index only as a whole number from 0', () => {
    assert.equal(checkIndex(0), 0);
    assert.equal(checkIndex(5_000_000_000), 5_000_000_000);
    for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, '1', null, undefined, {}, [1]]) {
      refused(() => checkIndex(value));
    }
  });

  it('is a range of at most as many rows as one request may have', () => {
    assert.deepEqual(checkRange(10, 20), { start: 10, end: 20 });
    assert.deepEqual(checkRange(10, 10), { start: 10, end: 10 });
    assert.deepEqual(checkRange(10, 1e9), { start: 10, end: 10 + MAX_ROWS });
    refused(() => checkRange(20, 10));
    refused(() => checkRange(0, '10'));
  });

  it('is ranges of at most as many rows together', () => {
    assert.deepEqual(checkRanges([]), []);
    assert.deepEqual(
      checkRanges([
        [5, 6],
        [9, 9 + MAX_ROWS],
        [5000, 5001],
      ]),
      [
        { start: 5, end: 6 },
        { start: 9, end: 8 + MAX_ROWS },
        { start: 5000, end: 5000 },
      ],
    );
    for (const value of [undefined, 7, {}, 'x', [1, 2], [[2, 1]], [[1]], [[1, 2, 3]], [['1', 2]]])
      refused(() => checkRanges(value));
    refused(() => checkRanges(Array.from({ length: MAX_ROWS + 1 }, () => [0, 1])));
  });

  it('is an image by an id of the known forms, never a path', () => {
    assert.equal(checkImageId('original:0'), 'original:0');
    assert.equal(checkImageId('observation:12:3'), 'observation:12:3');
    for (const value of [
      'original:',
      'original:-1',
      '/etc/passwd',
      'original:0/../x',
      'original:0\n',
      7,
      '__proto__',
    ]) {
      refused(() => checkImageId(value));
    }
  });

  it('is a side within bounds', () => {
    assert.equal(checkMaxSide(300.4), 300);
    assert.equal(checkMaxSide(-5), 16);
    assert.equal(checkMaxSide(1e9), 4096);
    refused(() => checkMaxSide(Number.NaN));
    refused(() => checkMaxSide('300'));
  });
});
