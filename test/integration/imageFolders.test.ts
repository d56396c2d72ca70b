import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TrajectorySession } from '../../src/host/trajectories/trajectorySession';
import { projectPath, waitFor, workspacePath } from '../host/inside';
import { closeEditors, openTrajectories, trajectoryOf } from './support/editors';
import { lineWithImage, writePicture } from './support/samples';

const REAL = (): string => projectPath('test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl');

describe('the folders of images', () => {
  let chosen: string;
  let configured: string;
  let session: TrajectorySession;

  before(async () => {
    chosen = mkdtempSync(path.join(tmpdir(), 'chosen-'));
    configured = mkdtempSync(path.join(tmpdir(), 'configured-'));
    await writePicture(path.join(chosen, 'first.png'), 100, 950);
    await writePicture(path.join(configured, 'second.png'), 100, 950);
    const log = workspacePath('images.jsonl');
    const lines = ['first.png', 'second.png', 'third.png'].map((image) => lineWithImage(REAL(), image));
    writeFileSync(log, `${lines.join('\n')}\n`);
    session = await openTrajectories(log);
  });
  after(async () => {
    await vscode.workspace
      .getConfiguration('imcot')
      .update('imageRoots', undefined, vscode.ConfigurationTarget.Workspace);
    await closeEditors();
    for (const folder of [chosen, configured]) rmSync(folder, { recursive: true, force: true });
  });

  const stateOf = async (index: number): Promise<string | undefined> =>
    (await trajectoryOf(session, index)).originals[0]?.state;

  it('are the log’s own and the workspace’s at first, and what was tried is told', async () => {
    const [original] = (await trajectoryOf(session, 0)).originals;
    assert.equal(original?.state, 'missing');
    assert.ok(original.tried?.includes(workspacePath('first.png')), JSON.stringify(original.tried));
  });

  it('take in one that a person chooses', async () => {
    const real = vscode.window.showOpenDialog;
    Object.assign(vscode.window, { showOpenDialog: () => Promise.resolve([vscode.Uri.file(chosen)]) });
    try {
      assert.equal(await session.chooseImageFolder(), true);
    } finally {
      Object.assign(vscode.window, { showOpenDialog: real });
    }
    assert.equal(await stateOf(0), 'available');
    assert.deepEqual((await session.image(0, 'observation:0:0', 400)).size, { width: 22, height: 12 });
    assert.equal(await stateOf(1), 'missing');
  });

  it('take in those of the setting', async () => {
    await vscode.workspace
      .getConfiguration('imcot')
      .update('imageRoots', [configured], vscode.ConfigurationTarget.Workspace);
    await waitFor('the second image', async () => (await stateOf(1)) === 'available');
    assert.equal(await stateOf(2), 'missing');
  });
});
