import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import sharp from 'sharp';
import type { TestWorkbench } from '../../host/workbench';
import { runCommand } from '../../host/driver.mjs';
import { startTestWorkbench } from '../../host/workbench';
import { groupedRollout, writeGroupedDump } from '../../support/groupedDump';
import { PROJECT_ROOT } from '../../support/sources';
import { lineWithImage, writePicture } from '../support/samples';

const REAL = path.join(PROJECT_ROOT, 'test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl');
const SAMPLES = path.join(PROJECT_ROOT, 'media/demo/samples');
const LOG = 'one.imcot.jsonl';
const LONG = 'long.imcot.jsonl';
const COUNT = 20_000;
/** Many times what filter and order of so many rollouts may take: a guard against hangs, in milliseconds. */
const MOST_MS = 10_000;

describe('reading in the workbench', function () {
  this.timeout(60_000);
  let folder: string;
  let workbench: TestWorkbench;
  let frame: Frame;
  const inFolder = (...names: string[]): string => path.join(folder, ...names);

  before(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(path.join(tmpdir(), 'reading-page-'));
    await writePicture(inFolder('photo.png'), 1500, 1200);
    writeFileSync(inFolder(LOG), `${lineWithImage(REAL, 'photo.png')}\n`);
    await writeGroupedDump(inFolder(LONG), COUNT);
    cpSync(SAMPLES, inFolder('samples'), { recursive: true });
    workbench = await startTestWorkbench({ folder });
    await workbench.open(LOG);
    frame = await workbench.webview('img.crop-image');
  });
  after(async () => {
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot('reading-page-failed');
  });

  const press = (key: string): Promise<void> => workbench.page.keyboard.press(key);
  const until = async (what: string, probe: () => Promise<boolean> | boolean): Promise<void> => {
    for (const end = Date.now() + 20_000; !(await probe()); await workbench.page.waitForTimeout(50))
      assert.ok(Date.now() < end, `${what} did not happen`);
  };

  it('goes through the coordinate frames by a key', async () => {
    await frame.locator('[role=tree]').focus();
    const current = frame.locator('.frame-switch [role=radio][aria-checked=true]');
    const first = await current.innerText();
    await press('f');
    await until('another frame', async () => (await current.innerText()) !== first);
    await press('Shift+F');
    await until('the first frame', async () => (await current.innerText()) === first);
  });

  it('plays and pauses by Space', async () => {
    await frame.locator('[role=tree]').focus();
    await press('Home');
    const cursor = frame.getByRole('slider', { name: 'Replay cursor' });
    const at = (): Promise<string | null> => cursor.getAttribute('aria-valuenow');
    const start = await at();
    await press(' ');
    await frame.getByRole('button', { name: 'Pause (Space)' }).waitFor();
    await until('the next part', async () => (await at()) !== start);
    await press(' ');
    await frame.getByRole('button', { name: 'Play (Space)' }).waitFor();
  });

  it('finds by Ctrl+F in the rollout, not by the workbench', async () => {
    await frame.locator('[role=tree]').focus();
    await press('Control+f');
    const box = frame.getByRole('textbox', { name: 'Find in the rollout' });
    await box.waitFor();
    await workbench.page.keyboard.type('cap');
    await frame.locator('.find-count', { hasText: /1 of \d+/ }).waitFor();
    assert.equal(await workbench.page.locator('.simple-find-part.visible, .find-widget.visible').count(), 0);
    await workbench.screenshot('reading-find');
    await press('Escape');
    await box.waitFor({ state: 'hidden' });
  });

  it('saves a crop as large as the model saw it', async () => {
    await workbench.open('scenes.imcot.jsonl');
    await until('the other log', async () => {
      frame = await workbench.webview('img.crop-image');
      return (
        (await frame
          .locator('[role=grid][aria-rowcount="1"]')
          .count()
          .catch(() => 1)) === 0
      );
    });
    const save = frame.locator('.crop-tools [title^="Save Crop"]').first();
    const [, width, height] = /\((\d+) × (\d+) px/.exec((await save.getAttribute('title')) ?? '') ?? [];
    assert.ok(Number(width) > 0, 'it is known how large the model saw it');
    await save.click();
    const input = workbench.page.locator('.quick-input-widget input.input');
    await input.waitFor();
    await until('a name is offered', async () => (await input.inputValue()).endsWith('.png'));
    const file = await input.inputValue();
    assert.equal(path.dirname(file), inFolder('samples'));
    await input.press('Enter');
    await until('the file is there', () => existsSync(file));
    const { format, ...size } = await sharp(readFileSync(file)).metadata();
    assert.deepEqual([format, size.width, size.height], ['png', Number(width), Number(height)]);
    await frame.getByText('Crop saved').first().waitFor({ state: 'attached' });
  });

  it('copies a crop, or says why it can not', async () => {
    await frame
      .getByRole('button', { name: /^Copy Image/ })
      .first()
      .click();
    const words = frame.getByText(/Image copied|could not be copied .*save the crop instead/);
    await words.first().waitFor({ state: 'attached' });
  });

  it('filters and sorts 20,000 rollouts, and sorts them anew by another formula', async function () {
    this.timeout(180_000);
    await workbench.open(LONG);
    frame = await workbench.webview(`[role=grid][aria-rowcount="${COUNT}"]`);
    const wanted = Array.from({ length: COUNT }, (_, index) => ({ ...groupedRollout(index), index })).filter(
      ({ zooms, reward }) => zooms >= 2 && reward < 1,
    );
    const box = frame.getByRole('combobox', { name: 'Filter rollouts' });
    // The first expression has all of the log read, which takes its time once.
    await box.fill('tokens < 0');
    await box.press('Enter');
    await frame.locator('[role=grid][aria-rowcount="0"]').waitFor({ timeout: 120_000 });
    const begun = Date.now();
    await box.fill('zooms >= 2 && reward < 1');
    await box.press('Enter');
    await frame.locator(`[role=grid][aria-rowcount="${wanted.length}"]`).waitFor();
    const filtered = Date.now();
    const header = frame.getByRole('columnheader', { name: 'Reward' });
    await header.getByRole('button').click();
    await frame.locator('[role=columnheader][aria-sort=ascending]', { hasText: 'Reward' }).waitFor();
    await frame.locator('#row-0', { hasText: /[-−]0\.2/ }).waitFor();
    const sorted = Date.now();
    await frame.getByRole('combobox', { name: 'Reward formula' }).selectOption('deepeyes-math');
    // By the checks of that one no answer of the dump is right, so that the filter lets through all that zoom.
    const zooming = Array.from({ length: COUNT }, (_, index) => groupedRollout(index)).filter(
      ({ zooms }) => zooms >= 2,
    );
    await frame.locator(`[role=grid][aria-rowcount="${zooming.length}"]`).waitFor();
    await frame.locator('#row-0', { hasText: /[-−]0\.4/ }).waitFor();
    const again = Date.now();
    const took = { filter: filtered - begun, sort: sorted - filtered, formula: again - sorted };
    for (const [name, ms] of Object.entries(took)) assert.ok(ms < MOST_MS, `${name} took ${ms} ms`);
    await workbench.screenshot('reading-formula');
  });

  it('lists the sample logs in the view of runs', async () => {
    await workbench.run('iMCoT: Focus on Runs View');
    const rows = workbench.page.locator('.pane-body .monaco-list-row');
    for (const name of ['result_direct_attributes_demo', 'rollout_data_rank0'])
      await rows.filter({ hasText: name }).first().waitFor();
    await workbench.screenshot('reading-runs');
  });

  it('opens the walkthrough with its pictures', async () => {
    const { page } = workbench;
    await runCommand(page, 'Welcome: Open Walkthrough...', { asks: true });
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'iMCoT' }).first().click();
    const walkthrough = page.locator('.gettingStartedContainer');
    const step = walkthrough.locator('.getting-started-step', { hasText: /Read a rollout|Read/ }).first();
    await step.waitFor();
    await step.click();
    // A step that is chosen is drawn in a frame of its own, which may take the place of another.
    await until('its picture', async () => {
      const shown = await workbench.webview('img[src*="rollout.png"]');
      const picture = shown.locator('img[src*="rollout.png"]').first();
      return picture
        .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth > 0)
        .catch(() => false);
    });
    await workbench.screenshot('reading-walkthrough');
  });
});
