import assert from 'node:assert/strict';
import type { ImcotError } from '../../../src/common/errors';
import { settleChoices } from '../../../src/launch/rolloutChoices';
import { overrideConfig, readRolloutConfig } from '../../../src/rollout/rolloutConfig';
import { gradient, playScript } from './support/rolloutLog';
import { zoomOf } from './support/trainingBranches';

/** As the first demonstration model has it. */
const DEMO = {
  space: 'resized',
  view_max_pixels: 50176,
  crop_min_pixels: 12544,
  crop_max_pixels: 15680,
  crop_source: 'original image',
  max_turns: 5,
  scene_side: 1344,
  min_box_side_original_pixels: 30,
  resample: 'bicubic',
};

describe('rollout_config.json', () => {
  it('reads what a checkpoint needs, and passes over notes', () => {
    assert.deepEqual(readRolloutConfig(DEMO), {
      frame: 'resized',
      view: { maxPixels: 50176 },
      crop: { minPixels: 12544, maxPixels: 15680 },
      minBoxSideAbove: 30,
      maxTurns: 5,
    });
    assert.deepEqual(readRolloutConfig({}), {});
    assert.deepEqual(readRolloutConfig({ protocol: 'deepeyes-v5', max_tokens_per_turn: 7 }), {
      protocol: 'deepeyes-v5',
      maxTokensPerTurn: 7,
    });
  });

  it('refuses what it does not understand, naming the key', () => {
    const refused = (value: unknown, message: RegExp): void => {
      assert.throws(
        () => readRolloutConfig(value),
        (error: ImcotError) => error.code === 'input' && message.test(error.message),
      );
    };
    refused([], /must hold an object/);
    refused({ space: 'pixels' }, /"space" is "pixels"; it must be "original" or "resized"/);
    refused({ max_turns: 0 }, /"max_turns" is 0; it must be a whole number from 1/);
    refused({ view_max_pixels: '50176' }, /"view_max_pixels" is "50176"/);
    refused(
      { crop_min_pixels: 9, crop_max_pixels: 8 },
      /"crop_min_pixels" is 9; it must be at most crop_max_pixels/,
    );
    refused({ crop_source: 'the view' }, /"crop_source"/);
    refused({ resample: 'nearest' }, /"resample"/);
    refused({ answers: 'loose' }, /"answers" is "loose"; it must be "exact"/);
    refused({ protocol: 2 }, /"protocol" is 2; it must be a text/);
  });

  it('lets a person change every value', () => {
    const config = readRolloutConfig(DEMO);
    const sampling = { temperature: 0 };
    const merged = overrideConfig(config, {
      sampling,
      maxTurns: 2,
      crop: { maxPixels: 20000 },
      frame: 'original',
    });
    assert.deepEqual(merged, {
      sampling,
      frame: 'original',
      view: { maxPixels: 50176 },
      crop: { minPixels: 12544, maxPixels: 20000 },
      minBoxSideAbove: 30,
      maxTurns: 2,
    });
    assert.deepEqual(overrideConfig({}, { sampling }), { sampling });
  });

  it('says that answers are right to the letter or wrong, which is no setting of the loop', () => {
    const config = readRolloutConfig({ answers: 'exact' });
    assert.deepEqual(config, { answers: 'exact' });
    const { settings, exactAnswers } = settleChoices(config, {});
    assert.deepEqual([settings, exactAnswers], [{ sampling: { temperature: 0 } }, true]);
    assert.equal(settleChoices({}, {}).exactAnswers, undefined);
  });

  it('resizes a crop once, where one area is both the least and the largest', async () => {
    const area = 168 * 168;
    const settings = { crop: { minPixels: area, maxPixels: area }, frame: 'original' } as const;
    const played = await playScript({
      task: { pictures: [gradient(1344, 1344)] },
      settings,
      turns: [{ says: zoomOf(738, 1038, 888, 1218).says }, { says: '<answer>K</answer>' }],
    });
    const [crop] = played.trajectory.turns[0]?.observation?.images ?? [];
    // 150 x 180 becomes 168 x 196, which the same rule would make 140 x 168.
    assert.deepEqual([crop?.size, crop?.visualTokens], [{ width: 168, height: 196 }, 42]);
  });

  it('leads the loop: the view, boxes in its pixels, crops within their own limits', async () => {
    const settings = overrideConfig(readRolloutConfig(DEMO), { sampling: { temperature: 0 } });
    const { says } = zoomOf(100, 50, 116, 70);
    const played = await playScript({
      task: { pictures: [gradient(1344, 1344)] },
      settings,
      turns: [{ says }, { says: zoomOf(100, 50, 105, 70).says }, { says: '<answer>K</answer>' }],
    });
    const [prompt] = played.events.flatMap((event) => (event.type === 'prompt' ? event.images : []));
    assert.deepEqual(prompt, { tokens: 64, seen: { width: 224, height: 224 } });
    const reports = played.events.flatMap((event) => (event.type === 'toolCall' ? [event.report] : []));
    const [cut, small] = reports;
    assert.ok(cut?.tool === 'zoom' && small?.tool === 'zoom');
    // Six times as many pixels in the original.
    assert.deepEqual(cut.piece?.box, { x1: 600, y1: 300, x2: 696, y2: 420 });
    assert.deepEqual([cut.resizedSize, cut.visualTokens], [{ width: 112, height: 140 }, 20]);
    assert.equal(small.rejected, 'tooSmall', 'thirty pixels of the original are not more than thirty');
    assert.equal(played.trajectory.frame, 'resized');
    assert.deepEqual(played.trajectory.turns[0]?.observation?.images[0]?.visualTokens, 20);
  });
});
