import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunLog, RunLogs } from '../../../../src/dynamics/runs/runLogs';
import { GROUP_SIZE, groupedRollout, GROUPS_PER_STEP, writeGroupedDump } from '../../../support/groupedDump';
import { RunsEngine, type CountLimits } from '../../../../src/dynamics/runs/runsEngine';

const FIXTURES = path.resolve('test/fixtures');
const BOARD = path.join(FIXTURES, 'rl-logging-board/released.jsonl');
const METRICS = '{"step": 1, "loss": 0.5}\n{"step": 2, "loss": 0.25}\n';

describe('RunsEngine', () => {
  let root: string;
  const told: RunLogs[] = [];
  const engine = (limits?: CountLimits): RunsEngine => new RunsEngine((logs) => told.push(logs), limits);
  const scanned = async (runs: RunsEngine, exclude: RunLogs['notices'] = []): Promise<RunLogs> => {
    await runs.scan([{ path: root, exclude: exclude.map((pattern) => ({ pattern })) }]);
    const last = told.at(-1);
    assert.equal(last?.status, 'done');
    return last;
  };
  const named = ({ logs }: RunLogs, name: string): RunLog => {
    const found = logs.find((log) => log.path === path.join(root, name));
    assert.ok(found, `${name} among ${logs.map((log) => log.path).join(', ')}`);
    return found;
  };
  const write = (name: string, text: string): string => {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };

  beforeEach(() => {
    told.length = 0;
    root = mkdtempSync(path.join(tmpdir(), 'imcot-runs-'));
    mkdirSync(path.join(root, 'dump/exp'), { recursive: true });
    copyFileSync(BOARD, path.join(root, 'dump/exp/rollout_data_rank0.jsonl'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('finds and counts rollouts and metrics, and says what is broken', async () => {
    write('exp/metrics.jsonl', METRICS);
    appendFileSync(path.join(root, 'dump/exp/rollout_data_rank0.jsonl'), '{"broken\n');
    write('notes.txt', 'nothing of interest\n');
    const runs = await scanned(engine());
    assert.equal(runs.logs.length, 2);
    const rollouts = named(runs, 'dump/exp/rollout_data_rank0.jsonl');
    assert.equal(rollouts.kind, 'trajectories');
    assert.ok((rollouts.count?.records ?? 0) > 0);
    assert.equal(rollouts.count?.badRecords, 1);
    const bySteps = rollouts.count.stepRollouts.reduce((sum, step) => sum + step.records, 0);
    assert.equal(bySteps, rollouts.count.records);
    const metrics = named(runs, 'exp/metrics.jsonl');
    assert.equal(metrics.kind, 'metrics');
    assert.deepEqual(metrics.count?.steps, { count: 2, first: 1, last: 2 });
    assert.equal(metrics.count.records, 2);
  });

  it('tells of logs before they are counted, and counts each once until it changes', async () => {
    const runs = engine();
    await scanned(runs);
    assert.equal(told[0]?.status, 'counting');
    assert.equal(told[0].logs[0]?.count, undefined);
    const file = path.join(root, 'dump/exp/rollout_data_rank0.jsonl');
    const before = named(told.at(-1)!, 'dump/exp/rollout_data_rank0.jsonl').count;
    told.length = 0;
    const again = await scanned(runs);
    assert.deepEqual(told[0]?.logs[0]?.count, before, 'known at once');
    assert.deepEqual(named(again, 'dump/exp/rollout_data_rank0.jsonl').count, before);
    appendFileSync(file, 'nonsense\n');
    assert.equal(named(again, 'dump/exp/rollout_data_rank0.jsonl').grewAt, undefined);
    const { count: grown, grewAt } = named(await scanned(runs), 'dump/exp/rollout_data_rank0.jsonl');
    assert.ok(grewAt !== undefined && Date.now() - grewAt < 60_000);
    assert.equal(grown?.badRecords, (before?.badRecords ?? 0) + 1);
  });

  it('marks the unjudged twin of a judged file', async () => {
    const folder = path.resolve('media/demo/samples');
    for (const name of ['result_direct_attributes_demo.jsonl', 'result_direct_attributes_demo_acc.jsonl'])
      copyFileSync(path.join(folder, name), path.join(root, name));
    const runs = await scanned(engine());
    const unjudged = named(runs, 'result_direct_attributes_demo.jsonl');
    assert.equal(unjudged.supersededBy, path.join(root, 'result_direct_attributes_demo_acc.jsonl'));
  });

  it('leaves out what the settings exclude, follows no link, and stops at a limit', async () => {
    write('old/metrics.jsonl', METRICS);
    symlinkSync(FIXTURES, path.join(root, 'elsewhere'));
    const runs = await scanned(engine({ log: 10, all: 10 }), ['**/old']);
    assert.deepEqual(
      runs.logs.map((log) => path.relative(root, log.path)),
      ['dump/exp/rollout_data_rank0.jsonl'],
    );
    assert.match(runs.logs[0]?.uncounted ?? '', /Too large/);
    assert.equal(runs.logs[0]?.count, undefined);
    assert.ok(runs.notices.some((notice) => notice.includes('symbolic link')));
  });

  it('ends a search for a newer one', async () => {
    const runs = engine();
    const first = runs.scan([{ path: root, exclude: [] }]);
    const second = runs.scan([{ path: root, exclude: [] }]);
    await Promise.all([first, second]);
    assert.equal(told.filter(({ status }) => status === 'done').length, 1);
  });

  it('names what is not there', async () => {
    rmSync(root, { recursive: true });
    const runs = await scanned(engine());
    assert.deepEqual(runs.logs, []);
    assert.match(runs.problems[0]?.reason ?? '', /There is no file/);
  });

  it('tells the rollouts of a step by their groups', async () => {
    const file = path.join(root, 'groups.jsonl');
    await writeGroupedDump(file, GROUPS_PER_STEP * GROUP_SIZE + 100);
    appendFileSync(file, 'nonsense\n');
    const log = named(await scanned(engine()), 'groups.jsonl');
    const step = log.count?.stepRollouts.find((candidate) => candidate.step === 1);
    assert.ok(step);
    const groups = await engine().rollouts(log.files, step.ranges);
    const first = GROUPS_PER_STEP * GROUP_SIZE;
    assert.deepEqual(
      groups.map(({ rollouts }) => rollouts.map(({ index }) => index)),
      Array.from({ length: Math.ceil(100 / GROUP_SIZE) }, (_, group) =>
        Array.from(
          { length: Math.min(GROUP_SIZE, 100 - group * GROUP_SIZE) },
          (_, at) => first + group * GROUP_SIZE + at,
        ),
      ),
    );
    for (const { question, rollouts, spread } of groups) {
      for (const { index, reward, zoomCount } of rollouts) {
        const made = groupedRollout(index);
        assert.deepEqual(
          { question, reward, zoomCount },
          { question: made.question, reward: made.reward, zoomCount: made.zooms },
        );
      }
      const rewards = rollouts.map(({ index }) => groupedRollout(index).reward);
      assert.ok(
        Math.abs((spread?.mean ?? NaN) - rewards.reduce((sum, value) => sum + value, 0) / rewards.length) <
          1e-9,
      );
    }
    await assert.rejects(engine().rollouts(log.files, [[0, 20_000]]), /20,000 rollouts at this step/);
  });
});
