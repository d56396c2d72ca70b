import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { ComparePageState } from '../../src/protocol/compareView';
import type { CompareData } from './support/compareHost';
import { demoLogs, openCompare, rolloutOn } from './support/compareHost';
import { hostilePayloads } from './support/hostilePayloads';
import type { OpenOptions, TestPage } from './support/page';
import { usePages } from './support/page';
import { until } from './support/until';

const QUESTION = 'What is the price on the red machine?';

/** The page once both rollouts of a row are there. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('.compare-side.side-a .side-head');
  await page.waitForFunction(() => document.querySelector('.compare-sides .side-skeleton') === null);
}

const textsOf = (page: Page, selector: string): Promise<string[]> => page.locator(selector).allInnerTexts();
const rowTexts = (page: Page): Promise<string[]> => textsOf(page, '.pair-line:first-child bdi');

function assertHonest({ records }: TestPage): void {
  const { foreignRequests, policyViolations, dialogs, errors, navigations, executions } = records;
  assert.deepEqual(
    { foreignRequests, policyViolations, dialogs, errors, navigations, executions },
    { foreignRequests: [], policyViolations: [], dialogs: [], errors: [], navigations: [], executions: [] },
  );
}

describe('the page that compares two logs', function () {
  this.timeout(60_000);
  const open = usePages();
  const opened = async (data: CompareData = demoLogs(), options: OpenOptions = {}) => {
    const result = await openCompare(open, data, options);
    return { ...result, page: result.opened.page };
  };

  it('says of both logs what they have, and who was right', async () => {
    const { page, opened: testPage } = await opened();
    await settled(page);
    const head = await page.locator('.compare-head').innerText();
    assert.match(head, /step_40 \/ result_direct_attributes\.jsonl/);
    assert.match(head, /42 rollouts · 2 without a partner/);
    assert.match(head, /41 rollouts · 1 without a partner/);
    const figures = await textsOf(page, '.figures tbody tr');
    // A is right where a number divided by three leaves not one, of 40 with one unjudged; B but for every fourth.
    assert.deepEqual(
      figures.slice(0, 3).map((row) => row.split('\t')),
      [
        ['Accuracy', '66.7 %', '75.0 %'],
        ['Right of judged', '26 of 39', '30 of 40'],
        ['Not judged', '1', '0'],
      ],
    );
    const counts = await textsOf(page, '.outcome b');
    assert.deepEqual(counts, ['19', '7', '10', '3']);
    assert.deepEqual(await textsOf(page, '.chip'), ['all', 'not judged 1', 'only in A 2', 'only in B 1']);
    assert.match(await page.locator('.list-status').innerText(), /^43 rows$/);
    assertHonest(testPage);
  });

  it('narrows the list to an outcome, by pointer and by key, and back', async () => {
    const { page, host } = await opened();
    await settled(page);
    await page.click('.cell-onlyA');
    await page.waitForFunction(() => document.querySelector('.list-status')?.textContent === '7 rows');
    assert.equal(await page.getAttribute('.cell-onlyA', 'aria-pressed'), 'true');
    // The keyboard stays on the cell that was pressed, though the numbers were drawn anew.
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-cell')), 'onlyA');
    await page.waitForFunction(() => document.querySelectorAll('.pair-row bdi').length > 7);
    for (const icons of await page.locator('.virtual-row .pair-verdicts').all())
      assert.deepEqual(
        await icons
          .locator('[role=img]')
          .evaluateAll((all) => all.map((one) => one.getAttribute('aria-label'))),
        ['A right', 'B wrong'],
      );
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('.list-status')?.textContent === '43 rows');
    await page.click('.cell-aloneB');
    await page.waitForFunction(() => document.querySelector('.list-status')?.textContent === '1 row');
    await page.waitForFunction(
      () => document.querySelector('.question-text')?.textContent === 'What only B was asked',
    );
    await page.waitForFunction(() =>
      document.querySelector('.compare-side.side-a')?.textContent.includes('No rollout in A'),
    );
    assert.ok(host.asked.includes('query onlyA') && host.asked.includes('query aloneB'));
  });

  it('filters as one types, and says where an expression is wrong', async () => {
    const { page, opened: testPage } = await opened();
    await settled(page);
    await page.keyboard.press('/');
    await page.keyboard.type('books? (5)');
    await page.waitForFunction(() => document.querySelector('.list-status')?.textContent === '1 row');
    assert.deepEqual(await rowTexts(page), ['Which stall stands to the right of the books? (5)']);
    // Letters are the box's own while one types.
    assert.equal(await page.inputValue('.search'), 'books? (5)');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.querySelector('.list-status')?.textContent === '43 rows');
    assertHonest(testPage);
    const wrong = await opened({
      ...demoLogs(),
      queryError: { column: 2, message: 'There is no field "a.zoms".' },
    });
    await settled(wrong.page);
    await wrong.page.fill('.search', 'a.zoms > 1');
    await wrong.page.waitForSelector('.list-status.problem');
    assert.match(await wrong.page.locator('.list-status').innerText(), /Column 3: There is no field/);
    assert.equal(await wrong.page.getAttribute('.search', 'aria-invalid'), 'true');
  });

  it('shows both answers, what is right, and where each looked', async () => {
    const { page } = await opened({
      logs: { a: [rolloutOn(0, QUESTION, true)], b: [rolloutOn(0, QUESTION, false, 2)] },
    });
    await settled(page);
    assert.equal(await page.locator('.question-text').innerText(), QUESTION);
    assert.match(await page.locator('.compare-question').innerText(), /ground truth: 2\.50/);
    assert.deepEqual(await textsOf(page, '.answer-box'), ['2.50', 'there is none']);
    assert.deepEqual(await textsOf(page, '.side-head b'), ['right', 'wrong']);
    assert.equal(await page.locator('.side-a .compared-crop').count(), 1);
    assert.equal(await page.locator('.side-b .compared-crop').count(), 2);
    // One line around the boxes of A, two around those of B; the ground truth is dashed; letters on all.
    assert.equal(await page.locator('.stage-box.side-a .box-line').count(), 1);
    assert.equal(await page.locator('.stage-box.side-b .box-line').count(), 4);
    assert.equal(await page.locator('.truth-line').count(), 1);
    assert.match(
      await page.locator('.truth-line').evaluate((line) => getComputedStyle(line).strokeDasharray),
      /\d/,
    );
    assert.deepEqual(await textsOf(page, '.stage-label b'), ['A2', 'B1', 'B2']);
    await page.waitForFunction(
      () => (document.querySelector<HTMLImageElement>('.stage-image')?.naturalWidth ?? 0) > 0,
    );
    // The box lies where the picture has it: the machine of the scene is at 1176 to 1252 of 2240.
    const place = await page.evaluate(() => {
      const image = document.querySelector('.stage-image:not([hidden])')?.getBoundingClientRect();
      const box = document.querySelector('.stage-box.side-a .box-line')?.getBoundingClientRect();
      return image && box
        ? [(box.left - image.left) / image.width, (box.right - image.left) / image.width]
        : [];
    });
    assert.ok(
      Math.abs((place[0] ?? 0) - 1176 / 2240) < 0.005 && Math.abs((place[1] ?? 0) - 1252 / 2240) < 0.005,
    );
  });

  it('zooms to the boxes and back', async () => {
    const { page } = await opened({
      logs: { a: [rolloutOn(0, QUESTION, true)], b: [rolloutOn(0, QUESTION, true)] },
    });
    await settled(page);
    await page.waitForSelector('.stage-image:not([hidden])');
    const width = (): Promise<number> =>
      page.locator('.stage-box.side-a .box-line').evaluate((box) => box.getBoundingClientRect().width);
    const fitted = await width();
    await page.keyboard.press('z');
    assert.ok((await width()) > 3 * fitted);
    await page.keyboard.press('0');
    assert.ok(Math.abs((await width()) - fitted) < 0.5);
  });

  it('tells the two labels of the same box apart', async () => {
    const { page } = await opened({
      logs: { a: [rolloutOn(0, QUESTION, true)], b: [rolloutOn(0, QUESTION, true)] },
    });
    await settled(page);
    const [a, b] = await page
      .locator('.stage-label')
      .evaluateAll((labels) => labels.map((label) => label.getBoundingClientRect().toJSON() as DOMRect));
    assert.ok(a && b);
    assert.ok(
      a.bottom <= b.top || b.bottom <= a.top || a.right <= b.left || b.right <= a.left,
      'labels overlap',
    );
  });

  it('marks box and crop of a call together, and hides boxes by key', async () => {
    const { page } = await opened({
      logs: { a: [rolloutOn(0, QUESTION, true)], b: [rolloutOn(0, QUESTION, false, 2)] },
    });
    await settled(page);
    await page.hover('.side-b .compared-crop >> nth=1');
    assert.equal(await page.locator('.stage-box.strong').count(), 1);
    assert.equal(await page.locator('.stage-label.strong b').innerText(), 'B2');
    const visible = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll((all) => all.filter((one) => getComputedStyle(one).display !== 'none').length);
    await page.keyboard.press('1');
    assert.deepEqual([await visible('.stage-box.side-a'), await visible('.stage-box.side-b')], [0, 2]);
    await page.keyboard.press('g');
    assert.equal(await visible('.stage-truth'), 0);
    assert.deepEqual(
      await page
        .locator('.legend-entry')
        .evaluateAll((all) => all.map((one) => one.getAttribute('aria-pressed'))),
      ['false', 'true', 'false'],
    );
  });

  it('goes from question to question by key, opens either rollout, and says what is shown', async () => {
    const { page, host, opened: testPage } = await opened();
    await settled(page);
    await page.keyboard.press('j');
    await page.waitForFunction(() =>
      document.querySelector('.question-text')?.textContent.startsWith('Which stall'),
    );
    await page.keyboard.press('End');
    await page.waitForFunction(
      () => document.querySelector('.question-text')?.textContent === 'What only B was asked',
    );
    await page.keyboard.press('Home');
    await page.waitForFunction(
      (text) => document.querySelector('.question-text')?.textContent === text,
      QUESTION,
    );
    await page.waitForFunction(() =>
      document.querySelector('[aria-live]')?.textContent.endsWith('A right, B wrong'),
    );
    await page.keyboard.press('b');
    await page.click('text=Open in A');
    await until(() => host.asked.includes('open a 0'), 'the host is asked');
    assert.deepEqual(
      host.asked.filter((line) => line.startsWith('open')),
      ['open b 0', 'open a 0'],
    );
    await page.keyboard.press('?');
    assert.ok(await page.locator('dialog[open] dt').count());
    assertHonest(testPage);
  });

  it('pairs several rollouts of a question in order, and says how all of them came out', async () => {
    const of = (verdicts: readonly boolean[]) =>
      verdicts.map((right, index) => rolloutOn(index, QUESTION, right));
    const { page } = await opened({
      logs: { a: of([true, false, true, true]), b: of([false, false, true]) },
    });
    await settled(page);
    assert.match(
      await page.locator('.compare-summary').innerText(),
      /1 question in both, 3 pairs: up to 3 rollouts of one/,
    );
    assert.match(await page.locator('.side-a .side-facts').innerText(), /2 of 3 judged are right/);
    assert.match(await page.locator('.side-b .side-facts').innerText(), /1 of 3 judged are right/);
    assert.deepEqual(await textsOf(page, '.pair-line > .number'), ['1 of 3', '2 of 3', '3 of 3']);
    assert.deepEqual(await textsOf(page, '.outcome b'), ['1', '1', '0', '1']);
    assert.deepEqual(await textsOf(page, '.chip'), ['all', 'only in A 1']);
  });

  it('says that two logs hold the same rollouts, and which is judged', async () => {
    const { page } = await opened({
      logs: { a: [rolloutOn(0, QUESTION, undefined)], b: [rolloutOn(0, QUESTION, true)] },
      same: { judgedA: false, judgedB: true },
    });
    await settled(page);
    assert.match(await page.locator('.notice').innerText(), /the very same rollouts\. Only B is judged\./);
  });

  it('tells how reading goes on, and stops it', async () => {
    const names = { a: { name: 'a.jsonl', folder: '' }, b: { name: 'b.jsonl', folder: '' } };
    const { page, host } = await opened({
      logs: { a: [], b: [] },
      view: { status: 'reading', names, reading: { side: 'b', records: 12_000, done: 0.62 } },
    });
    await page.waitForSelector('progress');
    assert.match(await page.locator('.compare-state').innerText(), /B: 12,000 records/);
    assert.equal(await page.evaluate(() => document.querySelector('progress')?.value), 62);
    await page.click('text=Stop');
    await until(() => host.asked.includes('stop'), 'the host is asked to stop');
    await host.page.changed({ status: 'stopped', names });
    await page.click('text=Read Both Logs');
    await host.page.changed({
      status: 'error',
      names,
      message: 'There is no file b.jsonl, or it can’t be reached.',
    });
    assert.match(await page.locator('.compare-state').innerText(), /There is no file b\.jsonl/);
    assert.ok(host.asked.includes('again'));
  });

  it('stands where it stood after a reload', async () => {
    const { page, opened: testPage } = await opened();
    await settled(page);
    await page.click('.cell-onlyB');
    await page.waitForFunction(() => document.querySelector('.list-status')?.textContent === '10 rows');
    const textOf = (): Promise<string> => page.locator('.question-text').innerText();
    const before = await textOf();
    await page.keyboard.press('j');
    await page.waitForFunction(
      (text) => document.querySelector('.question-text')?.textContent !== text,
      before,
    );
    const question = await textOf();
    await page.keyboard.press('g');
    await page.waitForFunction(() => {
      const kept = JSON.parse(sessionStorage.getItem('editor-state') ?? 'null') as ComparePageState | null;
      return kept?.cell === 'onlyB' && kept.truth === false;
    });
    await testPage.reload();
    await settled(page);
    await page.waitForFunction(() => document.querySelector('.list-status')?.textContent === '10 rows');
    await page.waitForFunction(
      (text) => document.querySelector('.question-text')?.textContent === text,
      question,
    );
    assert.equal(await page.getAttribute('.cell-onlyB', 'aria-pressed'), 'true');
    assert.equal(await page.locator('.legend-entry').last().getAttribute('aria-pressed'), 'false');
  });

  it('says why there is no picture', async () => {
    const missing = (index: number) => {
      const view = rolloutOn(index, QUESTION, true);
      const [original] = view.originals;
      assert.ok(original);
      return {
        ...view,
        originals: [{ ...original, state: 'missing' as const, tried: ['/data/street.jpg'] }],
      };
    };
    const { page, host } = await opened({ logs: { a: [missing(0)], b: [missing(0)] } });
    await settled(page);
    assert.match(await page.locator('.stage-note').innerText(), /Image not found[^]*\/data\/street\.jpg/);
    assert.equal(await page.locator('.stage-box').count(), 2);
    await page.click('text=Choose Image Folder...');
    await until(() => host.asked.includes('chooseImageFolder'), 'the host is asked for a folder');
    // B's picture serves where A has none.
    const half = await opened({ logs: { a: [missing(0)], b: [rolloutOn(0, QUESTION, true)] } });
    await half.page.waitForSelector('.stage-image:not([hidden])');
    assert.ok(half.host.asked.includes('image b 0 original:0'));
  });

  for (const theme of ['dark', 'light', 'highContrast'] as const) {
    it(`has no accessibility problem in ${theme}`, async () => {
      const { page, opened: testPage } = await opened(demoLogs(), { theme });
      await settled(page);
      await page.click('.cell-onlyA');
      await page.waitForSelector('.compared-crop .crop-image');
      assert.deepEqual(await testPage.accessibilityProblems(), []);
    });
  }

  it('fits a narrow window', async () => {
    const { page, opened: testPage } = await opened(demoLogs(), { viewport: { width: 400, height: 800 } });
    await settled(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
    await page.locator('.compare-side.side-b').scrollIntoViewIfNeeded();
    const box = await page.locator('.compare-side.side-b').boundingBox();
    assert.ok(box && box.width > 300, 'the sides stand below each other');
    assert.deepEqual(await testPage.accessibilityProblems(), []);
  });

  it('never runs, loads or follows what logs say', async () => {
    const payloads = hostilePayloads(24, 20_261_121);
    const hostile = (index: number) => {
      const text = payloads[index] ?? '';
      const view = rolloutOn(index, text, index % 2 === 0, 2);
      const turns = view.turns.map((turn) => ({
        ...turn,
        parts: turn.parts.map((part) =>
          part.kind === 'answer'
            ? { ...part, text }
            : part.kind === 'toolCall'
              ? { ...part, call: { ...part.call, label: text } }
              : part,
        ),
      }));
      const [original] = view.originals;
      assert.ok(original);
      return { ...view, turns, groundTruth: text, originals: [{ ...original, label: text }] };
    };
    const all = payloads.map((_, index) => hostile(index));
    const [name = '', folder = ''] = payloads;
    const { page, opened: testPage } = await opened({
      logs: { a: all, b: all },
      names: { a: { name, folder }, b: { name: folder, folder: name } },
      queryError: { column: 0, message: name },
    });
    for (let at = 0; at < payloads.length; at++) {
      await settled(page);
      await page.keyboard.press('j');
    }
    const strangers = await page.evaluate(() =>
      [
        ...document.querySelectorAll(
          '#root script, #root a, #root iframe, #root form, #root object, #root embed, #root style',
        ),
      ].map(({ tagName }) => tagName),
    );
    assert.deepEqual(strangers, []);
    await page.fill('.search', 'anything');
    await page.waitForSelector('.list-status.problem');
    assertHonest(testPage);
  });
});
