import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lineOfByte, shellWord, showCommand } from '../../../../src/host/trajectories/recordText';

describe('where a record stands in its file', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'record-text-'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('is the number of line ends before its first byte', async () => {
    const file = path.join(folder, 'small.jsonl');
    writeFileSync(file, '{"a":1}\n\n{"b":"é"}\r\n{"c":3}');
    assert.equal(await lineOfByte(file, 0), 0);
    assert.equal(await lineOfByte(file, 7), 0);
    assert.equal(await lineOfByte(file, 8), 1);
    assert.equal(await lineOfByte(file, 9), 2);
    assert.equal(await lineOfByte(file, 21), 3);
  });

  it('is found beyond one read', async () => {
    const file = path.join(folder, 'large.jsonl');
    const line = `${'x'.repeat(1023)}\n`;
    writeFileSync(file, line.repeat(3000));
    assert.equal(await lineOfByte(file, 2500 * 1024), 2500);
  });

  it('is given to the shell as one word whatever the name is', () => {
    const name = `it's $HOME "x"; echo a\\b/log.jsonl`;
    assert.equal(
      execFileSync('sh', ['-c', `printf %s ${shellWord(name, false)}`], { encoding: 'utf8' }),
      name,
    );
    assert.equal(shellWord('C:\\logs\\my run.jsonl', true), '"C:\\logs\\my run.jsonl"');
    assert.equal(shellWord('-x', false), "'-x'");
    assert.equal(showCommand('/logs/run.jsonl', 12, false), 'imcot show /logs/run.jsonl --index 12');
  });
});
