import assert from 'node:assert/strict';
import { writePicture } from '../../../../bench/rollouts/pictures';
import { measureStage } from '../../../../bench/stage/measureStage';
import { ScratchFolder } from '../../../support/scratchFolder';

describe('the pictures of a stage, on 12 megapixels', function () {
  this.timeout(120_000);
  const folder = new ScratchFolder();
  after(() => folder.remove());

  it('come at ten times of what the benchmark allows, at worst', async () => {
    const times = await measureStage(await writePicture(folder.path, 4032, 3024));
    assert.ok(times.preview < 10_000, `the preview took ${times.preview} ms`);
    assert.equal(times.crops.length, 20);
    for (const crop of times.crops) assert.ok(crop < 500, `a crop took ${crop} ms`);
    for (const piece of times.pieces) assert.ok(piece < 500, `a piece took ${piece} ms`);
  });
});
