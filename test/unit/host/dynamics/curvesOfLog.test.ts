import assert from 'node:assert/strict';
import path from 'node:path';
import type { CurvesLookup } from '../../../../src/host/dynamics/curvesOfLog';
import { curvesOfLog, nameOfLog, namesOfLog } from '../../../../src/host/dynamics/curvesOfLog';
import { ScratchFolder } from '../../../support/scratchFolder';

describe('the curves of a log of rollouts', () => {
  let folder: ScratchFolder;
  let log: string;
  beforeEach(() => {
    folder = new ScratchFolder();
    log = folder.write('rollouts.jsonl', '{}\n');
  });
  afterEach(() => folder.remove());

  const lookup = (found: {
    open?: readonly (readonly string[])[];
    linked?: readonly string[];
    near?: readonly string[];
  }): CurvesLookup => ({
    open: () => Promise.resolve(found.open ?? []),
    linked: () => found.linked ?? [],
    near: () => Promise.resolve(found.near ?? []),
  });

  it('are what shows them, else the linked log, else one near, else its own', async () => {
    const [linked, near] = [folder.write('linked.log', ''), folder.write('near.log', '')];
    const shown = [folder.path, '/other'];
    assert.deepEqual(
      await curvesOfLog(log, lookup({ open: [shown], linked: [linked], near: [near] })),
      shown,
    );
    assert.deepEqual(await curvesOfLog(log, lookup({ linked: [linked], near: [near] })), [linked]);
    assert.deepEqual(await curvesOfLog(log, lookup({ near: [near] })), [near]);
    assert.deepEqual(await curvesOfLog(log, lookup({})), [log]);
  });

  it('are not a linked log that is gone', async () => {
    const gone = path.join(folder.path, 'gone.log');
    assert.deepEqual(await curvesOfLog(log, lookup({ linked: [gone] })), [log]);
  });

  it('are those of the whole folder for the file of a step', async () => {
    const [first] = ['1', '2'].map((step) => folder.write(`dump/${step}.jsonl`, '{}\n'));
    const alone = folder.write('alone/7.jsonl', '{}\n');
    assert.ok(first !== undefined);
    assert.deepEqual(await namesOfLog(first), [path.dirname(first), first]);
    assert.deepEqual(await namesOfLog(alone), [alone]);
    assert.equal(nameOfLog(['/dump/1.jsonl', '/dump/2.jsonl']), '/dump');
    assert.equal(nameOfLog(['/dump/1.jsonl']), '/dump/1.jsonl');
    assert.equal(nameOfLog(['/dump/rank0.jsonl', '/dump/rank1.jsonl']), '/dump/rank0.jsonl');
    assert.deepEqual(await curvesOfLog(first, lookup({})), [path.dirname(first)]);
  });
});
