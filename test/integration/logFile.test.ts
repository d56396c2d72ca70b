import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { waitFor } from '../host/inside';
import { activatedExtension, closeEditors } from './support/editors';

describe('the log-file viewer', () => {
  let folder: string;
  let file: string;
  const lines = Array.from({ length: 2000 }, (_, at) => `step:${at} - actor/loss:0.5 - reward:1.0\n`).join(
    '',
  );

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'log-viewer-'));
    file = path.join(folder, 'console.log');
    writeFileSync(file, lines);
    // A hole, as long as a large log: it takes no room on the disk.
    truncateSync(file, 10_000_000_000);
  });
  after(async () => {
    await closeEditors();
    rmSync(folder, { recursive: true, force: true });
  });

  it('opens a file of 10 GB at bytes by its command, and reads its rows from any place', async function () {
    this.timeout(40_000);
    const start = lines.indexOf('step:1046 ');
    await vscode.commands.executeCommand('imcot.openLogFile', vscode.Uri.file(file), {
      start,
      end: start + 20,
    });
    const { logFiles } = await activatedExtension();
    const { session } = await waitFor('the viewer', () => logFiles().find(({ uri }) => uri.fsPath === file));
    const view = await session.ready();
    assert.equal(view.status, 'ready');
    const [row] = (await session.rows(start, 0, 1)).rows;
    assert.deepEqual(
      [row?.text, row?.mark],
      ['step:1046 - actor/loss:0.5 - reward:1.0', { kind: 'step', step: 1046 }],
    );
    const last = await session.rows(9_999_999_999, 0, 1);
    assert.equal(last.rows[0]?.next, 10_000_000_000);
  });
});
