import assert from 'node:assert/strict';
import { ImcotError } from '../../../../../src/common/errors';
import type { ErrorCode } from '../../../../../src/common/errors';
import { decodeRgb } from '../../../../../src/imaging/decodeImage';
import type { RgbImage } from '../../../../../src/imaging/imageStore';
import { pillowResize } from '../../../../../src/imaging/pillowResize';
import { prepareImage, seenSize } from '../../../../../src/inference/onnx/processor/imageProcessor';
import { patternImage, sha256 } from '../../../../support/goldenImages';
import { largestDifference, qwenPath, readQwenFloats, readQwenJson } from '../../../../support/goldenQwen';

interface Processed {
  readonly min_max_pixels: [number, number];
  readonly image_grid_thw: [number, number, number];
  readonly resized_rgb: { readonly file: string; readonly shape: number[] };
  readonly pixel_values: { readonly file: string; readonly shape: number[] };
}

const golden = readQwenJson('images/images.json') as {
  images: { file: string; processed: Processed[] }[];
};
const hashes = readQwenJson('images/sha256.json') as Record<string, string>;
const MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const STD = [0.26862954, 0.26130258, 0.27577711] as const;
const SHAPE = { patchSize: 14, mergeSize: 2, temporalPatchSize: 2 };
const CONFIG = { minPixels: 3136, maxPixels: 12_845_056, mean: MEAN, std: STD };

const picture = (file: string): Promise<RgbImage> =>
  decodeRgb({ kind: 'path', key: file, path: qwenPath(`images/${file}`) }, 1e6);

function configOf({ min_max_pixels: [minPixels, maxPixels] }: Processed) {
  return { ...CONFIG, minPixels, maxPixels };
}

function isError(code: ErrorCode, words: RegExp) {
  return (thrown: unknown) => {
    assert.ok(thrown instanceof ImcotError, String(thrown));
    assert.equal(thrown.code, code);
    assert.match(thrown.message, words);
    return true;
  };
}

describe('prepareImage', () => {
  for (const { file, processed } of golden.images) {
    for (const wanted of processed) {
      const [minPixels, maxPixels] = wanted.min_max_pixels;
      it(`gives the reference's numbers for ${file} of ${minPixels} to ${maxPixels} pixels, bit for bit`, async () => {
        const image = await picture(file);
        const found = await prepareImage(image, configOf(wanted), SHAPE);
        const [, rows, columns] = wanted.image_grid_thw;
        assert.deepEqual(found.grid, { rows, columns });
        assert.equal(found.tokens, (rows * columns) / 4);
        assert.deepEqual([found.seen.height, found.seen.width, 3], wanted.resized_rgb.shape);
        assert.equal(sha256(pillowResize(image, found.seen).data), hashes[wanted.resized_rgb.file]);
        const [patches = 0, length = 0] = wanted.pixel_values.shape;
        assert.equal(found.pixelValues.length, patches * length);
        assert.equal(sha256(new Uint8Array(found.pixelValues.buffer)), hashes[wanted.pixel_values.file]);
      });
    }
  }

  it('is within a millionth of the stored numbers', async () => {
    for (const stored of ['gray_small', 'gray_small.small']) {
      const name = `${stored}.pixel_values.bin`;
      const wanted = golden.images.flatMap(({ processed }) => processed);
      const processed = wanted.find(({ pixel_values: values }) => values.file === name);
      assert.ok(processed);
      const { pixelValues } = await prepareImage(await picture('gray_small.png'), configOf(processed), SHAPE);
      const off = largestDifference(pixelValues, readQwenFloats(`images/${name}`));
      assert.ok(off <= 1e-6, `${name} is off by ${off}`);
    }
  });

  it('takes the limits of one picture before those of the checkpoint', async () => {
    const image = await picture('scene.png');
    const limits = { minPixels: 4704, maxPixels: 15680 };
    const found = await prepareImage(image, CONFIG, SHAPE, limits);
    assert.deepEqual(found, await prepareImage(image, { ...CONFIG, ...limits }, SHAPE));
    assert.deepEqual(found.seen, seenSize(image, CONFIG, SHAPE, limits));
    assert.equal(found.tokens, 15);
  });

  it('leaves out the repetition in time when asked to', async () => {
    const image = patternImage(60, 90);
    const twice = await prepareImage(image, CONFIG, SHAPE);
    const once = await prepareImage(image, CONFIG, { ...SHAPE, temporalPatchSize: 1 });
    assert.equal(once.pixelValues.length * 2, twice.pixelValues.length);
    const plane = 14 * 14;
    for (let at = 0; at < once.pixelValues.length; at += plane) {
      const wanted = once.pixelValues.subarray(at, at + plane);
      assert.deepEqual(twice.pixelValues.subarray(at * 2, at * 2 + plane), wanted);
      assert.deepEqual(twice.pixelValues.subarray(at * 2 + plane, at * 2 + 2 * plane), wanted);
    }
  });

  it('refuses what the reference refuses', async () => {
    const refuse = (image: RgbImage, code: ErrorCode, words: RegExp, limits = {}) =>
      assert.rejects(prepareImage(image, CONFIG, SHAPE, limits), isError(code, words));
    await refuse(patternImage(201, 1), 'input', /201 x 1 pixels is too thin/);
    await refuse(patternImage(0, 30), 'input', /0 x 30 pixels is empty/);
    await refuse(patternImage(30, 30), 'usage', /both must be above 0/, { minPixels: 0 });
    await refuse(patternImage(30, 30), 'usage', /both must be above 0/, { maxPixels: NaN });
    assert.equal((await prepareImage(patternImage(200, 1), CONFIG, SHAPE)).grid.rows, 2);
  });

  it('lets others have their turn, and stops when told to', async () => {
    const image = patternImage(1200, 900);
    const stop = new AbortController();
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await prepareImage(image, CONFIG, SHAPE).finally(() => clearInterval(timer));
    assert.ok(turns >= 2, `${turns} turns`);
    setImmediate(() => stop.abort());
    const work = prepareImage(image, CONFIG, SHAPE, { signal: stop.signal });
    await assert.rejects(work, isError('cancelled', /stopped/));
  });
});
