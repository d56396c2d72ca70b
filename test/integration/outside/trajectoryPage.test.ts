import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from 'playwright-core';
import type { TestWorkbench } from '../../host/workbench';
import { startTestWorkbench } from '../../host/workbench';
import { PROJECT_ROOT } from '../../support/sources';
import { writePicture } from '../support/samples';

const FIXTURE = 'result_direct_attributes_tmp_acc.jsonl';
const REAL = path.join(PROJECT_ROOT, 'test/fixtures/deepeyes-vstar', FIXTURE);
const OPEN = 'iMCoT: Open as iMCoT Trajectories';

/** The size of the photograph that the first record is about, as far as its boxes tell. */
const PICTURE = { width: 1500, height: 1200 };

async function waitUntil(probe: () => boolean, limitMs = 20_000): Promise<void> {
  for (const end = Date.now() + limitMs; !probe(); await delay(50)) {
    assert.ok(Date.now() < end, `did not happen within ${limitMs} ms: ${probe.toString()}`);
  }
}

describe('the trajectory page in the workbench', () => {
  let folder: string;
  let workbench: TestWorkbench;
  const violations: string[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'page-'));
    copyFileSync(REAL, path.join(folder, FIXTURE));
    await writePicture(path.join(folder, 'sa_30411.jpg'), PICTURE.width, PICTURE.height);
    const lines = readFileSync(REAL, 'utf8').split('\n').slice(0, 2);
    writeFileSync(
      path.join(folder, 'broken.jsonl'),
      `${lines[0]}\n{"image": "x.jpg", "pred_out\n${lines[1]}\n`,
    );
    writeFileSync(path.join(folder, 'prose.jsonl'), 'Dear reader,\nthis is no log.\n');
    workbench = await startTestWorkbench({ folder });
    workbench.page.on('console', (message) => {
      if (
        /Content Security Policy/i.test(message.text()) &&
        /trajectory|fake\.html/.test(message.location().url)
      ) {
        violations.push(message.text());
      }
    });
  });
  after(async () => {
    await workbench?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const openInEditor = async (name: string, selector: string): Promise<Frame> => {
    await workbench.open(name);
    await workbench.page.locator('.tab.active', { hasText: name }).waitFor();
    await workbench.run(OPEN);
    return workbench.webview(selector);
  };
  const selectedRow = (frame: Frame): Promise<string | null> =>
    frame.locator('[role=grid] [role=row][aria-selected=true]').getAttribute('aria-rowindex');
  const selectedPart = (frame: Frame): Promise<string | null> =>
    frame.locator('[role=treeitem][aria-selected=true]').first().getAttribute('data-part');

  it('lists 115 rollouts, and draws the crop of the first', async () => {
    const frame = await openInEditor(FIXTURE, '[role=grid][aria-rowcount="115"]');
    await frame.locator('[role=grid] [role=row]').first().waitFor();
    assert.equal(await selectedRow(frame), '1');
    const crop = frame.locator('img.crop-image').first();
    await crop.waitFor();
    const size = await crop.evaluate((image) => {
      const { naturalWidth, naturalHeight } = image as unknown as Record<string, number>;
      return [naturalWidth, naturalHeight];
    });
    assert.deepEqual(size, [22, 12]);
    await workbench.screenshot('trajectory-page');
  });

  it('steps through a rollout with the keyboard alone', async () => {
    const frame = await workbench.webview('[role=grid][aria-rowcount="115"]');
    const { keyboard } = workbench.page;
    await frame.locator('[role=grid]').focus();
    await keyboard.press('j');
    await frame.locator('[role=row][aria-rowindex="2"][aria-selected=true]').waitFor();
    await keyboard.press('k');
    await frame.locator('[role=row][aria-rowindex="1"][aria-selected=true]').waitFor();
    await frame.locator('[role=tree], [role=treeitem]').first().waitFor();
    const parts = await frame.locator('[role=treeitem][data-part]').count();
    assert.ok(parts >= 4, `only ${parts} parts`);
    const visited: number[] = [];
    for (let step = 1; step < parts; step++) {
      await keyboard.press('ArrowLeft');
      visited.push(Number(await selectedPart(frame)));
    }
    const first = visited.at(-1) ?? -1;
    assert.deepEqual(
      visited,
      visited.map((_, i) => first + visited.length - 1 - i),
      'one part at a time',
    );
    await keyboard.press('ArrowRight');
    assert.equal(await selectedPart(frame), String(first + 1));
  });

  it('comes back where it was after the window was reloaded', async () => {
    let frame = await workbench.webview('[role=grid][aria-rowcount="115"]');
    await frame.locator('[role=grid]').focus();
    await workbench.page.keyboard.press('j');
    await workbench.page.keyboard.press('j');
    await frame.locator('[role=row][aria-rowindex="3"][aria-selected=true]').waitFor();
    await frame.locator('[role=treeitem]').nth(2).waitFor();
    await workbench.page.keyboard.press('ArrowLeft');
    await workbench.page.keyboard.press('ArrowLeft');
    const part = await selectedPart(frame);
    // What a page remembers is written a moment later.
    await workbench.page.waitForTimeout(500);
    await workbench.run('Developer: Reload Window');
    await waitUntil(() => frame.isDetached());
    frame = await workbench.webview('[role=row][aria-rowindex="3"][aria-selected=true]');
    await frame.locator(`[role=treeitem][data-part="${part}"][aria-selected=true]`).waitFor();
  });

  it('shows the reason of a broken record', async () => {
    const frame = await openInEditor('broken.jsonl', '[role=grid][aria-rowcount="3"]');
    // Beside the row's own button, which leads to the file.
    await frame.locator('[role=row][aria-rowindex="2"]').click({ position: { x: 12, y: 12 } });
    const row = frame.locator('[role=row][aria-rowindex="2"]');
    assert.match((await row.textContent()) ?? '', /byte/);
    await workbench.screenshot('broken-record');
  });

  it('says what is wrong with a file of another kind', async () => {
    const frame = await openInEditor('prose.jsonl', '.message');
    assert.match((await frame.locator('body').innerText()) ?? '', /prose\.jsonl/);
  });

  it('met nothing that its policy forbids', () => {
    assert.deepEqual(violations, []);
  });
});
