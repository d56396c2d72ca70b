import assert from 'node:assert/strict';
import { pillowRotate } from '../../../src/imaging/pillowRotate';
import { goldenPath, patternImage, plainRgb, readGolden, sha256 } from '../../support/goldenImages';

interface RotateCase {
  readonly image: string;
  readonly angle: number;
  readonly size: [number, number];
  readonly sha256: string;
}

const { cases } = readGolden('rotate.json') as { cases: RotateCase[] };

describe('pillowRotate', () => {
  it(`turns as Pillow does in all ${cases.length} cases`, async () => {
    assert.equal(cases.length, 36);
    for (const wanted of cases) {
      const turned = pillowRotate(await plainRgb(goldenPath(wanted.image)), wanted.angle);
      assert.deepEqual([turned.width, turned.height], wanted.size);
      assert.equal(sha256(turned.data), wanted.sha256, `${wanted.image} by ${wanted.angle} degrees`);
    }
  });

  it('turns counter-clockwise for positive angles and cuts what leaves the canvas', () => {
    const image = { width: 3, height: 1, data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3) };
    assert.deepEqual([...pillowRotate(image, 180).data], [3, 3, 3, 2, 2, 2, 1, 1, 1]);
    assert.deepEqual([...pillowRotate(image, 90).data], [0, 0, 0, 2, 2, 2, 0, 0, 0]);
    const square = { width: 2, height: 2, data: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4) };
    assert.deepEqual([...pillowRotate(square, 90).data], [2, 2, 2, 4, 4, 4, 1, 1, 1, 3, 3, 3]);
  });

  it('gives a copy at full turns and gets back after four quarter turns', () => {
    const image = patternImage(13, 13);
    const whole = pillowRotate(image, -720);
    assert.deepEqual(whole.data, image.data);
    assert.notEqual(whole.data.buffer, image.data.buffer);
    let turned = image;
    for (let quarter = 0; quarter < 4; quarter++) turned = pillowRotate(turned, 90);
    assert.deepEqual(turned.data, image.data);
  });

  it('takes the floating-point way for a sine that rounds to nothing', () => {
    const image = patternImage(6, 5);
    assert.deepEqual(pillowRotate(image, 1e-14).data, image.data);
    assert.deepEqual(pillowRotate(image, 180 + 3e-14).data, pillowRotate(image, 180).data);
  });

  it('takes the floating-point way beyond 32768 pixels', () => {
    const image = patternImage(33000, 2);
    const turned = pillowRotate(image, 0.0001);
    assert.deepEqual(turned.data.subarray(0, 30), image.data.subarray(0, 30));
  });
});
