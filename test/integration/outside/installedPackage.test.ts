import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { thisTarget } from '../../../scripts/lib/targets.mjs';
import type { TestWorkbench } from '../../host/workbench';
import { startTestWorkbench } from '../../host/workbench';
import { PROJECT_ROOT } from '../../support/sources';

describe('the packaged extension, installed', () => {
  let folder: string;
  let editor: TestWorkbench | undefined;
  const manifest = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };

  before(async () => {
    execFileSync(process.execPath, ['scripts/package.mjs'], { cwd: PROJECT_ROOT, stdio: 'pipe' });
    folder = mkdtempSync(path.join(tmpdir(), 'installed-'));
    cpSync(path.join(PROJECT_ROOT, 'media/demo/samples'), folder, { recursive: true });
    const vsix = path.join(PROJECT_ROOT, 'out', `imcot-debugger-${thisTarget}-${manifest.version}.vsix`);
    editor = await startTestWorkbench({ folder, vsix });
  });
  after(async () => {
    await editor?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('rebuilds a crop with the image library that it carries', async () => {
    assert.ok(editor);
    await editor.open('scenes.imcot.jsonl');
    const frame = await editor.webview('[role=grid] [role=row]');
    const crop = frame.locator('img.crop-image').first();
    await crop.waitFor();
    const width = await crop.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth);
    assert.ok(width > 0);
  });

  it('brings an imcot command that runs from where it was unpacked', function () {
    if (process.platform === 'win32') this.skip();
    assert.ok(editor?.installed);
    const launcher = path.join(editor.installed, 'dist/bin/imcot');
    const printed = execFileSync(launcher, ['--version'], {
      encoding: 'utf8',
      env: { ...process.env, IMCOT_NODE: process.execPath },
    });
    assert.ok(printed.includes(manifest.version), printed);
  });
});
