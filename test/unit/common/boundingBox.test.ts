import assert from 'node:assert/strict';
import { boxFromArray, boxToArray, minSide, sameBox, toOriginalFrame } from '../../../src/common/boundingBox';

const box = { x1: 100, y1: 200, x2: 300, y2: 250 };

describe('boundingBox', () => {
  it('reads four finite numbers and nothing else', () => {
    assert.deepEqual(boxFromArray([100, 200, 300, 250]), box);
    for (const other of [
      [1, 2, 3],
      [1, 2, 3, 4, 5],
      [1, 2, 3, '4'],
      [1, 2, 3, NaN],
      [1, 2, Infinity, 4],
      null,
      'abcd',
      {},
    ]) {
      assert.equal(boxFromArray(other), undefined, String(other));
    }
    assert.deepEqual(boxToArray(box), [100, 200, 300, 250]);
  });

  it('has a signed shorter side', () => {
    assert.equal(minSide(box), 50);
    assert.equal(minSide({ x1: 1630, y1: 1020, x2: 1658, y2: 1014 }), -6);
  });

  it('compares exactly', () => {
    assert.equal(sameBox(box, { ...box }), true);
    assert.equal(sameBox(box, { ...box, x2: 300.5 }), false);
  });

  it('places each frame on the original image', () => {
    const original = { width: 4000, height: 2000 };
    assert.deepEqual(toOriginalFrame(box, 'original', original), box);
    assert.deepEqual(toOriginalFrame(box, 'resized', original, { width: 2000, height: 1000 }), {
      x1: 200,
      y1: 400,
      x2: 600,
      y2: 500,
    });
    assert.deepEqual(toOriginalFrame(box, 'relative1000', original), { x1: 400, y1: 400, x2: 1200, y2: 500 });
    assert.deepEqual(toOriginalFrame({ x1: 0, y1: 0.25, x2: 0.5, y2: 1 }, 'relative1', original), {
      x1: 0,
      y1: 500,
      x2: 2000,
      y2: 2000,
    });
    assert.equal(toOriginalFrame(box, 'resized', original), undefined);
    assert.equal(toOriginalFrame(box, 'resized', original, { width: 0, height: 10 }), undefined);
  });
});
