import assert from 'node:assert/strict';
import { METRIC_READERS } from '../../../../src/readers/metrics/metricRegistry';
import { checkCut, checkRandomDamage, KNOWN_FILES } from '../../../support/damagedMetrics';

/** Databases are cut and flipped in databases.test.ts, folders of files in mlflowFiles.test.ts. */
const ELSEWHERE = ['mlflow-sqlite', 'trackio'];

/** Random cuts and flips of each format; `npm run torture -- --damage N` makes more. */
const ROUNDS = 200;
const MOST = 16 * 1024;

describe('damaged files of metrics', () => {
  it('are made of every format', () => {
    const made = Object.values(KNOWN_FILES).map((make) => make(1).format);
    assert.deepEqual([...made, ...ELSEWHERE].sort(), METRIC_READERS.map(({ format }) => format).sort());
  });

  for (const [name, make] of Object.entries(KNOWN_FILES)) {
    it(`${name}: cut at any byte`, async () => {
      const file = make(16);
      assert.ok(file.bytes.length <= MOST, `${file.bytes.length} bytes`);
      for (let length = 0; length <= file.bytes.length; length++)
        await checkCut(file, length, 1 + (length % 997));
    }).timeout(60_000);

    it(`${name}: random cuts and flips`, async () => {
      await checkRandomDamage(make(300), ROUNDS, 7);
    }).timeout(60_000);
  }
});
