import assert from 'node:assert/strict';
import type { ImcotError } from '../../../src/common/errors';
import { cutPicture } from '../../../src/imaging/cutPicture';
import { pillowCrop } from '../../../src/imaging/pillowCrop';
import { pillowResize } from '../../../src/imaging/pillowResize';
import { pillowRotate } from '../../../src/imaging/pillowRotate';
import type { RgbImage } from '../../../src/imaging/imageStore';
import { planCall } from '../../../src/rollout/tools/planCalls';
import type { ToolOptions } from '../../../src/rollout/tools/imageZoomIn';
import { rotateCall, zoomCall } from '../rollout/tools/toolCalls';

const SIZE = { width: 200, height: 120 };
const SOURCE: RgbImage = {
  ...SIZE,
  data: Uint8Array.from({ length: 200 * 120 * 3 }, (_, index) => (index * 7 + (index >> 5)) % 256),
};
const V2: ToolOptions = { variant: 'trainingV2', frame: 'original' };

describe('cutPicture', () => {
  it('cuts, then resizes to what the policy sees', async () => {
    const report = planCall(zoomCall([10, 20, 101, 75]), SIZE, V2);
    const box = { x1: 10, y1: 20, x2: 101, y2: 75 };
    const expected = pillowResize(pillowCrop(SOURCE, box), { width: 84, height: 56 });
    assert.deepEqual(await cutPicture(SOURCE, report), expected);
  });

  it('cuts from the processed image where the tool does', async () => {
    const report = planCall(zoomCall([0, 0, 56, 56]), SIZE, { variant: 'msSwift', frame: 'resized' });
    const processed = pillowResize(SOURCE, { width: 196, height: 112 });
    const expected = pillowCrop(processed, { x1: 0, y1: 0, x2: 56, y2: 56 });
    assert.deepEqual(await cutPicture(SOURCE, report), expected);
  });

  it('turns', async () => {
    const report = planCall(rotateCall(30), SIZE, V2);
    const expected = pillowResize(pillowRotate(SOURCE, 30), { width: 196, height: 112 });
    assert.deepEqual(await cutPicture(SOURCE, report), expected);
  });

  it('refuses a refused call, another picture and a cut without end', async () => {
    const code = (expected: string) => (error: ImcotError) => error.code === expected;
    await assert.rejects(cutPicture(SOURCE, planCall(zoomCall([9, 9, 9, 9]), SIZE, V2)), code('input'));
    const elsewhere = planCall(zoomCall([0, 0, 50, 50]), { width: 201, height: 120 }, V2);
    await assert.rejects(cutPicture(SOURCE, elsewhere), code('input'));
    const huge = planCall(zoomCall([0, 0, 12_000, 12_000]), SIZE, {
      variant: 'evaluation',
      frame: 'original',
    });
    await assert.rejects(cutPicture(SOURCE, huge), code('limit'));
  });
});
