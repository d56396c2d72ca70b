import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodePreview, decodeRgb, imageSize } from '../../../src/imaging/decodeImage';
import type { ImageInput } from '../../../src/imaging/imageStore';
import { modePath, readModes } from '../../support/goldenModes';

interface ModeCase {
  readonly file: string;
  /** Pillow's name for what the file stores. */
  readonly mode: string;
  readonly width: number;
  readonly height: number;
  /** Base64. */
  readonly rgb: string;
}

const LIMIT = 1e6;
const { cases } = readModes() as { cases: ModeCase[] };

function input(file: string): ImageInput {
  const path = modePath(file);
  return { kind: 'path', key: path, path };
}

function mean(data: Uint8Array): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}

describe('decodeRgb, every kind of picture', () => {
  for (const { file, mode, width, height, rgb } of cases) {
    it(`makes of ${file}, ${mode}, what Pillow makes of it`, async () => {
      const found = await decodeRgb(input(file), LIMIT);
      assert.deepEqual([found.width, found.height], [width, height]);
      assert.deepEqual(await imageSize(input(file), LIMIT), { width, height });
      assert.equal(Buffer.from(found.data).toString('base64'), rgb);
    });
  }

  it('covers the modes that Pillow has for these formats', () => {
    const modes = new Set(cases.map(({ mode }) => mode));
    assert.deepEqual([...modes].sort(), ['1', 'CMYK', 'F', 'I', 'I;16', 'L', 'LA', 'P', 'RGB', 'RGBA']);
    assert.ok(cases.length >= 65, `${cases.length} cases`);
  });

  it('shows inks and 16-bit grey in previews as the policy saw them', async () => {
    for (const file of ['grey16.png', 'cmyk.jpg', 'cmyk.tif']) {
      const preview = await decodePreview(input(file), 200, LIMIT);
      const shown = await decodeRgb({ kind: 'bytes', key: file, bytes: preview.bytes }, LIMIT);
      const seen = await decodeRgb(input(file), LIMIT);
      assert.deepEqual([shown.width, shown.height], [seen.width, seen.height]);
      assert.ok(Math.abs(mean(shown.data) - mean(seen.data)) < 3, file);
    }
  });

  it('refuses a GIF whose frame ends too early, at every length', async () => {
    const whole = new Uint8Array(readFileSync(modePath('interlaced-clear.gif')));
    const wanted = await decodeRgb(input('interlaced-clear.gif'), LIMIT);
    let decoded = 0;
    for (let length = 0; length < whole.length; length++) {
      const bytes = whole.subarray(0, length);
      const found = await decodeRgb({ kind: 'bytes', key: `${length}`, bytes }, LIMIT).catch(() => undefined);
      if (!found) continue;
      decoded++;
      assert.equal(found.data.length, wanted.data.length);
      if (length < whole.length - 4) assert.notDeepEqual(found.data, wanted.data, `${length} bytes suffice`);
    }
    assert.ok(decoded < 6, `${decoded} cut files were decoded`);
  });
});
