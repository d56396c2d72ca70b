import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { ErrorCode } from '../../../src/common/errors';
import { ImcotError } from '../../../src/common/errors';
import type { ImageInput } from '../../../src/imaging/imageStore';
import { pillowCrop } from '../../../src/imaging/pillowCrop';
import { pillowResize } from '../../../src/imaging/pillowResize';
import { SharpImageStore } from '../../../src/imaging/sharpImageStore';
import { goldenPath, patternImage, readGolden, sha256 } from '../../support/goldenImages';
import { makePng } from '../../support/makePng';

interface GoldenImage {
  readonly image: string;
  readonly size: [number, number];
  readonly sha256: string;
  readonly resizes: readonly { readonly target: [number, number]; readonly sha256: string }[];
}

const golden = readGolden('images.json') as { images: GoldenImage[] };
const fromPath = (file: string): ImageInput => ({ kind: 'path', key: file, path: file });
/** A file's bytes without Node's subclass, which this version of its types takes for something else. */
const fileBytes = (file: string): Uint8Array => new Uint8Array(readFileSync(file));
const fromBytes = (bytes: Uint8Array): ImageInput => ({ kind: 'bytes', key: sha256(bytes), bytes });

async function refusal(work: Promise<unknown>, code: ErrorCode, words: RegExp): Promise<void> {
  await assert.rejects(work, (thrown) => {
    assert.ok(thrown instanceof ImcotError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.match(thrown.message, words);
    return true;
  });
}

async function pixels(bytes: Uint8Array): Promise<number[]> {
  return [...(await new SharpImageStore().rgb(fromBytes(bytes))).data];
}

describe('SharpImageStore, pixels', () => {
  for (const wanted of golden.images) {
    it(`decodes ${wanted.image} as the policy's image processor does, and resizes it so`, async () => {
      const store = new SharpImageStore();
      const input = fromPath(goldenPath(wanted.image));
      const size = await store.size(input);
      assert.deepEqual([size.width, size.height], wanted.size);
      const image = await store.rgb(input);
      assert.deepEqual([image.width, image.height], wanted.size);
      assert.equal(sha256(image.data), wanted.sha256);
      assert.ok(wanted.resizes.length > 0);
      for (const { target, sha256: hash } of wanted.resizes) {
        const resized = pillowResize(image, { width: target[0], height: target[1] });
        assert.equal(sha256(resized.data), hash, String(target));
      }
    });
  }

  it('turns by the EXIF orientation before anything else, in previews as well', async () => {
    const store = new SharpImageStore();
    const input = fromPath(goldenPath('photo_exif6.jpg'));
    assert.deepEqual(await store.size(input), { width: 122, height: 164 });
    const preview = await store.preview(input, 82);
    assert.deepEqual([preview.width, preview.height], [61, 82]);
  });

  it('takes the high byte of 16-bit colours and a palette without its transparency', async () => {
    const deep = makePng({
      width: 2,
      height: 1,
      bitDepth: 16,
      colourType: 2,
      row: Uint8Array.of(0x12, 0xff, 0x80, 0x00, 0xff, 0xff, 0, 1, 2, 3, 4, 5),
    });
    assert.deepEqual(await pixels(deep), [0x12, 0x80, 0xff, 0, 2, 4]);
    const palette = makePng({
      width: 8,
      height: 1,
      bitDepth: 1,
      colourType: 3,
      row: Uint8Array.of(0b01000000),
      extraChunks: [
        ['PLTE', Uint8Array.of(10, 20, 30, 200, 100, 50)],
        ['tRNS', Uint8Array.of(0, 255)],
      ],
    });
    assert.deepEqual((await pixels(palette)).slice(0, 6), [10, 20, 30, 200, 100, 50]);
  });

  it('drops the alpha of grey and pastes that of colour onto white', async () => {
    const png = (colourType: 4 | 6, row: number[]) =>
      makePng({ width: 1, height: 1, bitDepth: 8, colourType, row: Uint8Array.from(row) });
    assert.deepEqual(await pixels(png(4, [77, 3])), [77, 77, 77]);
    assert.deepEqual(await pixels(png(6, [10, 20, 30, 0])), [255, 255, 255]);
    assert.deepEqual(await pixels(png(6, [10, 20, 30, 128])), [132, 137, 142]);
  });

  it('reads WebP, GIF, TIFF, grey and CMYK pictures', async () => {
    const raw = { raw: { width: 4, height: 4, channels: 3 as const } };
    const picture = () => sharp(new Uint8Array(48).fill(90), raw);
    for (const encoded of [picture().webp({ lossless: true }), picture().gif(), picture().tiff()]) {
      assert.deepEqual(new Set(await pixels(new Uint8Array(await encoded.toBuffer()))), new Set([90]));
    }
    const grey = await picture().toColourspace('b-w').jpeg().toBuffer();
    assert.deepEqual(new Set(await pixels(new Uint8Array(grey))), new Set([90]));
    const inks = new Uint8Array(await picture().toColourspace('cmyk').jpeg().toBuffer());
    assert.equal((await pixels(inks)).length, 48);
  });

  it('cuts like Pillow, black outside', async () => {
    const store = new SharpImageStore();
    const input = fromPath(goldenPath('scene.png'));
    const box = { x1: -20, y1: -10, x2: 30, y2: 40 };
    assert.deepEqual(await store.crop(input, box), pillowCrop(await store.rgb(input), box));
  });

  it('encodes without loss as PNG and otherwise as WebP', async () => {
    const store = new SharpImageStore();
    const image = patternImage(31, 17);
    const png = await store.encode(image, { lossless: true });
    assert.deepEqual([png.mediaType, png.width, png.height], ['image/png', 31, 17]);
    assert.deepEqual(await pixels(png.bytes), [...image.data]);
    const webp = await store.encode(image, { lossless: false });
    assert.equal(webp.mediaType, 'image/webp');
    assert.deepEqual(await store.size(fromBytes(webp.bytes)), { width: 31, height: 17 });
    const empty = { width: 0, height: 3, data: new Uint8Array(0) };
    await refusal(store.encode(empty, { lossless: true }), 'input', /nothing to show/);
  });
});

describe('SharpImageStore, caches', () => {
  it('decodes once for several who ask at once, and again only when the budget was too small', async () => {
    const store = new SharpImageStore();
    const input = fromPath(goldenPath('scene.png'));
    const [first, second] = await Promise.all([store.rgb(input), store.rgb(input)]);
    assert.equal(first, second);
    assert.equal(await store.rgb(input), first);
    const small = new SharpImageStore({ pixelBudget: 1000 });
    assert.notEqual(await small.rgb(input), await small.rgb(input));
  });

  it('keeps previews by image and side, and never enlarges', async () => {
    const store = new SharpImageStore();
    const input = fromPath(goldenPath('scene.png'));
    const preview = await store.preview(input, 100);
    assert.deepEqual([preview.width, preview.height, preview.mediaType], [100, 67, 'image/jpeg']);
    assert.equal(await store.preview(input, 100), preview);
    const large = await store.preview(input, 5000);
    assert.deepEqual([large.width, large.height], [226, 152]);
  });

  it('does not remember a failure', async () => {
    const store = new SharpImageStore();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'imcot-store-'));
    const file = path.join(folder, 'late.png');
    try {
      await refusal(store.rgb(fromPath(file)), 'missing', /late\.png is not there/);
      writeFileSync(file, fileBytes(goldenPath('gray_small.png')));
      assert.equal((await store.rgb(fromPath(file))).width, 46);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is cancelled after dispose', async () => {
    const store = new SharpImageStore();
    const input = fromPath(goldenPath('scene.png'));
    await store.rgb(input);
    store.dispose();
    await refusal(store.rgb(input), 'cancelled', /closed/);
  });
});

describe('SharpImageStore, what is refused', () => {
  const store = new SharpImageStore();
  const bomb = () =>
    makePng({ width: 16000, height: 16000, bitDepth: 1, colourType: 0, row: new Uint8Array(2000) });

  it('an image bomb, by its header', async () => {
    const bytes = bomb();
    assert.ok(bytes.length < 100_000, `${bytes.length} bytes`);
    const before = process.memoryUsage().rss;
    const started = performance.now();
    for (const work of [store.size, store.rgb, (input: ImageInput) => store.preview(input, 100)]) {
      await refusal(work.call(store, fromBytes(bytes)), 'limit', /16000 x 16000 pixels/);
    }
    assert.ok(performance.now() - started < 1000, 'refusing took as long as decoding');
    assert.ok(process.memoryUsage().rss - before < 150e6, 'refusing took as much memory as decoding');
  });

  it('a picture that ends too early', async () => {
    for (const name of ['scene.png', 'photo_exif6.jpg']) {
      const whole = fileBytes(goldenPath(name));
      const cut = fromBytes(whole.subarray(0, Math.floor(whole.length * 0.6)));
      await refusal(store.rgb(cut), 'input', /ends too early or is damaged: copy it again/);
      await refusal(store.preview(cut, 50), 'input', /ends too early/);
    }
  });

  it('cuts at every length without hanging or throwing anything else', async () => {
    const whole = fileBytes(goldenPath('gray_small.png'));
    for (let length = 0; length < whole.length - 12; length += 7) {
      await refusal(store.rgb(fromBytes(whole.subarray(0, length))), 'input', /./);
    }
  });

  it('what is no raster picture by its first bytes', async () => {
    const texts: [string, RegExp][] = [
      ['<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', /SVG/],
      ['  <?xml version="1.0"?><svg/>', /SVG/],
      ['%PDF-1.7', /PDF/],
      ['\0\0\0\x20ftypheic', /HEIF/],
      ['\0\0\0\x1cftypavif', /AVIF/],
      ['BM........', /BMP/],
      ['version https://git-lfs.github.com/spec/v1', /Git LFS/],
      ['RIFF....WAVEfmt ', /something else/],
      ['....\0\0\0\0WEBP', /something else/],
      ['hello', /something else/],
      ['', /is empty/],
    ];
    for (const [text, words] of texts) {
      const input = fromBytes(Uint8Array.from(text, (letter) => letter.charCodeAt(0)));
      await refusal(store.size(input), 'input', words);
      await refusal(store.rgb(input), 'input', words);
    }
  });

  it('what is no regular file, at once', async function () {
    if (process.platform === 'win32') this.skip();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'imcot-store-'));
    const pipe = path.join(folder, 'pipe.png');
    try {
      execFileSync('mkfifo', [pipe]);
      await refusal(store.rgb(fromPath(pipe)), 'input', /not a regular file/);
      await refusal(store.rgb(fromPath('/dev/zero')), 'input', /not a regular file/);
      await refusal(store.rgb(fromPath(folder)), 'input', /not a regular file|could not be read/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
