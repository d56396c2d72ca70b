import assert from 'node:assert/strict';
import { line, mochaCounts, oneCheck, sum } from '../../../scripts/lib/counts.mjs';

describe('the counts of a test run', () => {
  it('come from the summary, colours or not', () => {
    const output =
      '  suite\n    ok\n\n  \u001b[32m12 passing\u001b[0m (3s)\n  2 pending\n  1 failing\n\n  1) x\n';
    assert.deepEqual(mochaCounts(1, output.replace('\u001b[32m', '')), { passed: 12, failed: 1, skipped: 2 });
    assert.deepEqual(mochaCounts(1, output), { passed: 12, failed: 1, skipped: 2 });
  });

  it('count a run that broke off, and one that said nothing, as failed', () => {
    assert.deepEqual(mochaCounts(1, 'Error: cannot load'), { passed: 0, failed: 1, skipped: 0 });
    assert.deepEqual(mochaCounts(0, ''), { passed: 0, failed: 1, skipped: 0 });
    assert.deepEqual(mochaCounts(124, '  3 passing (1s)\n'), { passed: 3, failed: 1, skipped: 0 });
  });

  it('add up to one line', () => {
    assert.equal(
      line(sum([oneCheck(0), oneCheck(2), mochaCounts(0, '  3 passing (1s)\n')])),
      '4 passed, 1 failed, 0 skipped',
    );
  });
});
