import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { tortureEditor } from '../../../scripts/torture/editor';

describe('an extension host that is killed while a rollout streams', () => {
  let workFolder = '';
  before(() => (workFolder = mkdtempSync(path.join(tmpdir(), 'killed-host-'))));
  after(() => rmSync(workFolder, { recursive: true, force: true }));

  it('leaves in the file what the page showed, and the next one shows it', async function () {
    this.timeout(240_000);
    const seed = Math.floor(Math.random() * 2 ** 32);
    const { shown, problems } = await tortureEditor({ workFolder, rounds: 1, seed });
    assert.deepEqual(problems, [], `seed ${seed}`);
    assert.ok(shown > 0);
  });
});
