import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import * as vscode from 'vscode';
import { waitFor, workspacePath } from '../host/inside';
import { activatedExtension } from './support/editors';

describe('the integrated terminal', () => {
  it('runs imcot', async () => {
    await activatedExtension();
    const output = workspacePath('imcot-version.txt');
    rmSync(output, { force: true });
    const terminal = vscode.window.createTerminal({ name: 'imcot', cwd: workspacePath() });
    try {
      // Nothing but a line that every shell understands; the folder has no blanks in front of the file's name.
      terminal.sendText('imcot --version > imcot-version.txt');
      const version = await waitFor(
        'the version being printed',
        () => (existsSync(output) ? readFileSync(output, 'utf8').trim() : '') || undefined,
        20_000,
      );
      const { version: wanted } = JSON.parse(
        readFileSync(vscode.Uri.joinPath(extensionUri(), 'package.json').fsPath, 'utf8'),
      ) as { version: string };
      assert.match(version, new RegExp(wanted.replaceAll('.', '\\.')));
    } finally {
      terminal.dispose();
    }
  });
});

function extensionUri(): vscode.Uri {
  const extension = vscode.extensions.getExtension('imcot.imcot-debugger');
  assert.ok(extension);
  return extension.extensionUri;
}
