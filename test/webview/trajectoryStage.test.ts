import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import type { TrajectoryView } from '../../src/protocol/trajectoryView';
import type { EncodedImage } from '../../src/imaging/imageStore';
import { SharpImageStore } from '../../src/imaging/sharpImageStore';
import { DEMO, plainRollout, twoCropRollout } from './support/demoData';
import { openWithHost, type HostData } from './support/fakeHost';
import { usePages } from './support/page';

const where = (page: Page, words: string) => page.locator('.where', { hasText: words });

/** A JPEG of that size with something in every corner. */
async function largePicture(size: { readonly width: number; readonly height: number }): Promise<Uint8Array> {
  const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const small = { width: 1000, height: 750, channels: 3, background: '#000', noise } as const;
  const pixels = await sharp({ create: small }).png().toBuffer();
  const picture = sharp(pixels).resize({ ...size, kernel: 'nearest' });
  return picture.jpeg({ quality: 92 }).toBuffer();
}

/** The demo's first rollout with ground truth, and the overlap of each call. */
function withTruth(): HostData {
  const plain = twoCropRollout(0);
  const ious = [0, 0.7];
  const turns = plain.turns.map((turn) => ({
    ...turn,
    parts: turn.parts.map((part) =>
      part.kind === 'toolCall'
        ? { ...part, call: { ...part.call, iou: ious[part.call.number - 1] ?? 0 } }
        : part,
    ),
  }));
  const view: TrajectoryView = {
    ...plain,
    turns,
    groundTruthBoxes: {
      boxes: [{ x1: 1180, y1: 1130, x2: 1250, y2: 1230 }],
      from: 'chosenFile',
      name: 'b.json',
    },
  };
  return { ...DEMO, record: (index) => (index === 0 ? view : DEMO.record(index)) };
}

describe('the image stage', function () {
  this.timeout(60_000);
  const open = usePages();

  it('draws the ground truth dashed, says the IoU at a box, and g hides it for good', async () => {
    const { opened } = await openWithHost(open, withTruth());
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowLeft');
    const line = page.locator('.truth-line');
    await line.waitFor();
    assert.notEqual(await line.evaluate((rect) => getComputedStyle(rect).strokeDasharray), 'none');
    assert.match((await page.locator('.stage-label.strong').textContent()) ?? '', /IoU 0\.70/);
    await page.keyboard.press('g');
    await line.waitFor({ state: 'detached' });
    assert.equal(await page.locator('[aria-live=polite]').textContent(), 'Ground-truth boxes hidden');
    await page.waitForFunction(() => sessionStorage.getItem('editor-state')?.includes('"truth":false'));
    await opened.reload();
    await where(page, 'part 5 of 8').waitFor();
    assert.equal(await line.count(), 0);
    await page.keyboard.press('g');
    await line.waitFor();
    assert.deepEqual(opened.records.errors, []);
  });

  it('gets a photograph of 48 megapixels as a preview and, zoomed in, the piece in view', async () => {
    const store = new SharpImageStore();
    const size = { width: 8000, height: 6000 };
    const input = { kind: 'bytes', key: 'large', bytes: await largePicture(size) } as const;
    const sent: number[] = [];
    const answer = ({ mediaType, bytes, width, height }: EncodedImage) => {
      sent.push(width * height);
      return { mediaType, bytes: Uint8Array.from(bytes), size: { width, height } };
    };
    const plain = plainRollout(0);
    const original = {
      id: 'original:0',
      kind: 'original',
      state: 'available',
      label: 'large.jpg',
      size,
    } as const;
    const view: TrajectoryView = { ...plain, originals: [original], turns: [] };
    const { opened, host } = await openWithHost(open, {
      ...DEMO,
      record: () => view,
      image: async (_index, _id, side) => answer(await store.preview(input, side)),
      region: async ([x1, y1, x2, y2], side) => answer(await store.region(input, { x1, y1, x2, y2 }, side)),
    });
    const { page } = opened;
    await page.locator('.stage-image[src^="blob:"]').waitFor();
    for (let press = 0; press < 12; press++) await page.keyboard.press('+');
    const detail = page.locator('.stage-detail[src^="blob:"]');
    await detail.waitFor();
    const [stage, shown] = [await page.locator('.stage-window').boundingBox(), await detail.boundingBox()];
    assert.ok(stage && shown, 'both are in view');
    assert.ok(shown.x <= stage.x && shown.y <= stage.y, 'the piece covers the window from its corner');
    assert.ok(shown.x + shown.width >= stage.x + stage.width, 'to its right edge');
    assert.ok(shown.y + shown.height >= stage.y + stage.height, 'and to its lower one');
    const natural = await detail.evaluate((image) => (image as HTMLImageElement).naturalWidth);
    const asked = host.asked.findLast((call) => call.startsWith('imageRegion'))?.split(' ') ?? [];
    assert.equal(natural, Number(asked[5]) - Number(asked[3]), 'a pixel for each of the image');
    const pixels = sent.reduce((sum, count) => sum + count, 0);
    assert.ok(Math.max(...sent) <= 2400 * 1800, `${Math.max(...sent)} pixels crossed at once`);
    assert.ok(pixels < (size.width * size.height) / 2, `${pixels} pixels crossed in all`);
    store.dispose();
    assert.deepEqual(opened.records.errors, []);
  });

  it('asks for as many pixels as a screen of two for each CSS pixel has', async () => {
    const size = { width: 8000, height: 6000 };
    const original = {
      id: 'original:0',
      kind: 'original',
      state: 'available',
      label: 'large.jpg',
      size,
    } as const;
    const view = plainRollout(0, { originals: [original] });
    for (const density of [1, 2]) {
      const viewport = { width: 2600, height: 1000 };
      const { opened, host } = await openWithHost(
        open,
        { ...DEMO, record: () => view },
        { density, viewport },
      );
      const { page } = opened;
      await page.locator('.stage-image[src^="blob:"]').waitFor();
      for (let press = 0; press < 5; press++) await page.keyboard.press('+');
      const scale = ((await page.locator('.stage-image').boundingBox())?.width ?? 0) / size.width;
      assert.ok(scale > 0.1 && scale * density < 1, `${scale}: the image has more pixels than the screen`);
      // Pieces of the views between may be asked for before.
      const isFine = (): boolean => {
        const piece = host.asked
          .findLast((call) => call.startsWith('imageRegion'))
          ?.split(' ')
          .map(Number);
        const [x1 = 0, y1 = 0, x2 = 0, y2 = 0, side = 0] = piece?.slice(3) ?? [];
        return side > 16 && Math.abs(side / Math.max(x2 - x1, y2 - y1) - scale * density) < 0.01;
      };
      for (let round = 0; round < 200 && !isFine(); round++) await page.waitForTimeout(20);
      assert.ok(isFine(), `at ${density}: ${host.asked.at(-1)} at a scale of ${scale}`);
    }
  });

  it('says that no ground truth is known where g finds none', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    await page.keyboard.press('g');
    await page.getByText('No ground-truth boxes are known').waitFor({ state: 'attached' });
    assert.equal(await page.locator('.truth-line').count(), 0);
  });
});
