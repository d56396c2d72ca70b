import assert from 'node:assert/strict';
import { compareLogits, sumUp } from '../../../../scripts/quality/divergence';
import { plainDialogues } from '../../../../scripts/quality/dialogues';
import { measureQuantised } from '../../../../scripts/quality/measureQuantised';
import { plainRgb } from '../../../support/goldenImages';
import { qwenPath } from '../../../support/goldenQwen';

describe('divergence of two distributions', () => {
  it('is what the definition says', () => {
    // Softmax of ln p is p.
    const p = [0.5, 0.25, 0.25];
    const q = [0.25, 0.5, 0.25];
    const logs = (values: readonly number[]): Float32Array => Float32Array.from(values, Math.log);
    const [row] = compareLogits(logs(p), logs(q), 3);
    const expected = 0.5 * Math.log(2) - 0.25 * Math.log(2);
    assert.ok(Math.abs(row!.divergence - expected) < 1e-7);
    assert.equal(row!.agrees, false);
    const same = compareLogits(logs([...p, ...q]), logs([...p, ...p]), 3);
    assert.deepEqual(
      same.map(({ agrees }) => agrees),
      [true, false],
    );
    const { positions, agreement, mean, largest } = sumUp(same);
    assert.deepEqual([positions, agreement], [2, 0.5]);
    assert.equal(mean, largest / 2);
  });

  it('refuses what it cannot compare', () => {
    assert.throws(() => compareLogits(new Float32Array(6), new Float32Array(3), 3), /no rows of 3/);
    assert.throws(() => compareLogits(Float32Array.of(0, NaN), Float32Array.of(0, 1), 2), /not finite/);
  });
});

describe('quantised weights of a random checkpoint', () => {
  it('keep its distributions: 8 bits closely, 4 bits roughly, in files of the expected size', async function () {
    this.timeout(120_000);
    const dialogues = plainDialogues(await plainRgb(qwenPath('images/scene.png')));
    const results = await measureQuantised(qwenPath('checkpoint'), dialogues);
    const [int8, int4] = results;
    assert.ok(int8 && int4);
    for (const { positions, fileBytes, expectedBytes } of results) {
      assert.ok(positions > 300, `${positions} positions`);
      assert.equal(fileBytes, expectedBytes);
    }
    assert.ok(int8.mean < 0.01, `mean divergence of 8 bits: ${int8.mean}`);
    assert.ok(int8.agreement > 0.85, `agreement of 8 bits: ${int8.agreement}`);
    // Random weights use every bit: a trained checkpoint loses a fiftieth of this in 4 bits.
    assert.ok(int4.mean < 1.5, `mean divergence of 4 bits: ${int4.mean}`);
    assert.ok(int4.agreement > 0.25, `agreement of 4 bits: ${int4.agreement}`);
    // Otherwise 4 bits were 8.
    assert.ok(int4.mean > 10 * int8.mean);
  });
});
