import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { SiblingGroup } from '../../src/protocol/listView';
import { plainRollout } from './support/demoData';
import type { HostData } from './support/fakeHost';
import { openWithHost, readySource, rowOf } from './support/fakeHost';
import { usePages } from './support/page';

/** A source whose records tell their index; the step and the length follow from it. */
function someSource(records: number, more: Partial<HostData> = {}): HostData {
  const record = (index: number) =>
    plainRollout(index, {
      question: `Question number ${index}?`,
      step: Math.floor(index / 50),
      zoomCount: (index * 7) % 5,
      modelTokens: 100 + ((index * 37) % 91),
    });
  return { source: readySource(records), record, row: (index) => rowOf(record(index)), ...more };
}

const list = (page: Page) => page.getByRole('grid', { name: 'Rollouts' });
const rows = (page: Page) => list(page).getAttribute('aria-rowcount');
const box = (page: Page) => page.getByRole('combobox', { name: 'Filter rollouts' });
const question = (page: Page, index: number) =>
  page.locator('.question-heading', { hasText: `Question number ${index}?` });
const firstIndex = (page: Page) => list(page).locator('#row-0 .row-index').textContent();

describe('the list filtered and sorted', function () {
  this.timeout(60_000);
  const open = usePages();

  it('filters by an expression: count, first row shown, steps within, and all again', async () => {
    const { opened, host } = await openWithHost(open, someSource(400));
    const { page } = opened;
    await question(page, 0).waitFor();
    await page.keyboard.press('/');
    await box(page).fill('zooms == 3 && step >= 2');
    const wanted = Array.from({ length: 400 }, (_, i) => i).filter((i) => (i * 7) % 5 === 3 && i >= 100);
    await page.locator('.found-count', { hasText: `${wanted.length} of 400` }).waitFor();
    await question(page, wanted[0] ?? -1).waitFor();
    assert.equal(await rows(page), String(wanted.length));
    await box(page).press('Escape');
    await list(page).focus();
    await page.keyboard.press('ArrowDown');
    await question(page, wanted[1] ?? -1).waitFor();
    await list(page).press('Control+End');
    await question(page, wanted.at(-1) ?? -1).waitFor();
    assert.deepEqual(opened.records.errors, []);
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.locator('.found-count').waitFor({ state: 'detached' });
    assert.equal(await rows(page), '400');
    await list(page)
      .locator('[aria-selected=true]', { hasText: String(wanted.at(-1)) })
      .waitFor();
    assert.ok(host.asked.includes('listQuery zooms == 3 && step >= 2'), host.asked.join('\n'));
  });

  it('sorts by a header, turns round, and returns to the order of the file', async () => {
    const { opened } = await openWithHost(open, someSource(300));
    const { page } = opened;
    await question(page, 0).waitFor();
    const header = page.getByRole('columnheader', { name: 'Tokens' });
    const by = (sign: number): number[] =>
      Array.from({ length: 300 }, (_, i) => i).sort(
        (a, b) => sign * (((a * 37) % 91) - ((b * 37) % 91)) || a - b,
      );
    await header.getByRole('button').click();
    await page.locator('[role=columnheader][aria-sort=ascending]').waitFor();
    await page.waitForFunction(
      (wanted) => document.querySelector('#row-3 .row-index')?.textContent?.endsWith(wanted),
      String(by(1)[3]),
    );
    await header.getByRole('button').click();
    await page.locator('[role=columnheader][aria-sort=descending]').waitFor();
    await page.waitForFunction(
      (wanted) => document.querySelector('#row-3 .row-index')?.textContent?.endsWith(wanted),
      String(by(-1)[3]),
    );
    // The list begins at its top; what is shown beside it stays.
    await question(page, 0).waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await header.getByRole('button').click();
    await page.waitForFunction(() => !document.querySelector('[aria-sort=descending]'));
    await list(page).locator('#row-1 .row-index', { hasText: '1' }).waitFor();
    assert.match((await firstIndex(page)) ?? '', /0$/);
  });

  it('shows a mistake at its column, and leaves the list alone', async () => {
    const { opened } = await openWithHost(open, someSource(60));
    const { page } = opened;
    await question(page, 0).waitFor();
    await box(page).fill('zooms >= 2 && rewart < 1');
    await page.locator('.filter-problem', { hasText: 'Column 15' }).waitFor();
    assert.equal(await page.locator('.filter-place mark').textContent(), 'r');
    assert.equal(await box(page).getAttribute('aria-invalid'), 'true');
    assert.equal(await rows(page), '60');
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await box(page).fill('zooms >= 2');
    await page.locator('.filter-problem:empty').waitFor({ state: 'attached' });
    assert.equal(await rows(page), '36');
  });

  it('completes names, operators and values', async () => {
    const { opened } = await openWithHost(open, someSource(60));
    const { page } = opened;
    await question(page, 0).waitFor();
    await box(page).focus();
    await page.keyboard.type('zoo');
    const option = (name: string) => page.getByRole('option', { name, exact: false });
    await option('zooms').waitFor();
    assert.equal(await box(page).getAttribute('aria-expanded'), 'true');
    await page.keyboard.press('ArrowDown');
    const active = await box(page).getAttribute('aria-activedescendant');
    assert.match((await page.locator(`#${String(active)}`).textContent()) ?? '', /^zooms/);
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await page.keyboard.press('Enter');
    assert.equal(await box(page).inputValue(), 'zooms ');
    await page.getByRole('option', { name: '>=' }).click();
    assert.equal(await box(page).inputValue(), 'zooms >= ');
    await page.keyboard.type('4');
    await page.keyboard.press('Enter');
    await page.locator('.found-count', { hasText: '12 of 60' }).waitFor();
    await page.keyboard.type('?k');
    assert.equal(await page.locator('dialog[open]').count(), 0, 'keys of the page are letters in the box');
  });

  it('says when nothing fits, with the way back', async () => {
    const { opened } = await openWithHost(open, someSource(60));
    const { page } = opened;
    await question(page, 0).waitFor();
    await box(page).fill('nothing like this');
    await page.getByText('None of 60 rollouts fits the filter.').waitFor();
    assert.equal(await rows(page), '0');
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await page.locator('.found-none').getByText('Clear the filter').click();
    await page.waitForFunction(
      () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '60',
    );
    assert.equal(await box(page).inputValue(), '');
  });

  it('begins at the top when it is sorted, wherever the chosen rollout goes', async () => {
    const { opened } = await openWithHost(open, someSource(400));
    const { page } = opened;
    await question(page, 0).waitFor();
    await page.getByRole('columnheader', { name: '#' }).getByRole('button').click();
    await page.getByRole('columnheader', { name: '#' }).getByRole('button').click();
    await list(page).locator('#row-0', { hasText: '399' }).waitFor();
    assert.equal(await list(page).locator('[aria-selected=true]').count(), 0);
    await list(page).focus();
    await page.keyboard.press('k');
    await list(page).locator('#row-398[aria-selected=true]').waitFor();
  });

  it('narrows what somebody else has narrowed, and survives a reload', async () => {
    const filter = { label: 'step 3', ranges: [[150, 200]] as const };
    const { opened, host } = await openWithHost(open, someSource(400, { filter }));
    const { page } = opened;
    await question(page, 150).waitFor();
    await box(page).fill('zooms == 0');
    await page.waitForFunction(
      () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '10',
    );
    await page.locator('.filter-chip', { hasText: 'step 3' }).waitFor();
    await page.waitForFunction(() => sessionStorage.getItem('editor-state')?.includes('zooms == 0'));
    await opened.reload();
    await page.waitForFunction(
      () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '10',
    );
    assert.equal(await box(page).inputValue(), 'zooms == 0');
    await page.locator('.filter-chip').getByRole('button').click();
    await page.waitForFunction(
      () => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') === '80',
    );
    assert.ok(host.asked.includes('clearFilter'));
  });

  it('shows how far the log has been read, and stops that', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const { opened, host } = await openWithHost(open, someSource(60, { reading: () => held }));
    const { page } = opened;
    await question(page, 0).waitFor();
    await box(page).fill('zooms > 1');
    await page.getByText('Searching…').waitFor();
    await host.page.listReading({ records: 1234, done: 0.25 });
    await page.getByText('Reading 1,234 rollouts').waitFor();
    assert.equal(await page.getByRole('progressbar').getAttribute('value'), '0.25');
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await box(page).press('Escape');
    await page.getByRole('button', { name: 'Stop' }).click();
    assert.ok(host.asked.includes('stopReading'));
    release();
    await page.locator('.found-count', { hasText: 'of 60' }).waitFor();
  });

  it('shows the group of a rollout and goes through it', async () => {
    const siblings = (index: number): SiblingGroup => {
      const first = index - (index % 4);
      const rewards = [2, 0, 0.8, 2];
      return {
        count: 4,
        rows: rewards.map((reward, at) => ({
          index: first + at,
          correct: reward > 0,
          reward,
          advantage: (reward - 1.2) / 0.98,
        })),
        rewarded: 4,
        mean: 1.2,
        deviation: 0.98,
        isDead: first === 8,
        ...(index > first && { previous: index - 1 }),
        ...(index < first + 3 && { next: index + 1 }),
      };
    };
    const { opened } = await openWithHost(open, someSource(60, { siblings }));
    const { page } = opened;
    await question(page, 0).waitFor();
    const strip = page.getByRole('region', { name: 'Rollouts of the same group' });
    await strip.getByText('mean 1.2').waitFor();
    assert.equal(await strip.getByRole('button').count(), 4);
    await page.keyboard.press(']');
    await question(page, 1).waitFor();
    await strip.locator('[aria-current=true][aria-label*="record 1, wrong, reward 0"]').waitFor();
    await page.keyboard.press('[');
    await question(page, 0).waitFor();
    await strip.getByRole('button', { name: 'record 3' }).click();
    await question(page, 3).waitFor();
    assert.deepEqual(await opened.accessibilityProblems(), []);
    await list(page).locator('#row-8').click();
    await strip.getByText('Dead group').waitFor();
  });
});
