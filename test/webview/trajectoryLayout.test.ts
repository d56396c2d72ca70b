import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { TrajectoryView } from '../../src/protocol/trajectoryView';
import { DEMO, plainRollout, twoCropRollout } from './support/demoData';
import { scenePicture } from './support/demoScene';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { usePages } from './support/page';
import { until } from './support/until';

const where = (page: Page, words: string) => page.locator('.where', { hasText: words });

/** The demo with crops whose sizes nothing tells beforehand and whose bytes come late. */
function lateCrops(late: Promise<unknown>): HostData {
  const record = (index: number): TrajectoryView => {
    const view = twoCropRollout(index);
    const turns = view.turns.map((turn) => ({
      ...turn,
      parts: turn.parts.map((part) =>
        part.kind === 'observation'
          ? { ...part, images: part.images.map(({ id, kind, state, label }) => ({ id, kind, state, label })) }
          : part,
      ),
    }));
    return { ...view, turns };
  };
  const image: NonNullable<HostData['image']> = async (_index, id, maxSide) => {
    if (!id.startsWith('original')) await late;
    return scenePicture(maxSide, { x1: 1100, y1: 1000, x2: 1300, y2: 1400 });
  };
  return { source: readySource(3), record, row: (index) => rowOf(record(index)), image };
}

/** Whether the node of a part lies wholly inside the tree's window. */
function partInView(page: Page, part: number): Promise<boolean> {
  return page.evaluate((own) => {
    const node = document.querySelector(`#part-${own} [data-scroll]`)?.getBoundingClientRect();
    const region = document.querySelector('.tree-region')?.getBoundingClientRect();
    return (
      node !== undefined && region !== undefined && node.top >= region.top && node.bottom <= region.bottom
    );
  }, part);
}

/** Until the page has laid out what changed, and drawn it. */
function drawn(page: Page): Promise<void> {
  return page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve()))),
  );
}

describe('trajectory page, where the cursor stands', function () {
  this.timeout(60_000);
  const open = usePages();
  const viewport = { width: 1000, height: 560 };

  it('keeps the current part in view when crops come late and shift what is above it', async () => {
    let arrive: (value?: unknown) => void = () => undefined;
    const late = new Promise((resolve) => (arrive = resolve));
    const { opened } = await openWithHost(open, lateCrops(late), { viewport });
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    const scrolled = await page.locator('.tree-region').evaluate((region) => region.scrollTop);
    assert.equal(scrolled, 0, 'a finished rollout opens at its question');
    await page.keyboard.press('End');
    assert.equal(await partInView(page, 8), true, 'after End');
    const height = await page.locator('.tree').evaluate((tree) => tree.clientHeight);
    arrive();
    await page.locator('.crop-image').nth(1).waitFor();
    await page.waitForFunction(
      (before) => (document.querySelector('.tree')?.clientHeight ?? 0) > before + 50,
      height,
    );
    await drawn(page);
    assert.equal(await partInView(page, 8), true, 'after the crops came and shifted it');
  });

  it('brings it back by End where the cursor stands already, and leaves a reader who scrolls alone', async () => {
    const { opened } = await openWithHost(open, DEMO, { viewport });
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    await page.locator('.tree-region').hover();
    await page.mouse.wheel(0, -5000);
    await page.waitForFunction(() => document.querySelector('.tree-region')?.scrollTop === 0);
    await page.setViewportSize({ width: 900, height: 560 });
    await page.waitForFunction(() => innerWidth === 900);
    await drawn(page);
    assert.equal(await partInView(page, 8), false, 'the layout moved, the reader did not');
    await page.keyboard.press('End');
    assert.equal(await partInView(page, 8), true);
    await page.keyboard.press('Home');
    assert.equal(await partInView(page, 0), true);
  });

  it('takes the room of a crop before its bytes are there', async () => {
    let arrive: (value?: unknown) => void = () => undefined;
    const late = new Promise((resolve) => (arrive = resolve));
    const image: HostData['image'] = async (...asked) => {
      if (!asked[1].startsWith('original')) await late;
      return DEMO.image!(...asked);
    };
    const { opened } = await openWithHost(open, { ...DEMO, image });
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    const sizes = () =>
      page
        .locator('.crop-frame')
        .evaluateAll((frames) => frames.map((frame) => [frame.clientWidth, frame.clientHeight]));
    const before = await sizes();
    arrive();
    await page.locator('.crop-image').nth(1).waitFor();
    assert.equal(before.length, 2);
    assert.deepEqual(await sizes(), before);
  });
});

describe('trajectory page, on a fine screen', function () {
  this.timeout(60_000);
  const open = usePages();
  /** A strip of the scene, so wide that it fills the stage from side to side. */
  const STRIP = { x1: 0, y1: 600, x2: 2240, y2: 880 };
  const original = {
    id: 'original:0',
    kind: 'original',
    state: 'available',
    label: 'strip.png',
    size: { width: 2240, height: 280 },
  } as const;
  const view = plainRollout(0, { originals: [original] });
  const data: HostData = {
    source: readySource(1),
    record: () => view,
    row: () => rowOf(view),
    image: (_index, _id, maxSide) => scenePicture(maxSide, STRIP),
  };

  for (const density of [1, 2]) {
    it(`shows a preview with a pixel for each of the screen's, at ${density} for each of CSS`, async () => {
      const { opened, host } = await openWithHost(open, data, {
        density,
        viewport: { width: 2800, height: 900 },
      });
      const { page } = opened;
      const image = page.locator('.stage-image[src^="blob:"]');
      await image.waitFor();
      const width = (await image.boundingBox())?.width ?? 0;
      assert.ok(width > 900 && width < 1100, `${width} px: between the two sizes by the density alone`);
      // The stage leaves a tenth of softness be.
      await page.waitForFunction((needed) => {
        const shown = document.querySelector<HTMLImageElement>('.stage-image[src^="blob:"]');
        return shown !== null && shown.naturalWidth * 1.1 >= needed;
      }, width * density);
      const asked = host.asked.filter((request) => request.startsWith('image '));
      const sides = asked.map((request) => Number(request.split(' ').at(-1)));
      assert.deepEqual(sides, density === 1 ? [1600] : [1600, 2400]);
      assert.deepEqual(opened.records.errors, []);
    });
  }
});

describe('trajectory page, room for everything', function () {
  this.timeout(60_000);
  const open = usePages();

  for (const width of [600, 719, 720, 760, 1000, 1440]) {
    it(`has nothing that overlaps or sticks out at ${width} px`, async () => {
      const { opened } = await openWithHost(open, DEMO, { viewport: { width, height: 860 } });
      const { page } = opened;
      await page.locator('.crop-image').nth(1).waitFor();
      const found = await page.evaluate(() => {
        const rect = (selector: string) => document.querySelector(selector)!.getBoundingClientRect();
        const problems: string[] = [];
        const scrubber = rect('.scrubber');
        for (const entry of document.querySelectorAll('.legend-entry, .where, .transport-buttons > *')) {
          const { left, right, width } = entry.getBoundingClientRect();
          if (width > 0 && left < scrubber.right && right > scrubber.left)
            problems.push(`${entry.className} on the scrubber`);
          if (right > innerWidth) problems.push(`${entry.className} beyond the edge`);
        }
        for (const [region, inside] of [
          ['.tree-region', '.tree *:not(.visually-hidden)'],
          ['.details-region', '.details-region *'],
          ['.stage-head', '.stage-head > *'],
          ['.tree-head', '.tree-head > *'],
        ] as const) {
          const { left, right } = rect(region);
          for (const element of document.querySelectorAll(inside)) {
            const own = element.getBoundingClientRect();
            // What is folded away has no room at all.
            if (own.width > 0 && (own.left < left - 0.5 || own.right > right + 0.5))
              problems.push(`${element.tagName} ${element.className} out of ${region}`);
          }
        }
        const tops = (selector: string): number[] =>
          [...document.querySelectorAll(selector)].map((tool) => tool.getBoundingClientRect().top);
        if (new Set(tops('.stage-head vscode-button')).size > 1)
          problems.push('the buttons of the stage stand on several lines');
        // The line of the question's image, once read as a column of single words.
        if (rect('.node.question .node-meta').width < 140) problems.push('the question line is a column');
        return problems;
      });
      assert.deepEqual(found, []);
    });
  }

  it('says how many are right once every row is at hand, and never asks for rows to count', async () => {
    const verdict = (index: number) => ({ correct: index % 3 !== 0, provenance: 'stored' }) as const;
    const record = (index: number) =>
      plainRollout(index, { question: `Q ${index}`, ...(index < 40 && { verdict: verdict(index) }) });
    const row = (index: number) => rowOf(record(index));
    const small = await openWithHost(open, { source: readySource(50), record, row });
    await small.opened.page.locator('.right-count', { hasText: /^26 of 40 right$/ }).waitFor();
    const large = await openWithHost(open, { source: readySource(500), record, row });
    await large.opened.page.locator('#row-5').getByText('Q 5').waitFor();
    assert.equal(await large.opened.page.locator('.right-count').count(), 0);
    assert.deepEqual(
      large.host.asked.filter((request) => request.startsWith('rows ')),
      ['rows 0 50'],
    );
  });

  it('keeps the button of a bad record at the side: the row itself is for choosing', async () => {
    const { opened, host } = await openWithHost(open, DEMO, { viewport: { width: 760, height: 860 } });
    const { page } = opened;
    const row = page.locator('#row-3');
    const press = row.getByRole('button', { name: 'Reveal in File' });
    const shown = () => row.locator('.row-button').evaluate((element) => getComputedStyle(element).opacity);
    await row.getByText('Not JSON').waitFor();
    assert.equal(await shown(), '0');
    await press.focus();
    assert.equal(await shown(), '1');
    await row.hover();
    assert.equal(await shown(), '1');
    await row.click();
    await page.getByText('This record can’t be read').waitFor();
    assert.equal(
      host.asked.includes('revealRecord 3'),
      false,
      'a press on the middle of the row is a choice',
    );
    await press.focus();
    await page.keyboard.press('Enter');
    await until(() => host.asked.includes('revealRecord 3'), 'the host is asked');
  });

  it('offers an image folder where the log named an image, and only there', async () => {
    const original = { id: 'original:0', kind: 'original', label: 'not in the log' } as const;
    const states = ['missing', 'denied', 'unknown'] as const;
    const record = (index: number) =>
      plainRollout(index, {
        originals: [{ ...original, state: states[index] ?? 'unknown', message: 'Why.' }],
      });
    const { opened } = await openWithHost(open, {
      source: readySource(3),
      record,
      row: (index) => rowOf(record(index)),
    });
    const { page } = opened;
    const offer = page.getByRole('button', { name: 'Choose Image Folder...' });
    const offered: boolean[] = [];
    for (const title of ['Image not found', 'The image may not be read', 'No image to show']) {
      await page.locator('.missing-image', { hasText: title }).waitFor();
      offered.push((await offer.count()) > 0);
      await page.keyboard.press('j');
    }
    assert.deepEqual(offered, [true, true, false]);
  });

  for (const theme of ['highContrast', 'highContrastLight'] as const) {
    it(`outlines the chosen row, the hovered row and the hovered call in ${theme}`, async () => {
      const { opened } = await openWithHost(open, DEMO, { theme });
      const { page } = opened;
      await page.locator('#row-2 .row-reward').waitFor();
      const outline = (selector: string) =>
        page
          .locator(selector)
          .first()
          .evaluate((element) => getComputedStyle(element).outlineStyle);
      assert.equal(await outline('#row-0'), 'solid');
      assert.equal(await outline('#row-2'), 'none');
      await page.locator('#row-2').hover();
      assert.equal(await outline('#row-2'), 'dashed');
      await page.locator('#row-0').hover();
      assert.equal(await outline('#row-0'), 'solid', 'the choice stays to be seen under the pointer');
      await page.locator('.tool-call > .call-box').first().hover();
      assert.equal(await outline('.tool-call > .call-box'), 'dashed');
    });
  }

  it('names the reward of a row for those who do not see the column', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const reward = opened.page.locator('#row-0 .row-reward');
    await reward.waitFor();
    assert.equal(await reward.textContent(), 'reward 2.0');
    assert.equal(await reward.getAttribute('title'), 'reward 2.0');
  });
});
