import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from '../../../../../src/common/errors';
import type { ModelImage } from '../../../../../src/inference/backend';
import type { ModelConfig } from '../../../../../src/inference/onnx/checkpoint/modelConfig';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import { ImageFeatures } from '../../../../../src/inference/onnx/model/imageFeatures';
import type { VisionTower } from '../../../../../src/inference/onnx/model/visionTower';
import type { PreparedImage } from '../../../../../src/inference/onnx/processor/imageProcessor';
import { qwenPath } from '../../../../support/goldenQwen';

const pixels = (shade: number): ModelImage['pixels'] => ({
  width: 112,
  height: 84,
  data: new Uint8Array(112 * 84 * 3).fill(shade),
});

describe('ImageFeatures', () => {
  let config: ModelConfig;
  before(async () => ({ config } = await openCheckpoint(qwenPath('checkpoint'))));

  /** A tower that counts what it is asked for. */
  function counting(takes = 0): {
    images: ImageFeatures;
    state: { runs: number; now: number; most: number };
  } {
    const state = { runs: 0, now: 0, most: 0 };
    const tower = {
      features: async ({ grid }: PreparedImage): Promise<Float32Array> => {
        state.runs++;
        state.most = Math.max(state.most, ++state.now);
        await delay(takes);
        state.now--;
        return new Float32Array(((grid.rows * grid.columns) / 4) * config.vision.outHiddenSize).fill(
          state.runs,
        );
      },
    } as unknown as VisionTower;
    return { images: new ImageFeatures(() => tower, config), state };
  }

  it('computes a key once, also when asked for several times at once', async () => {
    const { images, state } = counting(2);
    const image = { pixels: pixels(1), key: 'a' };
    const all = await Promise.all([
      images.features(image),
      images.features({ ...image }),
      images.features(image),
    ]);
    assert.equal(state.runs, 1);
    assert.ok(all.every((features) => features === all[0]));
    await images.features({ pixels: pixels(2), key: 'b' });
    assert.equal(state.runs, 2);
    assert.equal(state.most, 1, 'one picture at a time');
  });

  it('tells pictures of one key apart by their limits', async () => {
    const { images, state } = counting();
    const image = { pixels: pixels(1), key: 'a' };
    const free = await images.look(image);
    const small = await images.look({ ...image, maxPixels: 56 * 56 });
    const large = await images.look({ ...image, minPixels: 280 * 280 });
    assert.equal(state.runs, 3);
    assert.ok(small.tokens < free.tokens && free.tokens < large.tokens);
    await images.look({ ...image, maxPixels: 56 * 56 });
    assert.equal(state.runs, 3);
  });

  it('tells pictures without a key apart by who they are', async () => {
    const { images, state } = counting();
    const image = { pixels: pixels(1) };
    await images.features(image);
    await images.features(image);
    assert.equal(state.runs, 1);
    await images.features({ ...image });
    assert.equal(state.runs, 2);
  });

  it('says how a picture is seen', async () => {
    const { images } = counting();
    const { grid, tokens, seen } = await images.look({ pixels: pixels(1), key: 'a' });
    assert.deepEqual(seen, { width: grid.columns * 14, height: grid.rows * 14 });
    assert.equal(tokens, (grid.rows * grid.columns) / 4);
  });

  it('does not keep what failed or was stopped', async () => {
    const { images, state } = counting();
    const image = { pixels: pixels(1), key: 'a' };
    const stopped = images.features(image, AbortSignal.abort());
    await assert.rejects(stopped, (thrown) => errorCode(thrown) === 'cancelled');
    assert.equal(state.runs, 0);
    await images.features(image);
    assert.equal(state.runs, 1);
  });

  it('hears a stop while it waits for another picture', async () => {
    const { images, state } = counting(300);
    const first = images.features({ pixels: pixels(1), key: 'a' });
    const controller = new AbortController();
    const second = images.features({ pixels: pixels(2), key: 'b' }, controller.signal);
    const began = performance.now();
    setTimeout(() => controller.abort(), 5);
    await assert.rejects(second, (thrown) => errorCode(thrown) === 'cancelled');
    assert.ok(performance.now() - began < 200);
    await first;
    assert.equal(state.runs, 1);
  });

  it('lets go after the picture that is being computed, and takes no more', async () => {
    const { images, state } = counting(20);
    const first = images.features({ pixels: pixels(1), key: 'a' });
    let closed = false;
    images.close(() => {
      assert.equal(state.now, 0);
      closed = true;
    });
    await first;
    await assert.rejects(
      images.features({ pixels: pixels(2), key: 'b' }),
      (thrown) => errorCode(thrown) === 'cancelled',
    );
    assert.ok(closed);
  });
});
