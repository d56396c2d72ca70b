import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { decodeGifFrame } from '../../../src/imaging/gifFrame';
import { patternImage } from '../../support/goldenImages';
import { modePath } from '../../support/goldenModes';

describe('decodeGifFrame', () => {
  it('gives what the image library gives where nothing is transparent', async () => {
    for (const [width, height, colours] of [
      [1, 1, 2],
      [7, 300, 2],
      [200, 130, 4],
      [333, 222, 37],
      [640, 480, 256],
    ] as const) {
      const { data } = patternImage(width, height);
      const raw = { raw: { width, height, channels: 3 as const } };
      const gif = new Uint8Array(await sharp(data, raw).gif({ colours, dither: 0 }).toBuffer());
      const wanted = await sharp(gif).removeAlpha().raw().toBuffer();
      const found = decodeGifFrame(gif, { width, height });
      assert.ok(found && wanted.equals(found.data), `${width} x ${height}, ${colours} colours`);
    }
  });

  it('takes a file without a palette for grey', () => {
    const head = [...Buffer.from('GIF89a'), 3, 0, 1, 0, 0, 0, 0];
    // Codes of 3 bits: clear, 0, 1, 3, end.
    const codes = 4 | (0 << 3) | (1 << 6) | (3 << 9) | (5 << 12);
    const frame = [0x2c, 0, 0, 0, 0, 3, 0, 1, 0, 0, 2, 2, codes & 255, codes >> 8, 0, 0x3b];
    const found = decodeGifFrame(Uint8Array.from([...head, ...frame]), { width: 3, height: 1 });
    assert.deepEqual([...(found?.data ?? [])], [0, 0, 0, 1, 1, 1, 3, 3, 3]);
  });

  it('takes only the canvas that was held against the limit', () => {
    const gif = new Uint8Array(readFileSync(modePath('palette.gif')));
    assert.ok(decodeGifFrame(gif, { width: 11, height: 7 }));
    assert.equal(decodeGifFrame(gif, { width: 7, height: 11 }), undefined);
    assert.equal(decodeGifFrame(gif.subarray(0, 5), { width: 11, height: 7 }), undefined);
  });

  it('survives any damage', () => {
    const whole = new Uint8Array(readFileSync(modePath('shifted-clear.gif')));
    const canvas = { width: 15, height: 12 };
    assert.ok(decodeGifFrame(whole, canvas));
    for (let at = 0; at < whole.length; at++) {
      for (const value of [0, 1, 0x21, 0x2c, 0x7f, 0xff]) {
        const damaged = whole.slice();
        damaged[at] = value;
        const found = decodeGifFrame(damaged, canvas);
        assert.ok(found === undefined || found.data.length === 15 * 12 * 3);
      }
    }
  });

  it('does not take long over a file full of remarks', () => {
    const head = [...Buffer.from('GIF89a'), 1, 0, 1, 0, 0, 0, 0];
    const remarks = Array.from({ length: 400_000 }, () => [0x21, 0xfe, 1, 65, 0]).flat();
    const file = Uint8Array.from([...head, ...remarks]);
    const started = performance.now();
    assert.equal(decodeGifFrame(file, { width: 1, height: 1 }), undefined);
    assert.ok(performance.now() - started < 1000);
  });
});
