import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ScratchFolder } from '../../support/scratchFolder';
import { imcot, JUDGED, ROOT, SAMPLES, VSTAR } from './support/imcot';

const UNJUDGED = path.join(SAMPLES, 'result_direct_attributes_demo.jsonl');
const MERGED = path.join(VSTAR, 'merge_ds1_step48_ds4_step40/result_direct_attributes_tmp_acc.jsonl');
const WHOLE = path.join(VSTAR, 'result_direct_attributes_tmp_acc.jsonl');

interface Compared {
  readonly questions: number;
  readonly pairs: number;
  readonly sameRollouts: boolean;
  readonly cells: Readonly<Record<string, number>>;
  readonly a: { readonly records: number; readonly badRecords: number };
  readonly b: { readonly badRecords: number; readonly paired: { readonly accuracy: number | null } };
}

describe('imcot compare', () => {
  const scratch = new ScratchFolder();
  after(() => scratch.remove());

  it('prints what the document shows', async () => {
    const text = readFileSync(path.join(ROOT, 'docs/cli.md'), 'utf8');
    const [, command = '', shown] = /```\n\$ imcot (compare .+)\n([^]*?)```/.exec(text) ?? [];
    const before = process.cwd();
    process.chdir(ROOT);
    try {
      const { code, out, err } = await imcot(command.split(' '));
      assert.deepEqual([code, out, err], [0, shown, '']);
    } finally {
      process.chdir(before);
    }
  });

  it('has the names that scripts depend on', async () => {
    const { code, json } = await imcot(['compare', '--json', WHOLE, MERGED]);
    assert.equal(code, 0);
    const found = json() as Compared;
    const { cells } = found;
    assert.deepEqual(Object.keys(cells), [
      'bothRight',
      'onlyA',
      'onlyB',
      'bothWrong',
      'unjudged',
      'aloneA',
      'aloneB',
    ]);
    assert.equal(found.pairs, 6);
    assert.equal((cells['bothRight'] ?? 0) + (cells['onlyB'] ?? 0), 4);
    assert.equal(cells['aloneA'], found.a.records - found.pairs);
    assert.equal(found.b.paired.accuracy, 4 / 6);
    assert.equal(found.sameRollouts, false);
  });

  it('knows a result and its judged twin', async () => {
    const { json } = await imcot(['compare', '--json', UNJUDGED, JUDGED]);
    assert.equal((json() as Compared).sameRollouts, true);
  });

  it('ends with 1 for bad records and files that are not there, with 2 for anything but two paths', async () => {
    const lines = readFileSync(JUDGED, 'utf8').split('\n');
    lines[2] = '{"broken": ';
    const broken = scratch.write('broken_acc.jsonl', lines.join('\n'));
    const bad = await imcot(['compare', '--json', broken, UNJUDGED]);
    assert.equal(bad.code, 1);
    assert.match(bad.err, /1 record could not be read/);
    assert.equal((bad.json() as Compared).a.badRecords, 1);
    const missing = await imcot(['compare', JUDGED, `${JUDGED}.none`]);
    assert.deepEqual([missing.code, missing.out], [1, '']);
    for (const paths of [[JUDGED], [JUDGED, UNJUDGED, JUDGED]]) {
      const { code, err } = await imcot(['compare', ...paths]);
      assert.equal(code, 2);
      assert.match(err, /compare .*two paths/);
    }
  });
});
