import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { TrajectoryPageState } from '../../src/protocol/trajectoryView';
import { DEMO, plainRollout, twoCropRollout } from './support/demoData';
import { openWithHost, readySource, rowOf, type HostData } from './support/fakeHost';
import { ALL_THEMES, usePages } from './support/page';

const heading = (page: Page, words: string) => page.locator('.question-heading', { hasText: words });
const where = (page: Page, words: string) => page.locator('.where', { hasText: words });

/** A source whose records are plain and tell their index. */
function plainSource(records: number, more: Partial<HostData> = {}): HostData {
  const record = (index: number) => plainRollout(index, { question: `Question number ${index}?` });
  return { source: readySource(records), record, row: (index) => rowOf(record(index)), ...more };
}

describe('trajectory page', function () {
  this.timeout(60_000);
  const open = usePages();

  it('stands after the last part at first and steps by key, which the live region says', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    await page.keyboard.press('ArrowLeft');
    await where(page, 'part 7 of 8').waitFor();
    await page.keyboard.press('Home');
    await where(page, 'part 0 of 8').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await where(page, 'part 2 of 8').waitFor();
    const words = 'part 2 of 8: tool call 1, box 1262, 1128, 1330, 1212, vending machine';
    assert.equal(await page.locator('[aria-live=polite]').textContent(), words);
    assert.equal(await page.getByRole('slider').getAttribute('aria-valuetext'), words);
    assert.equal(await page.getByRole('tree').getAttribute('aria-activedescendant'), 'part-2');
    await page.keyboard.press('End');
    await where(page, 'part 8 of 8').waitFor();
    assert.deepEqual(opened.records.errors, []);
  });

  it('shows the boxes up to the cursor, hides later ones, and dims later parts', async () => {
    const { opened } = await openWithHost(open, DEMO, { state: { selected: 0, part: 2 } });
    const { page } = opened;
    await where(page, 'part 2 of 8').waitFor();
    assert.equal(await page.locator('.stage-box:not(.hidden)').count(), 1);
    assert.equal(await page.locator('.stage-box.strong').count(), 1);
    assert.equal(await page.locator('#part-3').getAttribute('class'), 'node observation later');
    await page.keyboard.press('End');
    await where(page, 'part 8 of 8').waitFor();
    assert.equal(await page.locator('.stage-box:not(.hidden)').count(), 2);
    await page.locator('#part-5').hover();
    await page.locator('.stage-label.strong', { hasText: 'red machine' }).waitFor();
  });

  it('draws the original and the crops from the bytes that the host sends', async () => {
    const { opened, host } = await openWithHost(open, DEMO);
    const { page } = opened;
    await page.locator('.stage-image[src^="blob:"]').waitFor();
    await page.locator('.crop-image').nth(1).waitFor();
    const sizes = await page.locator('.crop-image').evaluateAll((images) =>
      images.map((image) => {
        const { naturalWidth, naturalHeight } = image as HTMLImageElement;
        return [naturalWidth, naturalHeight];
      }),
    );
    assert.deepEqual(sizes, [
      [68, 84],
      [76, 108],
    ]);
    assert.ok(host.asked.includes('image 0 original:0 1600'));
    for (let press = 0; press < 8; press++) await page.keyboard.press('+');
    const isSharper = (): boolean => host.asked.includes('image 0 original:0 2400');
    for (let round = 0; round < 1000 && !isSharper(); round++) await page.waitForTimeout(20);
    assert.ok(isSharper(), 'a picture with more pixels is asked for when zoomed in');
    assert.equal(await page.locator('.minimap').isVisible(), true);
    const shape = await page.locator('.stage-image').boundingBox();
    assert.ok(shape && shape.width > 4000, 'larger than the window');
    assert.ok(Math.abs(shape.width / shape.height - 2240 / 1512) < 0.01, 'and of its own shape');
    await page.keyboard.press('0');
    assert.equal(await page.locator('.minimap').isVisible(), false);
  });

  it('goes to neighbours by arrows, j and k, and shows raw text by t', async () => {
    const { opened } = await openWithHost(open, plainSource(5));
    const { page } = opened;
    await heading(page, 'Question number 0?').waitFor();
    await page.keyboard.press('j');
    await heading(page, 'Question number 1?').waitFor();
    await page.keyboard.press('ArrowDown');
    await heading(page, 'Question number 2?').waitFor();
    await page.keyboard.press('k');
    await heading(page, 'Question number 1?').waitFor();
    await page.keyboard.press('t');
    await page.getByRole('region', { name: 'Raw text' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('dialog[open]').count(), 0);
  });

  it('folds a long thought and opens it by Enter and by button', async () => {
    const { opened } = await openWithHost(open, DEMO, { state: { selected: 1, part: 1 } });
    const { page } = opened;
    const thought = page.locator('#part-1');
    await thought.waitFor();
    assert.equal(await thought.getAttribute('aria-expanded'), 'false');
    await page.keyboard.press('Enter');
    assert.equal(await thought.getAttribute('aria-expanded'), 'true');
    await thought.getByRole('button', { name: 'Show less' }).click();
    assert.equal(await thought.getAttribute('aria-expanded'), 'false');
  });

  it('says what became of a call: rejected, not parsed, clamped', async () => {
    const { opened } = await openWithHost(open, DEMO, { state: { selected: 1 } });
    const { page } = opened;
    await page.getByText('rejected: right 640 is left of left 800').waitFor();
    await page.getByText("not a call: Expecting ',' delimiter").waitFor();
    await page.getByText('clamped to [2100, 1300, 2240, 1512]').waitFor();
    await page.getByText('Error: Invalid bounding box').waitFor();
    await page.getByText('Ran out of turns').first().waitFor();
  });

  it('finds its place again after a reload', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    await page.keyboard.press('j');
    await heading(page, 'Which stall').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('separator', { name: 'Width of the list' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => sessionStorage.getItem('editor-state')?.includes('"split":[0.22'));
    const state = (await opened.state()) as TrajectoryPageState;
    assert.deepEqual(state, { selected: 1, part: 7, raw: false, split: [0.22, 0.35] });
    await opened.reload();
    await where(page, 'part 7 of 8').waitFor();
    assert.equal(await page.locator('#row-1').getAttribute('aria-selected'), 'true');
    assert.equal(
      await page.getByRole('separator', { name: 'Width of the list' }).getAttribute('aria-valuenow'),
      '22',
    );
  });

  it('takes a remembered state that makes no sense for none', async () => {
    const { opened } = await openWithHost(open, plainSource(3), {
      state: { selected: 'x', part: -4, split: [7, null], raw: 1 },
    });
    await heading(opened.page, 'Question number 0?').waitFor();
    assert.deepEqual(opened.records.errors, []);
  });

  it('shows boxes on an empty canvas when the image is missing, what was tried, and the button', async () => {
    const { opened, host } = await openWithHost(open, DEMO, { state: { selected: 2 } });
    const { page } = opened;
    await page.getByText('Image not found').waitFor();
    await page.getByText('/data/vstar/direct_attributes/street.jpg').waitFor();
    assert.equal(await page.locator('.stage-paper').isVisible(), true);
    assert.equal(await page.locator('.stage-box:not(.hidden)').count(), 2);
    await page.getByRole('button', { name: 'Choose Image Folder...' }).click();
    assert.ok(host.asked.includes('chooseImageFolder'));
    host.use({ ...DEMO, record: (index) => twoCropRollout(index) });
    await host.page.imagesChanged();
    await page.locator('.stage-image[src^="blob:"]').waitFor();
    assert.equal(await page.getByText('Image not found').count(), 0);
  });

  it('gives the reason of a bad record, in its row and in place of the tree', async () => {
    const { opened, host } = await openWithHost(open, DEMO);
    const { page } = opened;
    const row = page.locator('#row-3');
    await row.getByText('Not JSON: an unexpected end').waitFor();
    await row.getByRole('button', { name: 'Reveal in File' }).click();
    assert.ok(host.asked.includes('revealRecord 3'));
    assert.equal(await row.getAttribute('aria-selected'), 'false', 'a press on the button is no choice');
    await row.getByText('Not JSON').click();
    await page.getByText('This record can’t be read').waitFor();
    await page.getByText('1,204 bytes at byte 60,000').waitFor();
  });
});

describe('trajectory page, states of the file', function () {
  this.timeout(60_000);
  const open = usePages();

  it('shows a skeleton within 100 ms while a record is on its way, and then the record', async () => {
    const { opened, host } = await openWithHost(open, plainSource(3));
    const { page } = opened;
    await heading(page, 'Question number 0?').waitFor();
    host.use(plainSource(3, { delay: 800 }));
    const time = await page.evaluate(async () => {
      const start = performance.now();
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
      while (!document.querySelector('.tree-skeleton'))
        await new Promise((resolve) => setTimeout(resolve, 1));
      return performance.now() - start;
    });
    // A loaded machine may be late by a frame or two; the page's own patience is 80 ms.
    assert.ok(time < 150, `${time} ms`);
    await heading(page, 'Question number 1?').waitFor();
  });

  it('says that a file is empty, and that one can’t be opened', async () => {
    const empty = await openWithHost(open, plainSource(0));
    await empty.opened.page.getByText('There are no rollouts in this file').waitFor();
    const source = { status: 'error', message: 'This is a PNG image, not a log of rollouts.' } as const;
    const failed = await openWithHost(open, { ...plainSource(0), source });
    await failed.opened.page.getByText('This is a PNG image, not a log of rollouts.').waitFor();
  });

  it('shows the progress of indexing, the growing count, and a live tail', async () => {
    const data = plainSource(2, {
      source: readySource(2, { complete: false, indexed: 0.42, incompleteTail: 17 }),
    });
    const { opened, host } = await openWithHost(open, data);
    const { page } = opened;
    await page.getByText('2 rollouts · indexing 42 %').waitFor();
    await page.locator('.live').waitFor();
    host.use(plainSource(4));
    await host.page.sourceChanged(readySource(4));
    await page.locator('.count', { hasText: /^4 rollouts$/ }).waitFor();
    await page.locator('#row-3').getByText('Question number 3?').waitFor();
    assert.equal(await page.locator('.live').count(), 0);
  });

  it('starts anew, and says so, when the file was replaced', async () => {
    const { opened, host } = await openWithHost(open, plainSource(9), { state: { selected: 6, part: 0 } });
    const { page } = opened;
    await heading(page, 'Question number 6?').waitFor();
    const record = (index: number) => plainRollout(index, { question: `Another file, ${index}` });
    host.use({ source: readySource(2, { generation: 2 }), record, row: (index) => rowOf(record(index)) });
    await host.page.sourceChanged(readySource(2, { generation: 2 }));
    await heading(page, 'Another file, 0').waitFor();
    await page.locator('#row-1').getByText('Another file, 1').waitFor();
    await page.getByText('The file was replaced and is shown anew.').waitFor({ state: 'attached' });
  });

  it('stays at the end of the file when the remembered record is gone', async () => {
    const { opened } = await openWithHost(open, plainSource(3), { state: { selected: 50, part: 0 } });
    await heading(opened.page, 'Question number 2?').waitFor();
  });
});

describe('trajectory page, list and layout', function () {
  this.timeout(60_000);
  const open = usePages();

  it('reaches the last of a million rows by key, wheel and scroll bar, and asks only for rows in view', async () => {
    const { opened, host } = await openWithHost(open, plainSource(1_000_000));
    const { page } = opened;
    const list = page.getByRole('grid', { name: 'Rollouts' });
    await page.locator('[role=grid][aria-rowcount="1000000"]').waitFor();
    await list.focus();
    await page.keyboard.press('Control+End');
    await heading(page, 'Question number 999999?').waitFor();
    const last = page.locator('#row-999999');
    await last.getByText('Question number 999999?').waitFor();
    assert.equal(await last.getAttribute('aria-rowindex'), '1000000');
    const [box, frame] = [await last.boundingBox(), await list.boundingBox()];
    assert.ok(
      box && frame && Math.abs(box.y + box.height - (frame.y + frame.height)) < 1.5,
      'wholly in view',
    );
    await page.keyboard.press('ArrowUp');
    await heading(page, 'Question number 999998?').waitFor();
    await list.hover();
    // Ten rows up, whatever the height of the list: the first drawn one is ten rows earlier.
    const first = Number((await page.locator('.virtual-row').first().getAttribute('id'))?.slice(4));
    await page.mouse.wheel(0, -460);
    await page.locator(`#row-${first - 10}`).waitFor();
    await list.evaluate((element) => (element.scrollTop = element.scrollHeight / 2));
    await page
      .getByText(/^Question number (499|500)\d{3}\?$/)
      .first()
      .waitFor();
    await list.evaluate((element) => (element.scrollTop = element.scrollHeight));
    await last.waitFor();
    const rows = host.asked.filter((request) => request.startsWith('rows '));
    assert.ok(rows.length <= 12, `${rows.length} requests`);
    assert.ok((await page.locator('.virtual-row').count()) < 60);
  });

  it('draws the list as a drop-down and the stage above the tree when it is narrow', async () => {
    const { opened } = await openWithHost(open, DEMO, { viewport: { width: 700, height: 860 } });
    const { page } = opened;
    const pick = page.getByRole('button', { name: /1 of 115/ });
    await pick.waitFor();
    const [stage, tree] = [
      await page.locator('.stage-window').boundingBox(),
      await page.locator('.tree-region').boundingBox(),
    ];
    assert.ok(stage && tree && stage.y + stage.height <= tree.y);
    assert.equal(await page.getByRole('grid').isVisible(), false);
    await pick.click();
    await page.locator('#row-1').click();
    await heading(page, 'Which stall has a green roof').waitFor();
    await page.keyboard.press('Escape');
    assert.equal(await page.getByRole('grid').isVisible(), false);
    await page.getByRole('button', { name: /2 of 115/ }).waitFor();
  });

  it('is reached by Tab in the order list, tree, stage, transport', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    const order = ['.virtual-list', '.tree', '.stage-window', '.scrubber'];
    const met: string[] = [];
    for (let press = 0; press < 60 && met.length < order.length; press++) {
      await page.keyboard.press('Tab');
      for (const region of order) {
        const here = await page.evaluate((name) => document.activeElement?.matches(name) === true, region);
        if (here) met.push(region);
      }
    }
    assert.deepEqual(met, order);
  });
});

describe('trajectory page, accessibility', function () {
  this.timeout(60_000);
  const open = usePages();
  const cases = [
    ['a good rollout in mid replay', { selected: 0, part: 4 }],
    ['a troubled one', { selected: 1 }],
    ['a missing image', { selected: 2 }],
    ['a bad record', { selected: 3 }],
    ['raw text', { selected: 0, raw: true }],
  ] as const;
  for (const [name, state] of cases) {
    it(`has no violation with ${name} in any theme`, async function () {
      this.timeout(180_000);
      const { opened } = await openWithHost(open, DEMO, { state, viewport: { width: 1440, height: 860 } });
      await opened.page.locator('#row-4').getByText('2.50').waitFor();
      await opened.page.locator('.tree, .raw, .message').first().waitFor();
      assert.deepEqual(await opened.accessibilityProblemsIn(ALL_THEMES), []);
      assert.deepEqual(opened.records.policyViolations, []);
    });
  }

  it('has none when it is narrow with the list open', async () => {
    const { opened } = await openWithHost(open, DEMO, { viewport: { width: 700, height: 860 } });
    await opened.page.getByRole('button', { name: /1 of 115/ }).click();
    await opened.page.locator('#row-4').getByText('2.50').waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });
});
