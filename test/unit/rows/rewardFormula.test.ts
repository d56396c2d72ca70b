import assert from 'node:assert/strict';
import { ALL_FORMULAS } from '../../../src/analysis/rewardFormula';
import { silentLogger } from '../../../src/common/logger';
import { streamRecords } from '../../../src/files/streamRecords';
import type { RowQuery } from '../../../src/protocol/listView';
import { rewardOfTrajectory } from '../../../src/rollout/rewards/rewardUnder';
import { RowsEngine } from '../../../src/rows/rowsEngine';
import { groupedRollout } from '../../support/groupedDump';
import { boardLine } from '../../support/rolloutLog';
import { ScratchFolder } from '../../support/scratchFolder';

const COUNT = 128;

describe('the table of a log, by another formula', function () {
  this.timeout(60_000);
  const scratch = new ScratchFolder();
  after(() => scratch.remove());
  let file = '';
  before(() => {
    const lines = Array.from({ length: COUNT }, (_, index) => `${boardLine(groupedRollout(index))}\n`);
    file = scratch.write('groups.jsonl', lines.join(''));
  });

  async function opened() {
    const engine = new RowsEngine(() => ({ reading: async () => undefined }), silentLogger);
    await engine.open({ paths: [file], cacheFolder: scratch.path });
    const rows = async (query: RowQuery, formula?: string): Promise<number[]> => {
      const found = await engine.query(query, formula);
      assert.equal(found.status, 'ok');
      return [...(await engine.slice(found.result, 0, found.count))];
    };
    return { engine, rows };
  }

  /** What each record's reward is, worked out from the record itself. */
  async function rewards(name: string | undefined): Promise<(number | undefined)[]> {
    const formula = ALL_FORMULAS.find((candidate) => candidate.name === name);
    const totals: (number | undefined)[] = [];
    for await (const record of streamRecords(file)) {
      assert.equal(record.status, 'ok');
      const { trajectory } = record;
      const reward = formula ? rewardOfTrajectory(formula, trajectory) : trajectory.reward;
      totals.push(reward?.total);
    }
    return totals;
  }

  it('filters and sorts by what each record is worth under it', async () => {
    const { rows } = await opened();
    const seen = new Set<string>();
    for (const name of [undefined, ...ALL_FORMULAS.map((formula) => formula.name), undefined]) {
      const totals = await rewards(name);
      assert.equal(totals.length, COUNT);
      seen.add(JSON.stringify(totals));
      const indices = totals.map((_, index) => index);
      const above = indices.filter((index) => (totals[index] ?? -Infinity) > 0.9);
      assert.deepEqual(await rows({ text: 'reward > 0.9' }, name), above, name);
      const sorted = indices.toSorted((a, b) => (totals[b] ?? -Infinity) - (totals[a] ?? -Infinity) || a - b);
      const query = { text: '', sort: { field: 'reward', descending: true } };
      assert.deepEqual(await rows(query, name), sorted, name);
    }
    assert.ok(seen.size > 6, 'the formulas differ on these rollouts');
  });

  it('names the formula, and takes groups by it', async () => {
    const { engine, rows } = await opened();
    const name = 'ablation-unconditional';
    const totals = await rewards(name);
    assert.equal((await rows({ text: `formula == "${name}"` }, name)).length, COUNT);
    const group = await engine.siblings(20, name);
    const own = totals.slice(16, 32).map((total) => total ?? NaN);
    const mean = own.reduce((sum, total) => sum + total, 0) / 16;
    assert.ok(group && Math.abs((group.mean ?? NaN) - mean) < 1e-9);
    assert.deepEqual(
      group.rows.map(({ reward }) => reward),
      own,
    );
    const stored = await engine.siblings(20);
    assert.deepEqual(
      stored?.rows.map(({ reward }) => reward),
      (await rewards(undefined)).slice(16, 32),
    );
  });

  it('forgets what it knows of records in whose place others have come', async () => {
    const lines = (from: number, to: number): string =>
      Array.from({ length: to - from }, (_, at) => `${boardLine(groupedRollout(from + at))}\n`).join('');
    const query = { text: '', sort: { field: 'reward', descending: true } };
    const ask = async (engine: RowsEngine): Promise<number[]> => {
      const found = await engine.query(query, 'ablation-none');
      assert.equal(found.status, 'ok');
      return [...(await engine.slice(found.result, 0, found.count))];
    };
    const replaced = scratch.write('replaced.jsonl', lines(0, 48));
    const engine = new RowsEngine(() => ({ reading: async () => undefined }), silentLogger);
    await engine.open({ paths: [replaced] });
    const before = await ask(engine);
    scratch.write('replaced.jsonl', lines(64, 112));
    const after = await ask(engine);
    const fresh = new RowsEngine(() => ({ reading: async () => undefined }), silentLogger);
    await fresh.open({ paths: [replaced] });
    assert.deepEqual(after, await ask(fresh));
    assert.notDeepEqual(after, before);
  });

  it('is kept with the table: a table that comes back gives the same', async () => {
    const first = await opened();
    const query = { text: 'reward > 0.9' };
    const found = await first.rows(query, 'ablation-none');
    const second = await opened();
    assert.deepEqual(await second.rows(query, 'ablation-none'), found);
  });
});
