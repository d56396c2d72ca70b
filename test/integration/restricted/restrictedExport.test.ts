import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { RunTreeRow } from '../../../src/host/runs/runRows';
import { projectPath, waitFor, workspacePath } from '../../host/inside';
import { answering } from '../support/dialogs';
import {
  activatedExtension,
  closeEditors,
  openTrajectories,
  readySource,
  trajectoryOf,
} from '../support/editors';
import { lineWithImage, writePicture } from '../support/samples';

const REAL = (): string => projectPath('test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl');
const LONG_AGO = new Date('2001-01-01T00:00:00Z');

// Before the suite that grants trust, which is named after this one.
describe('exports and runs in a restricted workspace', () => {
  let outside: string;
  let picture: string;
  const exported = (...names: string[]): string => workspacePath('exported', ...names);
  const isUnread = (file: string): boolean => statSync(file).atimeMs === LONG_AGO.getTime();

  before(async () => {
    assert.equal(vscode.workspace.isTrusted, false, 'this suite runs before trust is granted');
    outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
    picture = path.join(outside, 'secret.png');
    await writePicture(picture, 1500, 1200);
    writeFileSync(path.join(outside, 'log.jsonl'), `${lineWithImage(REAL(), 'photo.png')}\n`);
    for (const file of [picture, path.join(outside, 'log.jsonl')])
      utimesSync(file, LONG_AGO, statSync(file).mtime);
    mkdirSync(exported(), { recursive: true });
    await writePicture(exported('photo.png'), 1500, 1200);
    const lines = [lineWithImage(REAL(), 'photo.png'), lineWithImage(REAL(), picture)];
    writeFileSync(exported('log.jsonl'), `${lines.join('\n')}\n`);
  });
  after(async () => {
    await closeEditors();
    rmSync(exported(), { recursive: true, force: true });
    rmSync(outside, { recursive: true, force: true });
  });

  const exportAs = (pick: string, name: string): Promise<unknown> =>
    answering({ pick, save: exported(name) }, () => vscode.commands.executeCommand('imcot.exportRollout'));

  it('export what may be read, and no picture from outside', async () => {
    const session = await openTrajectories(exported('log.jsonl'));
    await readySource(session);
    await trajectoryOf(session, 0);
    await exportAs('HTML page', 'inside.html');
    assert.match(readFileSync(exported('inside.html'), 'utf8'), /data:image\/png;base64/);
    await trajectoryOf(session, 1);
    await exportAs('HTML page', 'outside.html');
    assert.doesNotMatch(readFileSync(exported('outside.html'), 'utf8'), /data:image/);
    await exportAs('Markdown', 'outside.md');
    assert.match(readFileSync(exported('outside.md'), 'utf8'), /# Rollout 1/);
    await exportAs('iMCoT log', 'outside.imcot.jsonl');
    assert.match(readFileSync(exported('outside.imcot.jsonl'), 'utf8'), /secret\.png/);
    const folders = readdirSync(exported()).filter(
      (name) => name.startsWith('outside') && name.endsWith('.images'),
    );
    assert.deepEqual(folders, []);
    assert.ok(isUnread(picture), 'the picture outside was read');
    readFileSync(picture);
    assert.ok(!isUnread(picture), 'this file system notes reads');
  });

  it('list the logs of the workspace, and none that lies elsewhere', async () => {
    const { runs } = await activatedExtension();
    const all = async (row?: RunTreeRow): Promise<RunTreeRow[]> => {
      const rows = await runs.tree.getChildren(row);
      return [...rows, ...(await Promise.all(rows.map((child) => all(child)))).flat()];
    };
    const logs = async (): Promise<string[]> =>
      (await all()).flatMap((row) => (row.kind === 'log' ? [row.log.path] : []));
    symlinkSync(path.join(outside, 'log.jsonl'), exported('linked.jsonl'));
    symlinkSync(outside, exported('linked'));
    await vscode.commands.executeCommand('imcot.runs.focus');
    await vscode.commands.executeCommand('imcot.addRunFolder', vscode.Uri.file(outside));
    runs.search.refresh();
    await waitFor('the log inside', async () => (await logs()).includes(exported('log.jsonl')), 20_000);
    await runs.search.done;
    assert.deepEqual(
      (await logs()).filter((file) => file.startsWith(outside) || file.includes('linked')),
      [],
    );
    assert.ok(runs.search.roots.every(({ isAdded }) => !isAdded));
    assert.ok(isUnread(path.join(outside, 'log.jsonl')), 'the log outside was read');
  });
});
