import assert from 'node:assert/strict';
import type { ImageInput } from '../../../src/imaging/imageStore';
import { pillowCrop } from '../../../src/imaging/pillowCrop';
import { pillowResize } from '../../../src/imaging/pillowResize';
import { pillowRotate } from '../../../src/imaging/pillowRotate';
import { rebuildCrop, rebuildCut } from '../../../src/imaging/rebuildCrop';
import { SharpImageStore } from '../../../src/imaging/sharpImageStore';
import type { ToolOptions } from '../../../src/rollout/tools/imageZoomIn';
import { planCall } from '../../../src/rollout/tools/planCalls';
import type { ToolCall } from '../../../src/trajectory/toolCall';
import { goldenPath } from '../../support/goldenImages';
import { rotateCall, zoomCall } from '../rollout/tools/toolCalls';

const scene = goldenPath('scene.png');
const INPUT: ImageInput = { kind: 'path', key: scene, path: scene };

describe('rebuildCrop', () => {
  const store = new SharpImageStore();
  const plan = async (call: ToolCall, options: Partial<ToolOptions> = {}) =>
    planCall(call, await store.size(INPUT), { variant: 'trainingV2', frame: 'original', ...options });

  it('gives the cut, and the cut as the policy saw it', async () => {
    const report = await plan(zoomCall([10, 20, 110.5, 95]));
    const cut = pillowCrop(await store.rgb(INPUT), { x1: 10, y1: 20, x2: 110, y2: 95 });
    assert.deepEqual(await rebuildCut(store, INPUT, report), cut);
    assert.deepEqual(report.resizedSize, { width: 112, height: 84 });
    assert.deepEqual(await rebuildCrop(store, INPUT, report), pillowResize(cut, { width: 112, height: 84 }));
  });

  it('is black where an evaluation cuts outside', async () => {
    const report = await plan(zoomCall([-20, -10, 30, 40]), { variant: 'evaluation' });
    const cut = await rebuildCut(store, INPUT, report);
    assert.deepEqual([...cut.data.subarray(0, 3)], [0, 0, 0]);
    assert.deepEqual(cut, pillowCrop(await store.rgb(INPUT), { x1: -20, y1: -10, x2: 30, y2: 40 }));
  });

  it('cuts from the processed image where the producer does, growth out of it included', async () => {
    const processed = pillowResize(await store.rgb(INPUT), { width: 224, height: 140 });
    const box = { x1: 30, y1: 20, x2: 120, y2: 90 };
    for (const variant of ['verl', 'msSwift'] as const) {
      const report = await plan(zoomCall([30, 20, 120, 90]), { variant, frame: 'resized' });
      assert.deepEqual(await rebuildCut(store, INPUT, report), pillowCrop(processed, box));
    }
    const report = await plan(zoomCall([30, 20, 120, 90]), { variant: 'msSwift', frame: 'resized' });
    assert.ok(report.tool === 'zoom' && report.piece);
    const outside = { x1: -30, y1: 100, x2: 60, y2: 170 };
    const moved = { ...report, piece: { ...report.piece, box: outside } };
    assert.deepEqual(await rebuildCut(store, INPUT, moved), pillowCrop(processed, outside));
  });

  it('turns the original', async () => {
    const report = await plan(rotateCall(-30));
    const turned = pillowRotate(await store.rgb(INPUT), -30);
    assert.deepEqual(await rebuildCut(store, INPUT, report), turned);
    assert.deepEqual(
      await rebuildCrop(store, INPUT, report),
      pillowResize(turned, { width: 224, height: 140 }),
    );
  });

  it('refuses what was refused, another image, and a cut that is too large', async () => {
    const refused = await plan(zoomCall([10, 10, 12, 12]));
    await assert.rejects(rebuildCrop(store, INPUT, refused), /shorter side must be above 30/);
    const other = planCall(
      zoomCall([0, 0, 50, 50]),
      { width: 500, height: 400 },
      {
        variant: 'trainingV2',
        frame: 'original',
      },
    );
    await assert.rejects(rebuildCrop(store, INPUT, other), /226 x 152 pixels instead of 500 x 400/);
    const vast = await plan(zoomCall([0, 0, 12000, 12000]), { variant: 'evaluation' });
    assert.equal(vast.rejected, undefined);
    await assert.rejects(rebuildCrop(store, INPUT, vast), /at most 64000000 pixels/);
  });
});
