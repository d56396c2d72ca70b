import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const SCRIPT = path.join(__dirname, 'support/startRuntime.ts');

describe('the runtime in a process of its own', () => {
  it('keeps no id, log or queue of what it would report of its use', function () {
    // On Windows it leaves no files whether it reports or not.
    if (process.platform === 'win32') return this.skip();
    const root = mkdtempSync(path.join(tmpdir(), 'imcot-reports-'));
    try {
      for (const name of ['home', 'temporary']) mkdirSync(path.join(root, name));
      // None of the variables by which the library tells that it runs in a test.
      const env = {
        PATH: process.env['PATH'],
        HOME: path.join(root, 'home'),
        TMPDIR: path.join(root, 'temporary'),
      };
      const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', SCRIPT], { env, encoding: 'utf8' });
      assert.equal(stdout, '42');
      assert.deepEqual(readdirSync(path.join(root, 'home')), []);
      const left = readdirSync(path.join(root, 'temporary')).filter((name) => !name.startsWith('tsx-'));
      assert.deepEqual(left, []);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});
