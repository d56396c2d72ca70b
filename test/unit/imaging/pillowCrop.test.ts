import assert from 'node:assert/strict';
import fc from 'fast-check';
import { boxFromArray } from '../../../src/common/boundingBox';
import { ImcotError } from '../../../src/common/errors';
import { pillowCrop } from '../../../src/imaging/pillowCrop';
import { goldenPath, patternImage, plainRgb, readGolden, sha256 } from '../../support/goldenImages';

interface CropCase {
  readonly box: number[];
  readonly size?: [number, number];
  readonly sha256?: string;
  readonly error?: string;
}

const golden = readGolden('crops.json') as { crops: CropCase[] };

describe('pillowCrop', () => {
  it(`cuts as Pillow does in all ${golden.crops.length} cases`, async () => {
    const scene = await plainRgb(goldenPath('scene.png'));
    let raised = 0;
    for (const wanted of golden.crops) {
      const box = boxFromArray(wanted.box);
      assert.ok(box);
      if (wanted.error === undefined) {
        const cut = pillowCrop(scene, box);
        assert.deepEqual([cut.width, cut.height], wanted.size, JSON.stringify(wanted.box));
        assert.equal(sha256(cut.data), wanted.sha256, JSON.stringify(wanted.box));
      } else {
        const side = wanted.error.includes("'right'") ? /right side/ : /lower side/;
        assert.throws(() => pillowCrop(scene, box), side);
        raised++;
      }
    }
    assert.equal(golden.crops.length, 40);
    assert.equal(raised, 3);
  });

  it('refuses an inverted box even when both corners round to one number', () => {
    const cut = () => pillowCrop(patternImage(4, 4), { x1: 2.4, y1: 0, x2: 2.3, y2: 4 });
    assert.throws(cut, (thrown) => thrown instanceof ImcotError && thrown.code === 'input');
  });

  it('holds the pixel of the image inside and black outside', () => {
    const image = patternImage(9, 7);
    const corner = fc.integer({ min: -12, max: 20 });
    const side = fc.integer({ min: 0, max: 20 });
    const check = (x1: number, y1: number, width: number, height: number): void => {
      const cut = pillowCrop(image, { x1, y1, x2: x1 + width, y2: y1 + height });
      assert.equal(cut.data.length, width * height * 3);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width * 3; x++) {
          const column = x1 * 3 + x;
          const inside = column >= 0 && column < 27 && y1 + y >= 0 && y1 + y < 7;
          assert.equal(cut.data[y * width * 3 + x], inside ? image.data[(y1 + y) * 27 + column] : 0);
        }
      }
    };
    fc.assert(fc.property(corner, corner, side, side, check), { numRuns: 300 });
  });
});
