import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { projectPath, waitFor, workspacePath } from '../../host/inside';
import { verlConsole } from '../../support/curveFiles';
import { figureCurves, rolloutLine, write } from '../support/curves';
import { activatedExtension, closeEditors } from '../support/editors';

const LONG_AGO = new Date('2001-01-01T00:00:00Z');

// Before the suite that grants trust, which is named after this one.
describe('curves in a restricted workspace', () => {
  let outside: string;
  let log: string;
  before(() => {
    assert.equal(vscode.workspace.isTrusted, false, 'this suite runs before trust is granted');
    outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
    log = write(path.join(outside, 'train.log'), verlConsole(figureCurves(projectPath())));
    utimesSync(log, LONG_AGO, statSync(log).mtime);
  });
  after(async () => {
    await closeEditors();
    rmSync(outside, { recursive: true, force: true });
  });

  const viewOf = async (file: string): Promise<{ readonly status: string; readonly message?: string }> => {
    await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), 'imcot.dynamics');
    const { dynamics } = await activatedExtension();
    return waitFor(`an answer for ${file}`, () => {
      const view = dynamics.editors.find(({ document }) => document.paths[0] === file)?.document.view;
      return view !== undefined && view.status !== 'loading' && view;
    });
  };

  it('are drawn of a log inside, without looking for rollouts around it', async () => {
    const inside = write(workspacePath('curves', 'train.log'), verlConsole(figureCurves(projectPath())));
    write(workspacePath('curves', 'rollouts.jsonl'), rolloutLine(projectPath(), 1, 0));
    assert.equal((await viewOf(inside)).status, 'ready');
    const { dynamics } = await activatedExtension();
    const page = dynamics.editors.find(({ document }) => document.paths[0] === inside);
    const view = page?.document.view;
    assert.equal(view?.status === 'ready' && view.runs[0]?.rollouts, undefined);
  });

  it('are not drawn of a log outside, wherever a link leads', async () => {
    const linked = workspacePath('linked.log');
    symlinkSync(log, linked);
    for (const file of [log, linked]) {
      const view = await viewOf(file);
      assert.equal(view.status, 'error');
      assert.match(view.message ?? '', /not trusted/);
    }
    assert.equal(statSync(log).atimeMs, LONG_AGO.getTime(), 'the log outside was read');
  });
});
