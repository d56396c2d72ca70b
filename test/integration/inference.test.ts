import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { projectPath, waitFor, workspacePath } from '../host/inside';
import { activatedExtension } from './support/editors';
import { longestHold } from './support/rollouts';

const CHECKPOINT = (): string => projectPath('test/golden/qwen2_5_vl/checkpoint');

describe('a local model', () => {
  const settings = (): string => workspacePath('.vscode', 'settings.json');

  afterEach(() => rmSync(path.dirname(settings()), { recursive: true, force: true }));

  it('is loaded on request, by the settings of the machine and not those of a workspace, and unloaded by command', async () => {
    const { inference } = await activatedExtension();
    assert.equal(inference.state.status, 'none', 'nothing is loaded by itself');
    mkdirSync(path.dirname(settings()), { recursive: true });
    const hostile = { 'imcot.inference.nodeExecutable': '/bin/false', 'imcot.inference.threads': -7 };
    writeFileSync(settings(), JSON.stringify({ ...hostile, 'imcot.imageRoots': ['seen'] }));
    await waitFor(
      'the settings being read',
      () => vscode.workspace.getConfiguration().get<string[]>('imcot.imageRoots')?.[0] === 'seen',
    );
    const statuses = new Set<string>();
    const listening = inference.onDidChange((state) => statuses.add(state.status));
    const backend = await inference.acquire(CHECKPOINT());
    assert.equal(backend.capabilities.model, 'checkpoint');
    assert.deepEqual([...statuses], ['loading', 'ready']);
    await vscode.commands.executeCommand('imcot.unloadModel');
    listening.dispose();
    assert.equal(inference.state.status, 'none');
    await assert.rejects(backend.start(), { code: 'cancelled' });
  }).timeout(60_000);

  it('never holds the extension host while it loads and generates', async () => {
    const { inference } = await activatedExtension();
    let tokens = 0;
    const held = await longestHold(async () => {
      const backend = await inference.acquire(CHECKPOINT());
      try {
        const sequence = await backend.start();
        await sequence.appendText('What is there?');
        const start = sequence.mark();
        for (const begin = Date.now(); Date.now() - begin < 2000; await sequence.rewind(start)) {
          for await (const event of sequence.generate({ sampling: { temperature: 1 }, maxTokens: 200 })) {
            if (event.type === 'token') tokens++;
          }
        }
      } finally {
        backend.dispose();
      }
    });
    await inference.unload();
    assert.ok(tokens > 20, `${tokens} tokens`);
    assert.ok(held < 500, `the extension host was held for ${Math.round(held)} ms`);
  }).timeout(60_000);
});
