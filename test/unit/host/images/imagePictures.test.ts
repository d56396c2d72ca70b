import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { ImagePictures } from '../../../../src/host/images/imagePictures';
import { readImageBytes } from '../../../../src/imaging/imageBytes';
import type { LookupResult } from '../../../../src/imaging/imageLookup';
import { rebuildCrop } from '../../../../src/imaging/rebuildCrop';
import { SharpImageStore } from '../../../../src/imaging/sharpImageStore';
import { planCall } from '../../../../src/rollout/tools/planCalls';
import type { BoundingBox } from '../../../../src/common/boundingBox';
import type { ToolCall } from '../../../../src/trajectory/toolCall';

const NONE = new Map<string, Uint8Array>();
const FILE = { kind: 'file', path: 'photo.png' } as const;

const zoomCall = (box: BoundingBox): ToolCall => ({
  status: 'parsed',
  text: '',
  name: 'image_zoom_in_tool',
  arguments: new Map(),
  box,
});

describe('the images of a log', () => {
  let folder: string;
  let photo: string;
  const store = new SharpImageStore();
  const over = (found: LookupResult): ImagePictures => new ImagePictures(store, () => Promise.resolve(found));

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'pictures-'));
    photo = path.join(folder, 'photo.png');
    const left = { create: { width: 200, height: 100, channels: 3, background: '#f00' } } as const;
    const right = { create: { width: 100, height: 100, channels: 3, background: '#00f' } } as const;
    const blue = await sharp(right).png().toBuffer();
    await sharp(left)
      .composite([{ input: blue, left: 100, top: 0 }])
      .png()
      .toFile(photo);
  });
  after(() => {
    store.dispose();
    rmSync(folder, { recursive: true });
  });

  it('have their size, and a picture no larger than asked for', async () => {
    const pictures = over({ status: 'found', path: photo });
    const resolved = await pictures.resolve(FILE, NONE);
    assert.ok(resolved.state === 'available');
    assert.deepEqual(resolved.size, { width: 200, height: 100 });
    const picture = await pictures.picture({ kind: 'whole', input: resolved.input }, 50);
    assert.deepEqual([picture.width, picture.height], [50, 25]);
  });

  it('have pieces, cut to the picture and exact where they are small', async () => {
    const pictures = over({ status: 'found', path: photo });
    const resolved = await pictures.resolve(FILE, NONE);
    assert.ok(resolved.state === 'available');
    const plan = { kind: 'whole', input: resolved.input } as const;
    const piece = await pictures.region(plan, { x1: 90, y1: -5, x2: 500, y2: 20.5 }, 4000);
    assert.deepEqual(piece.box, { x1: 90, y1: 0, x2: 200, y2: 21 });
    assert.deepEqual([piece.image.width, piece.image.height], [110, 21]);
    const { data } = await sharp(piece.image.bytes).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([...data.subarray(0, 3)], [255, 0, 0]);
    assert.deepEqual([...data.subarray(30, 33)], [0, 0, 255]);
    const small = await pictures.region(plan, { x1: 0, y1: 0, x2: 200, y2: 100 }, 50);
    assert.deepEqual([small.image.width, small.image.height], [50, 25]);
    await assert.rejects(pictures.region(plan, { x1: 300, y1: 0, x2: 400, y2: 10 }, 50), { code: 'input' });
  });

  const cutOf = async (maxSide: number) => {
    const pictures = over({ status: 'found', path: photo });
    const resolved = await pictures.resolve(FILE, NONE);
    assert.ok(resolved.state === 'available');
    const report = planCall(zoomCall({ x1: 90, y1: 0, x2: 150, y2: 80 }), resolved.size, {
      variant: 'trainingV2',
      frame: 'original',
    });
    return pictures.picture({ kind: 'rebuilt', original: resolved.input, report }, maxSide);
  };

  it('are cut to the very pixels', async () => {
    const cut = await cutOf(500);
    assert.equal(cut.mediaType, 'image/png');
    assert.deepEqual([cut.width, cut.height], [60, 80]);
    const pixels = await sharp(cut.bytes).removeAlpha().raw().toBuffer();
    assert.deepEqual([...pixels.subarray(9 * 3, 11 * 3)], [255, 0, 0, 0, 0, 255]);
  });

  it('are given with the very pixels that the policy saw', async () => {
    const pictures = over({ status: 'found', path: photo });
    const resolved = await pictures.resolve(FILE, NONE);
    assert.ok(resolved.state === 'available');
    const report = planCall(zoomCall({ x1: 90, y1: 0, x2: 150, y2: 80 }), resolved.size, {
      variant: 'trainingV2',
      frame: 'original',
    });
    const plan = { kind: 'rebuilt', original: resolved.input, report } as const;
    const wanted = await rebuildCrop(store, resolved.input, report);
    const seen = await pictures.seen(plan, report.resizedSize);
    assert.equal(seen.mediaType, 'image/png');
    assert.deepEqual({ width: seen.width, height: seen.height }, report.resizedSize);
    assert.deepEqual(await sharp(seen.bytes).removeAlpha().raw().toBuffer(), Buffer.from(wanted.data));
    const cut = await pictures.seen(plan, undefined);
    assert.deepEqual([cut.width, cut.height], [60, 80], 'as cut where the size is not known');
  });

  it('are cut and made smaller where the cut is larger than asked for', async () => {
    const cut = await cutOf(40);
    assert.deepEqual([cut.width, cut.height], [30, 40]);
  });

  it('are not read through a link that took the place of what was found', async () => {
    const [target, name] = [path.join(folder, 'target.png'), path.join(folder, 'swapped.png')];
    copyFileSync(photo, target);
    copyFileSync(photo, name);
    const pictures = over({ status: 'found', path: name });
    const resolved = await pictures.resolve(FILE, NONE);
    assert.ok(resolved.state === 'available');
    rmSync(name);
    symlinkSync(target, name);
    await assert.rejects(pictures.picture({ kind: 'whole', input: resolved.input }, 500), { code: 'denied' });
    await assert.rejects(
      readImageBytes(resolved.input),
      { code: 'denied' },
      'the reading itself follows no link',
    );
  });

  it('that are wider than WebP can be are cut all the same', async () => {
    const wide = path.join(folder, 'wide.png');
    await sharp({ create: { width: 17_000, height: 200, channels: 3, background: '#0f0' } })
      .png()
      .toFile(wide);
    const pictures = over({ status: 'found', path: wide });
    const resolved = await pictures.resolve(FILE, NONE);
    assert.ok(resolved.state === 'available');
    const report = planCall(zoomCall({ x1: 0, y1: 0, x2: 17_000, y2: 200 }), resolved.size, {
      variant: 'evaluation',
      frame: 'original',
    });
    const picture = await pictures.picture({ kind: 'rebuilt', original: resolved.input, report }, 1000);
    assert.equal(picture.width, 1000);
  });

  it('that stand in the record are read from there', async () => {
    const bytes = new Uint8Array(await sharp(photo).resize(20, 10).png().toBuffer());
    const reference = { kind: 'inline', hash: 'abc', mediaType: 'image/png' } as const;
    const resolved = await over({ status: 'missing', tried: [] }).resolve(
      reference,
      new Map([['abc', bytes]]),
    );
    assert.ok(resolved.state === 'available');
    assert.deepEqual(resolved.size, { width: 20, height: 10 });
  });

  it('that are no images say so instead of failing', async () => {
    const reference = { kind: 'inline', hash: 'def', mediaType: 'image/png' } as const;
    const bytes = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>');
    const resolved = await over({ status: 'missing', tried: [] }).resolve(
      reference,
      new Map([['def', bytes]]),
    );
    assert.ok(resolved.state === 'unknown');
    assert.ok(resolved.message.length > 10);
    const none = await over({ status: 'missing', tried: [] }).resolve(reference, NONE);
    assert.equal(none.state, 'unknown');
  });

  it('that were not found or may not be read keep the reason', async () => {
    const missing = await over({ status: 'missing', tried: ['/a/photo.png'] }).resolve(FILE, NONE);
    assert.ok(missing.state === 'missing');
    assert.deepEqual(missing.tried, ['/a/photo.png']);
    const denied = await over({ status: 'denied', reason: 'It leads outside.' }).resolve(FILE, NONE);
    assert.deepEqual(denied, { state: 'denied', message: 'It leads outside.' });
    const gone = await over({ status: 'found', path: path.join(folder, 'gone.png') }).resolve(FILE, NONE);
    assert.notEqual(gone.state, 'available');
  });
});
