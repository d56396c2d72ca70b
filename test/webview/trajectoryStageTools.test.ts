import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { SiblingBoxes } from '../../src/protocol/listView';
import type { TrajectoryView } from '../../src/protocol/trajectoryView';
import { DEMO, missingImageRollout, twoCropRollout } from './support/demoData';
import { openWithHost, type HostData } from './support/fakeHost';
import { ALL_THEMES, usePages } from './support/page';

const where = (page: Page, words: string) => page.locator('.where', { hasText: words });
const live = (page: Page) => page.locator('[aria-live=polite]');

/** The demo with other views of its first rollout. */
function withFirst(view: TrajectoryView, more: Partial<HostData> = {}): HostData {
  return { ...DEMO, ...more, record: (index) => (index === 0 ? view : DEMO.record(index)) };
}

async function toPart(page: Page, part: number): Promise<void> {
  await where(page, 'part 8 of 8').waitFor();
  await page.keyboard.press('Home');
  for (let press = 0; press < part; press++) await page.keyboard.press('ArrowRight');
  await where(page, `part ${part} of 8`).waitFor();
}

const GROUP: SiblingBoxes = {
  count: 4,
  leftOut: 0,
  rollouts: [
    { index: 0, correct: true, boxes: [] },
    {
      index: 1,
      correct: true,
      reward: 2,
      boxes: [{ call: 1, box: { x1: 100, y1: 100, x2: 700, y2: 600 } }],
    },
    {
      index: 4,
      correct: false,
      boxes: [
        { call: 1, box: { x1: 900, y1: 200, x2: 1300, y2: 700 } },
        { call: 2, box: { x1: 1500, y1: 900, x2: 2100, y2: 1400 } },
      ],
    },
    { index: 5, boxes: [{ call: 1, box: { x1: 300, y1: 800, x2: 800, y2: 1300 } }] },
  ],
};

describe('the tools of the image stage', function () {
  this.timeout(90_000);
  const open = usePages();

  it('tell boxes in any frame, on the stage and in the tree, the file’s at first', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await toPart(page, 2);
    const group = page.getByRole('radiogroup', { name: 'Coordinate frame of the boxes' });
    assert.equal(await group.getByRole('radio', { checked: true }).textContent(), 'original');
    const numbers = page.locator('.stage-label.strong .label-numbers');
    const inTree = page.locator('#part-2 .call-numbers');
    assert.equal(await numbers.textContent(), '1262, 1128, 1330, 1212');
    await group.getByRole('radio', { name: '0–1000' }).click();
    assert.equal(await numbers.textContent(), '563.4, 746, 593.8, 801.6');
    assert.equal(await inTree.textContent(), ' [563.4, 746, 593.8, 801.6]');
    await page.keyboard.press('ArrowRight');
    assert.equal(await numbers.textContent(), '0.5634, 0.746, 0.5938, 0.8016');
    assert.match((await live(page).textContent()) ?? '', /0–1/);
    assert.equal(await where(page, 'part 2 of 8').count(), 1, 'the arrow moved the switch, not the cursor');
    await page.waitForFunction(() => sessionStorage.getItem('editor-state')?.includes('relative1"'));
    await opened.reload();
    await where(page, 'part 2 of 8').waitFor();
    assert.equal(await inTree.textContent(), ' [0.5634, 0.746, 0.5938, 0.8016]');
    await page.locator('.tree').focus();
    await page.keyboard.press('f');
    assert.equal(await inTree.textContent(), ' [1262, 1128, 1330, 1212]');
    assert.deepEqual(opened.records.errors, []);
  });

  it('show the current box strongly, earlier ones faintly, later ones not, each turn in its colour', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    const looks = () =>
      page.locator('.stage-box').evaluateAll((boxes) =>
        boxes.map((box) => {
          const { opacity, display } = getComputedStyle(box);
          return display === 'none' ? 'hidden' : Number(opacity) < 1 ? 'faint' : 'strong';
        }),
      );
    await toPart(page, 1);
    assert.deepEqual(await looks(), ['hidden', 'hidden']);
    await page.keyboard.press('ArrowRight');
    assert.deepEqual(await looks(), ['strong', 'hidden']);
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowRight');
    assert.deepEqual(await looks(), ['faint', 'strong']);
    const colours = await page
      .locator('.box-line')
      .evaluateAll((lines) => lines.map((line) => getComputedStyle(line).stroke));
    assert.equal(new Set(colours).size, 2);
    assert.deepEqual(await page.locator('.stage-label b').allTextContents(), ['1', '2']);
  });

  it('choose the frame of the file, and refuse one whose size is not known', async () => {
    const view = twoCropRollout(0);
    const [first, ...rest] = view.originals;
    const { resizedSize: _size, ...original } = first ?? assert.fail();
    const { opened } = await openWithHost(
      open,
      withFirst({ ...view, frame: 'relative1000', originals: [original, ...rest] }),
    );
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    assert.equal(await page.getByRole('radio', { checked: true }).textContent(), '0–1000');
    assert.ok(await page.getByRole('radio', { name: 'resized' }).isDisabled());
  });

  it('let a crop grow out of its box, and move nothing for those who want that', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await toPart(page, 2);
    await page.locator('.stage-image[src^="blob:"]').waitFor();
    const flights = () =>
      page.evaluate(() => document.querySelector('.stage-flight')?.getAnimations().length ?? -1);
    await page.keyboard.press('ArrowRight');
    assert.equal(await flights(), 1);
    await page.locator('.stage-flight').waitFor({ state: 'hidden' });
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowRight');
    await where(page, 'part 3 of 8').waitFor();
    assert.equal(await flights(), 0);
    assert.deepEqual(opened.records.policyViolations, []);
  });

  it('are all there for the keyboard: zoom, move, boxes by name, links both ways', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await toPart(page, 8);
    await page.locator('.stage-image[src^="blob:"]').waitFor();
    const stage = page.locator('.stage-window');
    await stage.focus();
    for (const key of ['+', '+', '+']) await page.keyboard.press(key);
    const place = () =>
      page.locator('.stage-image').evaluate((image) => (image as HTMLElement).style.transform);
    const zoomed = await place();
    await page.keyboard.press('ArrowRight');
    assert.notEqual(await place(), zoomed, 'the image moved');
    assert.equal(await where(page, 'part 8 of 8').count(), 1, 'the cursor did not');
    await page.keyboard.press('0');
    await page.keyboard.press('ArrowLeft');
    await where(page, 'part 7 of 8').waitFor();
    const box = page.getByRole('button', { name: /^Box 1, .*turn 1, 1262, 1128, 1330, 1212/ });
    await box.focus();
    await page.locator('[data-call="1"].hovered').first().waitFor();
    await page.keyboard.press('Enter');
    await where(page, 'part 3 of 8').waitFor();
    await page.locator('#part-5').hover();
    await page.locator('.stage-box.strong').nth(0).waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });

  it('zoom by the wheel at the pointer, move by dragging, fit by a double click', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await page.locator('.stage-image[src^="blob:"]').waitFor();
    const area = await page.locator('.stage-window').boundingBox();
    assert.ok(area);
    const at = { x: area.x + area.width * 0.3, y: area.y + area.height * 0.5 };
    const spot = () =>
      page.locator('.stage-image').evaluate((image, point) => {
        const shown = image.getBoundingClientRect();
        return [(point.x - shown.x) / shown.width, (point.y - shown.y) / shown.height, shown.width];
      }, at);
    const [x = 0, y = 0, width = 0] = await spot();
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -600);
    await page.waitForFunction(
      (old) => (document.querySelector('.stage-image')?.getBoundingClientRect().width ?? 0) > old * 1.5,
      width,
    );
    const [nextX = 0, nextY = 0] = await spot();
    assert.ok(Math.abs(nextX - x) < 0.01 && Math.abs(nextY - y) < 0.01, 'what lay there lies there');
    await page.mouse.down();
    await page.mouse.move(at.x + 40, at.y + 20, { steps: 4 });
    await page.mouse.up();
    const [movedX = 0] = await spot();
    assert.ok(movedX < nextX, 'dragging moved it');
    await page.mouse.dblclick(at.x, at.y);
    const [, , fitted = 0] = await spot();
    assert.ok(Math.abs(fitted - width) < 2, 'a double click fits it');
  });

  it('draw the boxes of the group, right and wrong apart by line and mark, the pointed one strong', async () => {
    const view = { ...twoCropRollout(0), group: { key: 'q', provenance: 'uid' } as const };
    const siblings = {
      count: 4,
      rows: GROUP.rollouts.map(({ boxes: _boxes, ...row }) => row),
      rewarded: 1,
    };
    const { opened, host } = await openWithHost(
      open,
      withFirst(view, { siblingBoxes: () => GROUP, siblings: () => siblings }),
    );
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    assert.equal(host.asked.filter((call) => call.startsWith('siblingBoxes')).length, 0);
    await page.keyboard.press('o');
    await page.locator('.sibling-line').nth(3).waitFor({ state: 'attached' });
    assert.match((await live(page).textContent()) ?? '', /4 boxes of 3 other rollouts/);
    const dashes = (kind: string) =>
      page
        .locator(`.${kind} .sibling-line`)
        .first()
        .evaluate((rect) => getComputedStyle(rect).strokeDasharray);
    assert.equal(new Set([await dashes('right'), await dashes('wrong'), await dashes('unjudged')]).size, 3);
    assert.deepEqual(await page.locator('.sibling-mark').allTextContents(), ['✓', '✗', '✗', '?']);
    await page.getByRole('button', { name: /^record 4, wrong/ }).hover();
    await page.locator('.sibling-boxes.strong[data-record="4"]').waitFor({ state: 'attached' });
    await page.getByText('record 4 · wrong', { exact: true }).waitFor();
    assert.deepEqual(opened.records.errors, []);
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await page.keyboard.press('o');
    assert.equal(await page.locator('.stage-siblings:visible').count(), 0);
  });

  it('can be read by everybody in every theme, with the boxes of the group', async function () {
    this.timeout(180_000);
    const data = withFirst(twoCropRollout(0), { siblingBoxes: () => GROUP });
    const { opened } = await openWithHost(open, data);
    const { page } = opened;
    await toPart(page, 5);
    await page.keyboard.press('o');
    await page.locator('.sibling-line').nth(3).waitFor({ state: 'attached' });
    await page.locator('.sibling-boxes[data-record="4"] .sibling-line').first().hover({ force: true });
    assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
  });

  it('stand over a canvas of the right size where the image is missing, with the way to a folder', async () => {
    const { opened, host } = await openWithHost(open, withFirst(missingImageRollout(0)));
    const { page } = opened;
    await page.getByText('Image not found').waitFor();
    assert.match((await page.locator('.missing-image').textContent()) ?? '', /2240 × 1512/);
    await page.getByText('/data/vstar/direct_attributes/street.jpg').waitFor();
    assert.equal(await page.locator('.stage-box:not(.hidden)').count(), 2);
    const paper = await page.locator('.stage-paper').boundingBox();
    assert.ok(paper && Math.abs(paper.width / paper.height - 2240 / 1512) < 0.01);
    await page.getByText('Choose Image Folder...').click();
    assert.ok(host.asked.includes('chooseImageFolder'));
  });

  it('copy a crop and have it saved, by its buttons and by key', async () => {
    const { opened, host } = await openWithHost(open, DEMO);
    const { page } = opened;
    await toPart(page, 3);
    await page.keyboard.press('s');
    await page.getByText('Crop saved').waitFor({ state: 'attached' });
    assert.ok(host.asked.includes('saveImage 0 observation:0:0'));
    await page.evaluate(() => {
      const written: string[] = [];
      Object.assign(window, { written });
      navigator.clipboard.write = async ([item]) => {
        const blob = await item?.getType('image/png');
        written.push(`${blob?.type} ${blob?.size}`);
      };
    });
    await page.locator('#part-6 .crop-picture').hover();
    await page
      .locator('#part-6')
      .getByRole('button', { name: /^Copy Image/ })
      .click();
    await page.getByText('Image copied').waitFor({ state: 'attached' });
    assert.ok(host.asked.includes('seenImage 0 observation:1:0'));
    assert.match(
      String(await page.evaluate(() => Reflect.get(window, 'written') as unknown)),
      /^image\/png \d{3}/,
    );
    await page.evaluate(() => {
      navigator.clipboard.write = () => Promise.reject(new Error('Not allowed'));
    });
    await page.keyboard.press('c');
    await page
      .getByText('could not be copied (Not allowed): save the crop instead')
      .waitFor({ state: 'attached' });
    await page.keyboard.press('Home');
    await page.keyboard.press('c');
    await page.getByText('There is no crop at this part').waitFor({ state: 'attached' });
    assert.deepEqual(opened.records.errors, []);
  });
});
