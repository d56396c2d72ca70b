import assert from 'node:assert/strict';
import path from 'node:path';
import { build } from 'esbuild';
import { silentLogger } from '../../../../src/common/logger';
import { ListRows } from '../../../../src/host/trajectories/listRows';
import type { ListReading, RowsFound } from '../../../../src/protocol/listView';
import { groupedRollout, writeGroupedDump } from '../../../support/groupedDump';
import { ScratchFolder } from '../../../support/scratchFolder';
import { PROJECT_ROOT } from '../../../support/sources';

type Found = Extract<RowsFound, { status: 'ok' }>;

const COUNT = 3200;

describe('the list of an editor, with its thread', function () {
  this.timeout(120_000);
  const scratch = new ScratchFolder();
  const readings: ListReading[] = [];
  let list: ListRows;

  before(async () => {
    const log = path.join(scratch.path, 'groups.jsonl');
    const workerPath = path.join(scratch.path, 'rowsWorker.js');
    await build({
      entryPoints: [path.join(PROJECT_ROOT, 'src/rows/rowsWorker.ts')],
      bundle: true,
      platform: 'node',
      external: ['koffi'],
      outfile: workerPath,
      logLevel: 'error',
    });
    await writeGroupedDump(log, COUNT);
    list = new ListRows({
      workerPath,
      cacheFolder: path.join(scratch.path, 'kept'),
      logger: silentLogger,
      paths: async () => [log],
      rowsIn: async (ranges) =>
        ranges.map(([index]) => ({ status: 'bad', index, reason: 'seen', offset: 0, bytes: 0 })),
      view: async () => undefined,
    });
    list.onReading((reading) => readings.push(reading));
  });
  after(() => {
    list.dispose();
    scratch.remove();
  });

  it('filters and sorts a run of groups of 16', async () => {
    const found = (await list.listQuery({
      text: 'zooms >= 2 && reward < 1',
      sort: { field: 'tokens', descending: true },
      ranges: [[160, COUNT]],
    })) as Found;
    const lengthOf = (index: number): number => {
      const { zooms, tokens = 0 } = groupedRollout(index);
      return (zooms + 1) * tokens;
    };
    const wanted = Array.from({ length: COUNT }, (_, index) => index)
      .filter((index) => index >= 160)
      .filter((index) => groupedRollout(index).zooms >= 2 && groupedRollout(index).reward < 1)
      .sort((a, b) => lengthOf(b) - lengthOf(a) || a - b);
    assert.deepEqual([found.count, found.scanned, found.complete], [wanted.length, COUNT, true]);
    const rows = await list.listRows(found.result, 0, 40);
    assert.deepEqual(
      rows.map(({ index }) => index),
      wanted.slice(0, 40),
    );
    assert.equal(await list.listPositionOf(found.result, wanted[7] ?? -1), 7);
    assert.ok(
      readings.every(({ done }) => done >= 0 && done <= 1),
      'shares of the log',
    );
  });

  it('finds dead groups and siblings', async () => {
    const found = (await list.listQuery({ text: 'deadGroup' })) as Found;
    const groups = COUNT / 16;
    const dead = Array.from({ length: groups }, (_, group) => group).filter((group) => {
      const rewards = Array.from({ length: 16 }, (_, at) => groupedRollout(group * 16 + at).reward);
      return new Set(rewards).size === 1;
    });
    assert.ok(dead.length >= Math.floor(groups / 7));
    assert.equal(found.count, dead.length * 16);
    const group = await list.siblings(100);
    assert.deepEqual([group?.count, group?.previous, group?.next], [16, 99, 101]);
  });

  it('tells a mistake at its column, and refuses what no page asks', async () => {
    const found = await list.listQuery({ text: 'zooms >= 2 && rewart < 1' });
    assert.ok(found.status === 'error' && found.column === 14, JSON.stringify(found));
    await assert.rejects(list.listQuery({ text: 7 } as never), { code: 'usage' });
  });
});
