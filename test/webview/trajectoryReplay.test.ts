import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { DEMO } from './support/demoData';
import { openWithHost } from './support/fakeHost';
import { usePages } from './support/page';
import { until } from './support/until';

const where = (page: Page, words: string) => page.locator('.where', { hasText: words });
const said = (page: Page, words: string) =>
  page.locator('[aria-live=polite]', { hasText: words }).waitFor({ state: 'attached' });

describe('the replay', function () {
  this.timeout(90_000);
  const open = usePages();

  it('plays from the question on by Space, says its steps, and pauses at the end', async () => {
    // The page's clock is the test's, so that it can be put forward.
    const { opened } = await openWithHost(open, DEMO, { beforeLoad: (page) => page.clock.install() });
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    await page.locator('.tree').focus();
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause (Space)' }).waitFor();
    await said(page, 'part 1 of 8: thought');
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Play (Space)' }).waitFor();
    await said(page, 'Paused');
    const stopped = await page.locator('.where').textContent();
    await page.clock.runFor(60_000);
    assert.equal(await page.locator('.where').textContent(), stopped, 'it stands');
    await page.getByRole('combobox', { name: 'Speed of the replay' }).selectOption('4');
    await page.getByRole('button', { name: 'Play (Space)' }).click();
    await where(page, 'part 8 of 8').waitFor();
    await page.getByRole('button', { name: 'Play (Space)' }).waitFor();
    assert.equal(await page.locator('.node.later').count(), 0);
    assert.deepEqual(opened.records.errors, []);
  });

  it('stops where another rollout is chosen', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause (Space)' }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('button', { name: 'Play (Space)' }).waitFor();
  });

  it('keeps the box at the cursor strong when the rollout is read anew', async () => {
    const { opened, host } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowLeft');
    const strong = page.locator('.stage-label.strong b');
    await strong.waitFor();
    const readings = (): number => host.asked.filter((request) => request === 'trajectory 0').length;
    const before = readings();
    await page.locator('.formula-choice').selectOption({ index: 1 });
    await until(() => readings() > before, 'the record is read again');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowRight');
    await where(page, 'part 5 of 8').waitFor();
    assert.deepEqual(await strong.allTextContents(), ['2']);
  });

  it('has a mark for each part, coloured by kind, what comes later dim, and all buttons', async () => {
    const { opened } = await openWithHost(open, DEMO);
    const { page } = opened;
    await where(page, 'part 8 of 8').waitFor();
    for (const [button, part] of [
      ['To the question (Home)', 'part 0 of 8'],
      ['One part forward (Right)', 'part 1 of 8'],
      ['To the last part (End)', 'part 8 of 8'],
      ['One part back (Left)', 'part 7 of 8'],
    ] as const) {
      await page.getByRole('button', { name: button }).click();
      await where(page, part).waitFor();
    }
    const marks = page.locator('.mark');
    assert.deepEqual(
      await marks.evaluateAll((all) => all.map((mark) => (mark as HTMLElement).dataset['kind'])),
      ['thought', 'toolCall', 'observation', 'thought', 'toolCall', 'observation', 'thought', 'answer'],
    );
    const fills = await marks.evaluateAll((all) => all.map((mark) => getComputedStyle(mark).backgroundColor));
    assert.equal(new Set(fills).size, 4, 'a colour for each kind');
    assert.equal(await page.locator('.mark.later').count(), 1);
    const slider = page.getByRole('slider', { name: 'Replay cursor' });
    assert.deepEqual(
      await slider.evaluate((element) =>
        ['aria-valuemin', 'aria-valuemax', 'aria-valuenow'].map((name) => element.getAttribute(name)),
      ),
      ['0', '8', '7'],
    );
    await slider.focus();
    await page.keyboard.press('ArrowLeft');
    assert.match(
      (await slider.getAttribute('aria-valuetext')) ?? '',
      /part 6 of 8: observation of tool call 2/,
    );
    await marks.nth(1).click();
    await where(page, 'part 2 of 8').waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });
});
