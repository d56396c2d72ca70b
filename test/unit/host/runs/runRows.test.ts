import assert from 'node:assert/strict';
import type { LogCount, RunLog } from '../../../../src/dynamics/runs/runLogs';
import { runItem } from '../../../../src/host/runs/runItem';
import { rowsOfGroup, rowsOfStep, runRows, type RunTreeRow } from '../../../../src/host/runs/runRows';

const NOW = Date.parse('2026-01-02T00:00:00Z');
const ROOT = { path: '/w', name: 'w', isAdded: false };

const log = (name: string, more: Partial<RunLog> = {}): RunLog => ({
  path: `/w/${name}`,
  root: '/w',
  files: [`/w/${name}`],
  kind: 'trajectories',
  format: 'verl',
  label: 'verl dump',
  bytes: 2048,
  writtenAt: 0,
  run: `/w/${name}`.replace(/\/[^/]+$/, ''),
  ...more,
});
const rows = (logs: readonly RunLog[], roots = [ROOT]) =>
  runRows({ status: 'done', logs, problems: [], notices: [] }, roots);
const drawn = (row: RunTreeRow): string => {
  const { label, description } = runItem(row, NOW);
  const below = 'children' in row ? row.children.map(drawn) : [];
  return `${label} [${description}]${below.length > 0 ? ` (${below.join('; ')})` : ''}`;
};
const count = (records: number, steps: readonly number[] = []): LogCount => ({
  records,
  badRecords: 0,
  steps: steps.length > 0 ? { count: steps.length, first: steps[0]!, last: steps.at(-1)! } : null,
  stepRollouts: steps.map((step, at) => ({
    step,
    records: 2,
    judged: 2,
    right: at,
    ranges: [[2 * at, 2 * at + 2]],
  })),
});

describe('rows of the tree of runs', () => {
  it('shows a run with its logs, and a log by itself without one', () => {
    const found = rows([
      log('exp10/a.jsonl', { count: count(4, [1, 2]) }),
      log('exp10/train.log', { kind: 'metrics', count: count(1) }),
      log('exp9/b.jsonl', { count: count(1000) }),
      log('top.jsonl'),
    ]);
    assert.deepEqual(found.map(drawn), [
      'b.jsonl [exp9 · 1,000 rollouts]',
      'exp10 [2 logs · 4 rollouts] (a.jsonl [4 rollouts · steps 1 to 2] (step 1 [2 rollouts · 0 of 2 right]; ' +
        'step 2 [2 rollouts · 1 of 2 right]); train.log [1 row])',
      'top.jsonl [counting...]',
    ]);
  });

  it('does not take the folder that was searched for a run', () => {
    assert.equal(rows([log('a.jsonl'), log('b.jsonl')]).length, 2);
  });

  it('counts rollouts of twins once, and says which file counts', () => {
    const twins = rows([
      log('e/a.jsonl', { count: count(4), supersededBy: '/w/e/a_acc.jsonl' }),
      log('e/a_acc.jsonl', { count: count(4) }),
    ]);
    assert.deepEqual(twins.map(drawn), [
      'e [2 logs · 4 rollouts] (a_acc.jsonl [4 rollouts]; a.jsonl [same as a_acc.jsonl])',
    ]);
  });

  it('names folders where there are several, and what is wrong at the end', () => {
    const added = { path: '/data/runs', name: '/data/runs', isAdded: true };
    const found = runRows(
      {
        status: 'done',
        logs: [
          log('a.jsonl'),
          log('x', { root: '/data/runs', path: '/data/runs/p/x.jsonl', run: '/data/runs/p' }),
        ],
        problems: [{ path: '/w/secret', reason: 'The system does not allow reading /w/secret.' }],
        notices: ['A link was not followed.'],
      },
      [ROOT, added],
    );
    assert.deepEqual(found.map(drawn), [
      'w [] (a.jsonl [counting...])',
      'runs [/data/runs] (x.jsonl [p · counting...])',
      'Not read [2] (secret [The system does not allow reading /w/secret.]; A link was not followed. [])',
    ]);
    assert.equal(runItem(found[1]!, NOW).context, 'root.added');
  });

  it('says what is being written, too large, or broken', () => {
    const [live, large, bad] = rows([
      log('1.jsonl', { grewAt: NOW - 1000, count: { ...count(1), badRecords: 2 } }),
      log('2.jsonl', { bytes: 30 * 2 ** 30, uncounted: 'Too large.' }),
      log('3', { files: ['/w/3/1.jsonl', '/w/3/2.jsonl'] }),
    ]).map((row) => runItem(row, NOW));
    assert.equal(live?.icon.name, 'pulse');
    assert.match(live.spoken, /being written/);
    assert.equal(live.description, '1 rollout · 2 unreadable');
    assert.equal(large?.description, '30.0 GB');
    assert.ok(large.facts.some(([, text]) => text === 'Too large.'));
    assert.equal(large.context, 'log.trajectories.file');
    assert.equal(bad?.context, 'log.trajectories.folder');
  });

  it('keeps names to one line of visible text', () => {
    const [row] = rows([log('a\u202e\nb.jsonl')]).map((found) => runItem(found, NOW));
    assert.equal(row?.label, 'a b.jsonl');
  });

  it('shows groups and rollouts below a step', () => {
    const steps = [1, 2].map((step) => ({
      step,
      records: 3,
      judged: 3,
      right: 1,
      ranges: [[0, 3]] as const,
    }));
    const [row] = rows([log('a.jsonl', { count: { ...count(6), stepRollouts: steps } })]);
    assert.ok(row?.kind === 'log' && row.children[0]);
    const [group, alone] = rowsOfStep(row.children[0], [
      {
        question: 'Which?\n',
        spread: { count: 2, mean: 2, deviation: 0, isDead: true },
        rollouts: [
          { index: 1000, correct: true, reward: 2, zoomCount: 1 },
          { index: 1001, correct: false, reward: 2, zoomCount: 0 },
        ],
      },
      { question: 'Other?', rollouts: [{ index: 2, zoomCount: 2 }] },
    ]);
    assert.ok(group?.kind === 'group' && alone);
    const items = [group, ...rowsOfGroup(group), alone].map((shown) => runItem(shown, NOW));
    assert.deepEqual(
      items.map(({ label, description, icon }) => [label, description, icon.name]),
      [
        ['Which?', '2 rollouts · 1 of 2 right · reward 2, all equal', 'list-tree'],
        ['record 1,000', 'reward 2 · 1 zoom', 'pass'],
        ['record 1,001', 'reward 2 · 0 zooms', 'error'],
        ['Other?', 'record 2 · 2 zooms', 'circle-outline'],
      ],
    );
    assert.equal(new Set(items.map(({ id }) => id)).size, 4);
    assert.match(items[2]?.spoken ?? '', /^wrong, record 1,001/);
  });
});
