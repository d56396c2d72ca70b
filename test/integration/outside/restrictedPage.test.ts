import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestWorkbench } from '../../host/workbench';
import { startTestWorkbench } from '../../host/workbench';
import { PROJECT_ROOT } from '../../support/sources';
import { lineWithImage, writePicture } from '../support/samples';

const REAL = path.join(PROJECT_ROOT, 'test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl');
const LONG_AGO = new Date('2001-01-01T00:00:00Z');

describe('the trajectory page in a restricted workspace', () => {
  let folder: string;
  let outside: string;
  let workbench: TestWorkbench;
  const picture = (): string => path.join(outside, 'configured.png');

  before(async function () {
    this.timeout(120_000);
    outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
    await writePicture(picture(), 1500, 1200);
    folder = mkdtempSync(path.join(tmpdir(), 'restricted-page-'));
    mkdirSync(path.join(folder, '.vscode'));
    writeFileSync(
      path.join(folder, '.vscode/settings.json'),
      JSON.stringify({
        'imcot.imageRoots': [outside],
        'workbench.editorAssociations': { '*.jsonl': 'imcot.trajectory' },
      }),
    );
    writeFileSync(path.join(folder, 'log.jsonl'), `${lineWithImage(REAL, 'configured.png')}\n`);
    utimesSync(picture(), LONG_AGO, statSync(picture()).mtime);
    workbench = await startTestWorkbench({ folder, trust: true });
  });
  after(async () => {
    await workbench?.close();
    for (const place of [folder, outside]) rmSync(place, { recursive: true, force: true });
  });

  it('shows the log without its image, and the image once trust is granted', async function () {
    this.timeout(120_000);
    await workbench.open('log.jsonl');
    let frame = await workbench.webview('[role=grid][aria-rowcount="1"]');
    await frame.locator('[role=treeitem]').nth(2).waitFor();
    await frame.locator('body', { hasText: 'No such image was found' }).waitFor();
    assert.equal(await frame.locator('img.crop-image').count(), 0);
    assert.equal(statSync(picture()).atimeMs, LONG_AGO.getTime(), 'the image outside was read');
    await workbench.grantTrust();
    await workbench.open('log.jsonl');
    frame = await workbench.webview('img.crop-image');
    const width = await frame
      .locator('img.crop-image')
      .first()
      .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
    assert.equal(width, 22);
    assert.ok(statSync(picture()).atimeMs > LONG_AGO.getTime(), 'this file system notes reads');
  });
});
