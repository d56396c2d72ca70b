import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { walkFolder } from '../../../src/files/walkFolder';

describe('walking a folder', () => {
  let root: string;
  const put = async (name: string) => {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), '');
  };
  const found = async (...more: [limits?: { depth: number; entries: number }]) => {
    const walk = await walkFolder(root, ...more);
    const files = walk.folders.flatMap((folder) =>
      folder.files.map((file) => path.relative(root, path.join(folder.path, file)).split(path.sep).join('/')),
    );
    return { ...walk, files };
  };

  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'walk-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('lists files in the order of their numbers and passes over what is not for it', async () => {
    for (const name of [
      '10.jsonl',
      '2.jsonl',
      'b/a.txt',
      '.hidden',
      '.git/x',
      'node_modules/y',
      '.imcot/rollouts/z',
    ])
      await put(name);
    assert.deepEqual((await found()).files, ['2.jsonl', '10.jsonl', '.imcot/rollouts/z', 'b/a.txt']);
  });

  it('follows no link and says so', async function () {
    if (process.platform === 'win32') this.skip();
    await put('a');
    await symlink(os.tmpdir(), path.join(root, 'out'));
    await symlink(path.join(root, 'a'), path.join(root, 'again'));
    const { files, notices } = await found();
    assert.deepEqual(files, ['a']);
    assert.match(notices.join(), /2 symbolic links were not followed/);
  });

  it('stops at its limits and says so', async () => {
    for (const name of ['a', 'b', 'c/d/e/f']) await put(name);
    const shallow = await found({ depth: 1, entries: 100 });
    assert.deepEqual(shallow.files, ['a', 'b']);
    assert.match(shallow.notices.join(), /more than 1 level/);
    const few = await found({ depth: 9, entries: 2 });
    assert.deepEqual(few.files, ['a', 'b']);
    assert.match(few.notices.join(), /stopped after 2 files/);
  });

  it('stops when it is told to', async () => {
    await assert.rejects(walkFolder(root, undefined, AbortSignal.abort()));
  });
});
