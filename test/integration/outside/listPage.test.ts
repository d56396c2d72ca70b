import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import type { TestWorkbench } from '../../host/workbench';
import { startTestWorkbench } from '../../host/workbench';
import { numberWords } from '../../../src/webview/trajectory/words';
import { GROUP_SIZE, groupedRollout, writeGroupedDump } from '../../support/groupedDump';
import { boardLine } from '../../support/rolloutLog';

const COUNT = 1600;
// Opens in the trajectory editor by its name.
const LOG = 'groups.imcot.jsonl';

/** How many of the first rollouts a test holds for. */
const counted = (count: number, test: (rollout: ReturnType<typeof groupedRollout>) => boolean): number =>
  Array.from({ length: count }, (_, index) => groupedRollout(index)).filter(test).length;

const rows = (count: number): string => `[role=grid][aria-rowcount="${count}"]`;

describe('the list in the workbench', function () {
  this.timeout(60_000);
  let folder: string;
  let workbench: TestWorkbench;
  let frame: Frame;

  before(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(path.join(tmpdir(), 'list-page-'));
    await writeGroupedDump(path.join(folder, LOG), COUNT);
    workbench = await startTestWorkbench({ folder });
    await workbench.open(LOG);
    await workbench.page.locator('.tab.active', { hasText: LOG }).waitFor();
    frame = await workbench.webview(rows(COUNT));
  });
  after(async () => {
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot('list-page-failed');
  });

  const box = () => frame.getByRole('combobox', { name: 'Filter rollouts' });
  const firstRow = (index: number) =>
    frame.locator(`#row-0 .row-index[title="record ${numberWords(index)}"]`);

  it('is filtered by an expression that is typed', async () => {
    await frame.locator('[role=grid]').focus();
    await workbench.page.keyboard.press('/');
    await workbench.page.keyboard.type('zooms >= 2 && reward < 1');
    await workbench.page.keyboard.press('Enter');
    await frame.locator(rows(counted(COUNT, ({ zooms, reward }) => zooms >= 2 && reward < 1))).waitFor();
    await workbench.screenshot('list-filtered');
  });

  it('says what is wrong with an expression, at its column', async () => {
    await box().fill('zooms >= 2 && rewart < 1');
    await frame.locator('.filter-problem', { hasText: 'Column 15' }).waitFor();
    await workbench.screenshot('list-mistake');
  });

  it('is sorted by a column', async () => {
    await box().fill('reward > 0');
    await box().press('Enter');
    await frame.locator(rows(counted(COUNT, ({ reward }) => reward > 0))).waitFor();
    await frame.getByRole('columnheader', { name: 'Reward' }).getByRole('button').click();
    await frame.locator('[role=columnheader][aria-sort=ascending]').waitFor();
    await frame.locator('#row-0', { hasText: '0.8' }).waitFor();
    await frame.getByRole('columnheader', { name: 'Reward' }).getByRole('button').click();
    await frame.locator('[role=columnheader][aria-sort=descending]').waitFor();
    await frame.locator('#row-0', { hasText: /2\.0|\b2\b/ }).waitFor();
    await workbench.screenshot('list-sorted');
  });

  it('goes through the rollouts of a group on keys', async () => {
    await box().fill('');
    await box().press('Enter');
    await frame.getByRole('columnheader', { name: 'Reward' }).getByRole('button').click();
    await frame.locator(rows(COUNT)).waitFor();
    await frame.locator('[role=grid]').focus();
    await workbench.page.keyboard.press('Control+Home');
    await frame.locator('#row-0[aria-selected=true]').waitFor();
    const strip = frame.getByRole('region', { name: 'Rollouts of the same group' });
    await strip.getByText(`reward, ${GROUP_SIZE} rollouts`).waitFor();
    await workbench.page.keyboard.press(']');
    await frame.locator('#row-1[aria-selected=true]').waitFor();
    await workbench.page.keyboard.press('[');
    await frame.locator('#row-0[aria-selected=true]').waitFor();
    await workbench.screenshot('list-siblings');
  });

  it('keeps its filter and its order when the window is reloaded, and follows a file that grows', async function () {
    this.timeout(120_000);
    const matches = ({ zooms }: { zooms: number }): boolean => zooms === 3;
    await box().fill('zooms == 3');
    await box().press('Enter');
    await frame.locator(rows(counted(COUNT, matches))).waitFor();
    await frame.getByRole('columnheader', { name: 'Tokens' }).getByRole('button').click();
    await frame.locator('[role=columnheader][aria-sort=ascending]').waitFor();
    // The rows stand in their old order until the new one is known.
    const shortest = Array.from({ length: COUNT }, (_, index) => index)
      .filter((index) => matches(groupedRollout(index)))
      .reduce((best, index) => (groupedRollout(index).tokens! < groupedRollout(best).tokens! ? index : best));
    await firstRow(shortest).waitFor();
    // What a page remembers is written a moment later.
    await workbench.page.waitForTimeout(500);
    const old = frame;
    await workbench.run('Developer: Reload Window');
    for (const end = Date.now() + 20_000; !old.isDetached() && Date.now() < end;)
      await workbench.page.waitForTimeout(50);
    const filtered = rows(counted(COUNT, matches));
    // A window that is loaded again may take longer than one look.
    frame = await workbench.webview(filtered).catch(() => workbench.webview(filtered));
    await frame.locator('[role=columnheader][aria-sort=ascending]', { hasText: 'Tokens' }).waitFor();
    assert.equal(await box().inputValue(), 'zooms == 3');
    await frame.locator('[role=grid]').focus();
    await workbench.page.keyboard.press('Control+Home');
    await firstRow(shortest).waitFor();
    const more = Array.from({ length: 400 }, (_, at) => `${boardLine(groupedRollout(COUNT + at))}\n`);
    appendFileSync(path.join(folder, LOG), more.join(''));
    await frame.locator(rows(counted(COUNT + 400, matches))).waitFor({ timeout: 30_000 });
  });
});
