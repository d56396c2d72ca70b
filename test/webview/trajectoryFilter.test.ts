import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import type { RowFilter } from '../../src/protocol/listView';
import { plainRollout } from './support/demoData';
import type { HostData } from './support/fakeHost';
import { openWithHost, readySource, rowOf } from './support/fakeHost';
import { usePages } from './support/page';

/** A source whose records tell their index; every 64 of them are a step. */
function steppedSource(records: number, more: Partial<HostData> = {}): HostData {
  const record = (index: number) =>
    plainRollout(index, { question: `Question number ${index}?`, step: Math.floor(index / 64) });
  return { source: readySource(records), record, row: (index) => rowOf(record(index)), ...more };
}

const STEP_46: RowFilter = { label: 'step 46', ranges: [[2944, 3008]] };
const list = (page: Page) => page.getByRole('grid');
const rows = (page: Page) => list(page).getAttribute('aria-rowcount');
const question = (page: Page, index: number) =>
  page.locator('.question-heading', { hasText: `Question number ${index}?` });
const chip = (page: Page) => page.locator('.filter-chip');

describe('the list narrowed to some records', function () {
  this.timeout(60_000);
  const open = usePages();

  it('has those alone, shows the first, and steps within them', async () => {
    const { opened, host } = await openWithHost(open, steppedSource(1_000_000));
    const { page } = opened;
    await question(page, 0).waitFor();
    assert.equal(await rows(page), '1000000');
    await host.page.showOnly(STEP_46);
    await question(page, 2944).waitFor();
    assert.match((await chip(page).textContent()) ?? '', /step 46\s*· 64 rollouts/);
    assert.equal(await rows(page), '64');
    await list(page).locator('.row-index', { hasText: '2,944' }).waitFor();
    assert.ok(host.asked.includes('rowsIn 2944-2994'), host.asked.join(', '));
    await page.keyboard.press('ArrowDown');
    await question(page, 2945).waitFor();
    await list(page).press('Control+End');
    await question(page, 3007).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await question(page, 3006).waitFor();
    assert.deepEqual(opened.records.errors, []);
    assert.deepEqual(await opened.accessibilityProblems(), []);
  });

  it('has all again when the chip is closed, and stays with what is shown', async () => {
    const { opened, host } = await openWithHost(open, steppedSource(5000, { filter: STEP_46 }));
    const { page } = opened;
    await question(page, 2944).waitFor();
    await chip(page).getByRole('button', { name: 'Show all rollouts' }).click();
    await chip(page).waitFor({ state: 'detached' });
    assert.equal(await rows(page), '5000');
    assert.ok(host.asked.includes('clearFilter'));
    await list(page).locator('[aria-selected=true] .row-index', { hasText: '2,944' }).waitFor();
    await page.keyboard.press('ArrowUp');
    await question(page, 2943).waitFor();
    await page.waitForFunction(() => !sessionStorage.getItem('editor-state')?.includes('"filter"'));
  });

  it('is the same after a reload', async () => {
    const { opened, host } = await openWithHost(open, steppedSource(5000));
    const { page } = opened;
    await question(page, 0).waitFor();
    await host.page.showOnly(STEP_46);
    await question(page, 2944).waitFor();
    await page.keyboard.press('ArrowDown');
    await question(page, 2945).waitFor();
    await page.waitForFunction(() => sessionStorage.getItem('editor-state')?.includes('"selected":2945'));
    await opened.reload();
    await question(page, 2945).waitFor();
    assert.equal(await rows(page), '64');
    await chip(page).waitFor();
  });

  it('takes in records as they become known while the file is read', async () => {
    const indexing = (records: number) =>
      readySource(records, { complete: records === 5000, indexed: records / 5000 });
    const { opened, host } = await openWithHost(open, {
      ...steppedSource(5000),
      source: indexing(100),
      filter: STEP_46,
    });
    const { page } = opened;
    await chip(page).filter({ hasText: '0 of 64 rollouts' }).waitFor();
    assert.equal(await rows(page), '0');
    await host.page.sourceChanged(indexing(2950));
    await chip(page).filter({ hasText: '6 of 64 rollouts' }).waitFor();
    await question(page, 2944).waitFor();
    assert.equal(await rows(page), '6');
    await host.page.sourceChanged(indexing(5000));
    await chip(page).filter({ hasText: '· 64 rollouts' }).waitFor();
    assert.equal(await rows(page), '64');
    await list(page).press('Control+End');
    await question(page, 3007).waitFor();
  });

  it('gives way to a record outside of it that is to be shown, and to another file', async () => {
    const { opened, host } = await openWithHost(open, steppedSource(5000, { filter: STEP_46 }));
    const { page } = opened;
    await question(page, 2944).waitFor();
    await host.page.show(2950);
    await question(page, 2950).waitFor();
    assert.equal(await rows(page), '64');
    await host.page.show(7);
    await question(page, 7).waitFor();
    assert.equal(await rows(page), '5000');
    await host.page.showOnly(STEP_46);
    await chip(page).waitFor();
    await host.page.sourceChanged(readySource(4000, { generation: 2 }));
    await question(page, 0).waitFor();
    assert.equal(await chip(page).count(), 0);
  });

  it('leads to the step on the curves', async () => {
    const { opened, host } = await openWithHost(open, steppedSource(5000, { filter: STEP_46 }));
    const { page } = opened;
    await page.getByRole('button', { name: 'Step 46 in the curves' }).click();
    for (
      const end = Date.now() + 5000;
      !host.asked.includes('showInCurves 2944');
      await page.waitForTimeout(10)
    )
      assert.ok(Date.now() < end, host.asked.join(', '));
  });
});
