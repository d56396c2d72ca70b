import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boxFromArray } from '../../../src/common/boundingBox';
import { pillowCrop } from '../../../src/imaging/pillowCrop';
import { pillowResize, pillowResizeInSlices } from '../../../src/imaging/pillowResize';
import { goldenPath, patternImage, plainRgb, readGolden, sha256 } from '../../support/goldenImages';

interface ResizeCase {
  readonly box: number[];
  readonly target: [number, number];
  readonly sha256: string;
}

const golden = readGolden('crops.json') as { resizes: ResizeCase[] };

describe('pillowResize', () => {
  it(`resizes as Pillow does in all ${golden.resizes.length} cases`, async () => {
    const scene = await plainRgb(goldenPath('scene.png'));
    assert.ok(golden.resizes.length >= 40);
    for (const { box, target, sha256: wanted } of golden.resizes) {
      const corners = boxFromArray(box);
      assert.ok(corners);
      const resized = pillowResize(pillowCrop(scene, corners), { width: target[0], height: target[1] });
      assert.equal(sha256(resized.data), wanted, JSON.stringify({ box, target }));
    }
  });

  it('gives the same pixels for a window as for the whole', () => {
    const side = fc.integer({ min: 1, max: 40 });
    const share = fc.double({ min: 0, max: 0.99, noNaN: true });
    const check = (
      width: number,
      height: number,
      toWidth: number,
      toHeight: number,
      x: number,
      y: number,
    ) => {
      const image = patternImage(width, height);
      const target = { width: toWidth, height: toHeight };
      const x1 = Math.floor(x * toWidth);
      const y1 = Math.floor(y * toHeight);
      const window = { x1, y1, x2: Math.ceil((x1 + toWidth) / 2 + 0.5), y2: Math.min(toHeight, y1 + 3) };
      fc.pre(window.x2 > x1 && window.x2 <= toWidth);
      const whole = pillowResize(image, target);
      assert.deepEqual(pillowResize(image, target, window), pillowCrop(whole, window));
    };
    fc.assert(fc.property(side, side, side, side, share, share, check), { numRuns: 400 });
  });

  it('keeps a flat colour flat and an equal size equal', () => {
    const flat = { width: 9, height: 5, data: new Uint8Array(135).fill(201) };
    const resized = pillowResize(flat, { width: 31, height: 2 });
    assert.ok(resized.data.every((value) => value === 201));
    const image = patternImage(8, 6);
    assert.deepEqual(pillowResize(image, { width: 8, height: 6 }).data, image.data);
  });

  it('makes black of an image without pixels, as Pillow does, and refuses an empty target', () => {
    const none = { width: 0, height: 30, data: new Uint8Array(0) };
    assert.ok(pillowResize(none, { width: 28, height: 28 }).data.every((value) => value === 0));
    assert.throws(() => pillowResize(patternImage(3, 3), { width: 0, height: 5 }), /can't be resized/);
  });

  it('pauses on long work and gives the same pixels', async () => {
    const image = patternImage(400, 300);
    const target = { width: 700, height: 560 };
    let pauses = 0;
    const pause = () => {
      pauses++;
      return Promise.resolve();
    };
    const sliced = await pillowResizeInSlices(image, target, pause, undefined, 0);
    assert.ok(pauses > 10, `${pauses} pauses`);
    assert.deepEqual(sliced, pillowResize(image, target));
  });
});
