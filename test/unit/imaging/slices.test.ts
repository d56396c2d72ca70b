import assert from 'node:assert/strict';
import type { RgbImage } from '../../../src/imaging/imageStore';
import { pillowRotate, pillowRotateInSlices } from '../../../src/imaging/pillowRotate';
import { toRgbInSlices } from '../../../src/imaging/toRgb';

const WIDTH = 1500;
const HEIGHT = 1200;

/** Bytes that differ from their neighbours. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 9)) & 255);
}

describe('work on large pictures', () => {
  let rests = 0;
  const rest = (): Promise<void> => {
    rests++;
    return Promise.resolve();
  };
  beforeEach(() => (rests = 0));

  it('turns in slices to the same pixels as at once', async () => {
    const image: RgbImage = { width: WIDTH, height: HEIGHT, data: pattern(WIDTH * HEIGHT * 3) };
    for (const angle of [30, 180, 90, -12.5]) {
      rests = 0;
      const sliced = await pillowRotateInSlices(image, angle, rest);
      assert.ok(rests >= 3, `${rests} rests`);
      assert.ok(Buffer.from(sliced.data).equals(pillowRotate(image, angle).data), `${angle} degrees`);
    }
  });

  it('pastes transparency onto white in slices', async () => {
    const data = pattern(WIDTH * HEIGHT * 4);
    const { data: rgb } = await toRgbInSlices(
      { width: WIDTH, height: HEIGHT, channels: 4, data },
      'pasteOnWhite',
      rest,
    );
    assert.ok(rests >= 3, `${rests} rests`);
    for (const pixel of [0, 399_999, 400_000, 1_234_567, WIDTH * HEIGHT - 1]) {
      const alpha = (data[pixel * 4 + 3] ?? 0) / 255;
      const expected = Math.round((data[pixel * 4] ?? 0) * alpha + 255 * (1 - alpha));
      assert.ok(Math.abs((rgb[pixel * 3] ?? 0) - expected) <= 1, `pixel ${pixel}`);
    }
  });
});
