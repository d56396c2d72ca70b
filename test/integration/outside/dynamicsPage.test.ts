import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Frame, Locator } from 'playwright-core';
import type { TestWorkbench } from '../../host/workbench';
import { startTestWorkbench } from '../../host/workbench';
import { verlConsole } from '../../support/curveFiles';
import { PROJECT_ROOT } from '../../support/sources';
import { zoomRun } from '../../support/zoomRun';
import { figureCurves } from '../support/curves';

const SHOW = 'iMCoT: Show Training Dynamics';
/** Rollouts of each step. */
const PER_STEP = 8;

/** What a function that runs in the page finds there. */
interface BrowserGlobals {
  readonly DOMParser: new () => {
    parseFromString(
      text: string,
      type: string,
    ): {
      querySelector(selector: string): { readonly textContent: string | null } | null;
      readonly documentElement: { readonly localName: string };
    };
  };
}

describe('the dynamics page in the workbench', function () {
  this.timeout(120_000);
  let folder: string;
  let workbench: TestWorkbench;
  const violations: string[] = [];
  const curves = figureCurves(PROJECT_ROOT);
  const lines = verlConsole(curves).split(/(?<=\n)/);
  const inFolder = (...names: string[]): string => path.join(folder, ...names);

  before(async function () {
    this.timeout(120_000);
    folder = mkdtempSync(path.join(tmpdir(), 'dynamics-page-'));
    for (const name of ['first', 'second']) {
      mkdirSync(inFolder('runs', name), { recursive: true });
      writeFileSync(inFolder('runs', name, 'train.log'), verlConsole(curves));
    }
    mkdirSync(inFolder('zooming'));
    const { log, rollouts } = zoomRun(PER_STEP);
    writeFileSync(inFolder('zooming', 'zooming.log'), log);
    writeFileSync(inFolder('zooming', 'rollouts.imcot.jsonl'), rollouts);
    writeFileSync(inFolder('growing.log'), lines.slice(0, 80).join(''));
    // Wide enough for the curves, the rollouts with their list beside them, and the tree of files.
    workbench = await startTestWorkbench({ folder, viewport: { width: 2400, height: 900 } });
    workbench.page.on('console', (message) => {
      if (/Content Security Policy/i.test(message.text()) && /fake\.html/.test(message.location().url))
        violations.push(message.text());
    });
  });
  after(async () => {
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot('dynamics-page-failed');
  });

  const openCurves = async (name: string): Promise<Frame> => {
    await workbench.open(name);
    await workbench.page.locator('.tab.active', { hasText: path.basename(name) }).waitFor();
    await workbench.run(SHOW);
    return workbench.webview('.chart .plot canvas');
  };
  const stageTitles = (frame: Frame): Locator => frame.locator('.stage-title');
  const boxOf = async (element: Locator): Promise<{ x: number; y: number; width: number; height: number }> =>
    (await element.boundingBox()) ?? assert.fail('it is not drawn');
  /** Presses the plot of the first chart where a step is; the titles of the stages stand over all 80. */
  const pressStep = async (frame: Frame, step: number): Promise<void> => {
    const { x: left } = await boxOf(stageTitles(frame).first());
    const last = await boxOf(stageTitles(frame).last());
    const plot = await boxOf(frame.locator('.chart .plot').first());
    const right = last.x + last.width;
    await workbench.page.mouse.click(left + (step / 79) * (right - left), plot.y + plot.height / 2);
  };
  /** Takes what the dialog that asks where to save suggests; in a browser it is the workbench's own. */
  const acceptFile = async (file: string): Promise<void> => {
    const input = workbench.page.locator('.quick-input-widget input.input');
    await input.waitFor();
    // It opens before it has its words.
    for (const end = Date.now() + 15_000; (await input.inputValue()) !== file;)
      assert.ok(Date.now() < end, `it suggests ${await input.inputValue()}`);
    await input.press('Enter');
  };

  it('draws the curves of the paper with its stages, and smooths them', async () => {
    const frame = await openCurves('zooming.log');
    await frame.locator('.heat:not([hidden])').waitFor();
    await frame.locator('.stage-card', { hasText: 'High-frequency zooming' }).waitFor();
    const names = await stageTitles(frame).allTextContents();
    assert.deepEqual(
      names.map((name) => name.replace(/^\d\s*/, '')),
      ['Initial exploration', 'High-frequency zooming', 'Efficient exploitation'],
    );
    const titles = await frame.locator('.chart-title').allTextContents();
    assert.deepEqual(titles, ['Zoom count', 'Response length', 'Grounding IoU', 'Accuracy']);
    const average = frame.locator('.chart-value').first();
    const before = await average.textContent();
    await frame.getByRole('slider', { name: /smoothing/i }).fill('0.9');
    for (const end = Date.now() + 15_000; (await average.textContent()) === before;)
      assert.ok(Date.now() < end, `the average stays ${before}`);
  });

  it('leads from a point to the rollouts of its step, and back', async () => {
    const frame = await workbench.webview('.chart .plot canvas');
    await pressStep(frame, 46);
    await frame.getByRole('button', { name: `Open the ${PER_STEP} rollouts of this step` }).click();
    const rollouts = await workbench.webview(`[role=grid][aria-rowcount="${PER_STEP}"] [role=row]`);
    await rollouts.locator('body', { hasText: 'step 46' }).waitFor();
    await rollouts.locator('[role=grid]').focus();
    await rollouts.getByRole('button', { name: 'Step 46 in the curves' }).click();
    const marked = await workbench.webview('.chart .plot canvas');
    await marked.getByText('Step 46', { exact: true }).first().waitFor();
  });

  it('writes a drawing of the charts', async () => {
    const frame = await workbench.webview('.chart .plot canvas');
    await frame.getByRole('button', { name: 'Export' }).click();
    await frame.getByRole('menuitem', { name: /^SVG/ }).click();
    const file = inFolder('zooming', 'zooming.svg');
    await acceptFile(file);
    for (const end = Date.now() + 20_000; !existsSync(file); await workbench.page.waitForTimeout(50))
      assert.ok(Date.now() < end, 'nothing was written');
    const svg = readFileSync(file, 'utf8');
    const problem = await workbench.page.evaluate((text) => {
      const { DOMParser: Parser } = globalThis as unknown as BrowserGlobals;
      const parsed = new Parser().parseFromString(text, 'image/svg+xml');
      return parsed.querySelector('parsererror')?.textContent ?? parsed.documentElement.localName;
    }, svg);
    assert.equal(problem, 'svg');
    for (const words of ['Zoom count', 'High-frequency zooming', '<path'])
      assert.ok(svg.includes(words), words);
  });

  it('follows a log that grows, and lists its values', async () => {
    await workbench.run('View: Close All Editors');
    const frame = await openCurves('growing.log');
    await frame.locator('body', { hasText: '40 steps' }).waitFor();
    await frame.getByRole('button', { name: 'Table' }).click();
    const grid = frame.getByRole('grid', { name: 'Values by step' });
    await grid.locator('xpath=self::*[@aria-rowcount="41"]').waitFor();
    assert.deepEqual(
      (await grid.getByRole('columnheader').allTextContents()).map((words) => words.slice(0, 8)),
      ['Step', 'Tool cal', 'Response', 'Groundin'],
    );
    appendFileSync(inFolder('growing.log'), lines.slice(80).join(''));
    await grid.locator('xpath=self::*[@aria-rowcount="81"]').waitFor({ timeout: 15_000 });
    await frame.locator('body', { hasText: '80 steps' }).waitFor();
  });

  it('brings the panel of a folder back after the window was reloaded', async () => {
    await workbench.run('View: Close All Editors');
    await workbench.run('View: Show Explorer');
    const row = workbench.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'runs' });
    await row.click({ button: 'right' });
    const item = workbench.page.locator('.monaco-menu .action-item', { hasText: 'Show Training Dynamics' });
    await item.waitFor();
    // A menu takes no press in the moment in which it opens.
    for (const end = Date.now() + 15_000; await item.isVisible(); await workbench.page.waitForTimeout(200)) {
      assert.ok(Date.now() < end, 'the menu stays open');
      await item.click({ timeout: 2000 }).catch(() => undefined);
    }
    const frame = await workbench.webview('.boundary-table');
    assert.equal(await frame.locator('.run-list li').count(), 2);
    // What a page remembers is written a moment later.
    await workbench.page.waitForTimeout(500);
    await workbench.run('Developer: Reload Window');
    for (const end = Date.now() + 20_000; !frame.isDetached(); await workbench.page.waitForTimeout(50))
      assert.ok(Date.now() < end, 'the window was not reloaded');
    await workbench.page.locator('.tab.active', { hasText: 'runs' }).waitFor({ timeout: 60_000 });
    await row.waitFor({ timeout: 60_000 });
    const again = await workbench.webview('.boundary-table');
    assert.equal(await again.locator('.run-list li').count(), 2);
  });

  it('met nothing that its policy forbids', () => {
    assert.deepEqual(violations, []);
  });
});
