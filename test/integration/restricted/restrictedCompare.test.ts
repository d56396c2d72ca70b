import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CompareView } from '../../../src/protocol/compareView';
import { projectPath, waitFor, workspacePath } from '../../host/inside';
import { activatedExtension, closeEditors } from '../support/editors';

const SAMPLE = 'media/demo/samples/result_direct_attributes_demo';

// Before the suite that grants trust, which is named after this one.
describe('two logs in a restricted workspace', () => {
  let outside: string;
  before(() => {
    assert.equal(vscode.workspace.isTrusted, false, 'this suite runs before trust is granted');
    outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
    mkdirSync(workspacePath('compared'), { recursive: true });
  });
  afterEach(closeEditors);
  after(() => rmSync(outside, { recursive: true, force: true }));

  const copied = (ending: string, ...to: string[]): vscode.Uri => {
    const file = path.join(...to, `result${ending}`);
    copyFileSync(projectPath(`${SAMPLE}${ending}`), file);
    return vscode.Uri.file(file);
  };

  async function viewOf(a: vscode.Uri, b: vscode.Uri): Promise<CompareView> {
    await vscode.commands.executeCommand('imcot.compareRollouts', a, [a, b]);
    const { comparisons } = await activatedExtension();
    return waitFor('an answer', () => {
      const view = comparisons.editors.at(-1)?.session.view;
      return view !== undefined && view.status !== 'reading' && view;
    });
  }

  it('are compared inside of it, and not where one lies outside', async () => {
    const a = copied('.jsonl', workspacePath('compared'));
    const inside = await viewOf(a, copied('_acc.jsonl', workspacePath('compared')));
    assert.ok(inside.status === 'ready' && inside.compared.summary.pairs === 7, JSON.stringify(inside));
    const refused = await viewOf(a, copied('_acc.jsonl', outside));
    assert.ok(refused.status === 'error');
    assert.match(refused.message, /not trusted/);
  });
});
