import assert from 'node:assert/strict';
import { chartIds, conceptOf, keyFor, planCharts } from '../../../src/webview/dynamics/chartPlan';
import { metricItems, metricRows } from '../../../src/webview/dynamics/metricGroups';
import { firstState } from '../../../src/webview/dynamics/pageState';
import { readPageState, writePageState } from '../../../src/webview/dynamics/remembered';
import { heldRun } from '../../webview/support/dynamicsData';

const points = { steps: [0, 1], values: [1, 2] };
const run = (id: string, ...keys: string[]) =>
  heldRun({ id, curves: Object.fromEntries(keys.map((key) => [key, points])) }).view;

describe('what the dynamics page remembers', () => {
  it('reads back what it wrote', () => {
    const state = { ...firstState(undefined), charts: ['concept:iou'], range: [1, 2] as const, table: true };
    const { view: _view, ...read } = {
      view: 0,
      ...readPageState(JSON.parse(JSON.stringify(writePageState(state)))),
    };
    assert.deepEqual(writePageState({ ...state, ...read }), writePageState(state));
  });

  for (const odd of [
    null,
    3,
    'x',
    [],
    { range: [NaN, 1], boundaries: { a: [3, 2], b: ['x'], c: [1] }, smoothing: 2 },
  ])
    it(`takes what makes no sense for the first state: ${JSON.stringify(odd)}`, () => {
      const read = readPageState(odd);
      assert.equal(read.range, undefined);
      assert.equal(read.smoothing, 0.6);
      assert.deepEqual(
        Object.keys(read.boundaries).filter((key) => key !== 'c'),
        [],
      );
    });
});

describe('which charts there are', () => {
  it('follows the paper, with stand-ins for what a run has not', () => {
    const runs = [
      run('a', 'agent/tool_call_mean', 'response_length/mean', 'critic/score/mean'),
      run('b', 'zoom_count'),
    ];
    assert.deepEqual(chartIds(runs, { charts: undefined }), [
      'concept:zoomCount',
      'concept:toolCalls',
      'concept:responseLength',
      'concept:score',
    ]);
  });

  it('tells a raw key from a concept of the same name', () => {
    const one = run('a', 'score', 'critic/score/mean');
    assert.equal(conceptOf('key:score'), undefined);
    assert.equal(keyFor(one, 'key:score', {}), 'score');
    assert.equal(keyFor(one, 'concept:score', {}), 'critic/score/mean');
    assert.equal(conceptOf('concept:__proto__'), undefined);
    const state = { charts: ['key:score', 'concept:score', 'key:gone'], keys: {}, hidden: [], band: false };
    assert.deepEqual(
      planCharts([one], state).map(({ title, key }) => [title, key]),
      [
        ['score', 'score'],
        ['Score', 'critic/score/mean'],
      ],
    );
  });

  it('offers only keys of one and the same run as a choice', () => {
    const state = { charts: undefined, keys: {}, hidden: [], band: false };
    const apart = planCharts([run('a', 'grounding/iou'), run('b', 'rollouts/iou')], state);
    assert.deepEqual(apart[0]?.choices, []);
    const both = planCharts([run('a', 'rollouts/iou', 'rollouts/iou_best_call')], state);
    assert.deepEqual(
      both[0]?.choices.map(({ key }) => key),
      ['rollouts/iou', 'rollouts/iou_best_call'],
    );
  });

  it('groups keys by meaning, then by prefix, and finds them by words', () => {
    const items = metricItems([run('a', 'zz', 'actor/lr', 'grounding/iou'), run('b', 'actor/lr')]);
    const words = (search: string) =>
      metricRows(items, search).map((row) => (row.kind === 'group' ? `# ${row.title}` : row.key));
    assert.deepEqual(words(''), [
      '# Grounding IoU',
      'grounding/iou',
      '# actor',
      'actor/lr',
      '# Others',
      'zz',
    ]);
    assert.deepEqual(words('LR act'), ['# actor', 'actor/lr']);
    assert.equal(items.find(({ key }) => key === 'actor/lr')?.points, 4);
  });
});
