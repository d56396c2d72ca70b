import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectPath } from '../host/inside';
import { closeEditors, openTrajectories, readySource, trajectoryOf } from './support/editors';

const GIGABYTE = 1_000_000_000;

/** Writes the fixture's lines again and again until the file has a gigabyte; gives the number of lines. */
function writeLargeLog(file: string): number {
  const block = readFileSync(
    projectPath('test', 'fixtures', 'deepeyes-vstar', 'result_direct_attributes_tmp_acc.jsonl'),
    'utf8',
  );
  const whole = `${block.trimEnd()}\n`;
  const lines = whole.split('\n').length - 1;
  const many = new TextEncoder().encode(whole.repeat(64));
  const descriptor = openSync(file, 'w');
  let rounds = 0;
  for (let written = 0; written < GIGABYTE; written += many.length, rounds += 64) writeSync(descriptor, many);
  closeSync(descriptor);
  return rounds * lines;
}

describe('a log of one gigabyte', () => {
  let folder: string;
  let file: string;
  let records: number;

  before(function () {
    this.timeout(120_000);
    folder = mkdtempSync(path.join(tmpdir(), 'large-log-'));
    file = path.join(folder, 'large.jsonl');
    records = writeLargeLog(file);
  });
  after(async () => {
    await closeEditors();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows its first records at once and its last one when it is indexed', async function () {
    this.timeout(120_000);
    assert.ok(statSync(file).size >= GIGABYTE);
    const start = Date.now();
    const session = await openTrajectories(file);
    const first = await session.rows(0, 20);
    const firstRows = Date.now() - start;
    assert.equal(first.length, 20);
    const source = await readySource(session, { limitMs: 60_000 });
    const indexed = Date.now() - start;
    assert.equal(source.records, records);
    const last = await trajectoryOf(session, records - 1);
    assert.equal(last.index, records - 1);
    assert.deepEqual(await session.rows(records, records + 10), []);
    console.log(`      first rows after ${firstRows} ms, all ${records} records after ${indexed} ms`);
    assert.ok(firstRows < 5000, `the first rows took ${firstRows} ms`);
    assert.ok(indexed < 30_000, `the index took ${indexed} ms`);
  });
});
