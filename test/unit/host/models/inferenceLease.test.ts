import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ModelLeases } from '../../../../src/host/models/inferenceLease';
import { ownerToken, tokenOf } from '../../../../src/inference/onnx/quantise/owner';

describe('leases of models', () => {
  let root: string;
  let folder: string;
  let model: string;

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'leases-')));
    folder = path.join(root, 'storage', 'models');
    model = path.join(root, 'model');
    mkdirSync(model);
    writeFileSync(path.join(model, 'model-1.safetensors'), 'x'.repeat(1000));
    writeFileSync(path.join(model, 'model-2.safetensors'), 'x'.repeat(234));
    writeFileSync(path.join(model, 'config.json'), '{}');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('tell one window of another, until that one lets go', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(other, 'spawn');
    try {
      const theirs = await new ModelLeases(folder, tokenOf(other.pid!)).take(model);
      assert.deepEqual(theirs.others, []);
      const link = path.join(root, 'link');
      symlinkSync(model, link);
      const mine = await new ModelLeases(folder).take(link);
      assert.equal(mine.others.length, 1);
      const [{ folder: where, weightBytes, since }] = mine.others as [(typeof mine.others)[0]];
      assert.deepEqual([where, weightBytes], [model, 1234]);
      assert.ok(Date.now() - since < 10_000);
      theirs.dispose();
      assert.deepEqual((await new ModelLeases(folder).take(model)).others, []);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('of a window that died count no more, and go', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(other, 'spawn');
    const owner = tokenOf(other.pid!);
    await new ModelLeases(folder, owner).take(model);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const mine = await new ModelLeases(folder).take(model);
    assert.deepEqual(mine.others, []);
    assert.deepEqual(readdirSync(folder), [`${ownerToken()}.json`]);
    mine.dispose();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of another model, of another machine, or unreadable do not count', async () => {
    mkdirSync(folder, { recursive: true });
    const parent = tokenOf(process.ppid);
    writeFileSync(path.join(folder, `${parent}.json`), '{"folder": "/else", "weightBytes": 1, "since": 1}');
    const elsewhere = `ffffffff-${parent.split('-').slice(1).join('-')}.json`;
    writeFileSync(path.join(folder, elsewhere), JSON.stringify({ folder: model, weightBytes: 1, since: 1 }));
    assert.deepEqual((await new ModelLeases(folder).take(model)).others, []);
    writeFileSync(path.join(folder, `${parent}.json`), '{"folder": ');
    assert.deepEqual((await new ModelLeases(folder).take(model)).others, []);
    assert.equal(readdirSync(folder).length, 3, 'what is not ours to judge stays');
  });
});
