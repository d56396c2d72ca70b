import assert from 'node:assert/strict';
import { curvesOfAggregates } from '../../../../src/analysis/rolloutCurves/curvesOfAggregates';
import { RolloutAggregate } from '../../../../src/analysis/rolloutCurves/rolloutAggregate';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { parseTurn } from '../../../../src/trajectory/parseTurn';
import { streamRecords } from '../../../../src/files/streamRecords';
import { readFixtureJson, fixturePath } from '../../../support/rolloutFixtures';
import { goldenJson, goldenLog } from '../../../support/goldenLogs';
import { openRolloutCurves } from '../../../../src/dynamics/rolloutCurves';

const SIGNAL = new AbortController().signal;

/** The values of a file's curves by key, each as step to value. */
async function curvesOf(file: string): Promise<ReadonlyMap<string, ReadonlyMap<number, number>>> {
  const curves = await openRolloutCurves([file]);
  await curves.refresh(SIGNAL, () => undefined);
  return byStep(curves.run.series);
}

function byStep(series: ReadonlyMap<string, { steps: Float64Array; values: Float64Array }>) {
  return new Map(
    [...series].map(([key, { steps, values }]) => [
      key,
      new Map([...steps].map((step, at) => [step, values[at] ?? NaN])),
    ]),
  );
}

/** A rollout that asked for boxes, one turn each, and got a crop for each. */
function zoomed(boxes: readonly (readonly number[])[], more: Partial<Trajectory> = {}): Trajectory {
  const calls = boxes.map((box) => {
    const raw = `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${box.join(', ')}]}}</tool_call>`;
    const observation = { kind: 'observation', raw: '', text: '', images: [{ kind: 'blank' }] } as const;
    return { raw, parts: parseTurn(raw, 'trainingV2').parts, observation };
  });
  const raw = '<answer>a</answer>';
  return {
    origin: { file: 'x', index: 0, bytes: { start: 0, end: 0 } },
    prompt: { user: 'q', question: 'q', images: [{ kind: 'blank', size: { width: 2000, height: 1000 } }] },
    turns: [...calls, { raw, parts: parseTurn(raw, 'trainingV2').parts }],
    outcome: { status: 'finished' },
    step: 1,
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras: new Map(),
    ...more,
  };
}

function valuesOf(...trajectories: readonly Trajectory[]): Readonly<Record<string, number | undefined>> {
  const aggregate = new RolloutAggregate();
  for (const trajectory of trajectories) aggregate.add(trajectory);
  const { series } = curvesOfAggregates([aggregate]);
  return Object.fromEntries(
    [...series].map(([key, { values }]) => [key.slice('rollouts/'.length), values[0]]),
  );
}

const box = (...[x1, y1, x2, y2]: readonly [number, number, number, number]) => ({ x1, y1, x2, y2 });

describe('curves from rollouts', () => {
  it('are what was worked out of dumps without this program', async () => {
    interface Row {
      readonly step: number;
      readonly reward: number;
      readonly acc: number;
      readonly tokens: number;
      readonly model_tokens: number;
      readonly calls: number;
      readonly images: number;
    }
    const expected = readFixtureJson('rl-logging-board') as Record<string, readonly Row[]>;
    for (const [name, rows] of Object.entries(expected)) {
      const curves = await curvesOf(fixturePath('rl-logging-board', name));
      for (const step of new Set(rows.map((row) => row.step))) {
        const own = rows.filter((row) => row.step === step);
        const mean = (of: (row: Row) => number) => own.reduce((sum, row) => sum + of(row), 0) / own.length;
        for (const [key, of] of [
          ['zoom_count', (row: Row) => row.images],
          ['tool_calls', (row: Row) => row.calls],
          ['response_length', (row: Row) => row.model_tokens],
          ['response_length_with_observations', (row: Row) => row.tokens],
          ['reward', (row: Row) => row.reward],
          ['accuracy', (row: Row) => row.acc],
          ['no_zoom', (row: Row) => Number(row.images === 0)],
        ] as const) {
          const found = curves.get(`rollouts/${key}`)?.get(step);
          assert.ok(Math.abs((found ?? NaN) - mean(of)) < 1e-12, `${name}, step ${step}: ${key} ${found}`);
        }
      }
      assert.ok(
        ![...curves.keys()].some((key) => /iou|box_area/.test(key)),
        'no boxes and no size are known',
      );
    }
  });

  it('count groups whose rewards are all equal, as the advantages of the trainer say', async () => {
    const rows = goldenJson('swift', 'expected.json') as readonly {
      readonly step: number;
      readonly rewards: readonly number[];
    }[];
    const curves = await curvesOf(goldenLog('swift', 'completions.jsonl'));
    const half = (list: readonly number[], at: number): readonly number[] => list.slice(at * 4, at * 4 + 4);
    for (const { step, rewards } of rows) {
      const dead = [0, 1].filter((at) => new Set(half(rewards, at)).size === 1).length / 2;
      assert.equal(curves.get('rollouts/dead_groups')?.get(step), dead, `step ${step}`);
    }
  });

  it("give the IoU of DeepEyes' own notebook", () => {
    const { iou } = valuesOf(
      zoomed([[126, 1235, 300, 1400]], {
        groundTruthBoxes: [box(164, 1199, 267, 1243), box(1347, 1303, 1393, 1432)],
      }),
    );
    assert.equal(iou, 0.02541797766672836);
  });

  it('take the IoU over calls in three ways, each call by its best box', () => {
    // Shared 50 x 100 of 15,000; all of it; nothing: of the other truth half.
    const groundTruthBoxes = [box(0, 0, 100, 100), box(500, 500, 600, 600)];
    const values = valuesOf(
      zoomed(
        [
          [50, 0, 150, 100],
          [0, 0, 100, 100],
          [500, 500, 600, 550],
        ],
        { groundTruthBoxes },
      ),
      zoomed([], { groundTruthBoxes }),
      zoomed([[0, 0, 100, 100]], { groundTruthBoxes: [] }),
      zoomed([[0, 0, 100, 100]]),
      zoomed([[100, 100, 0, 0]], { groundTruthBoxes }),
    );
    assert.ok(Math.abs((values['iou'] ?? NaN) - (1 / 3 + 1 + 1 / 2) / 3 / 2) < 1e-15);
    assert.equal(values['iou_best_call'], 0.5);
    assert.equal(values['iou_last_call'], 0.25);
  });

  it('place boxes of every frame on the image', () => {
    const groundTruthBoxes = [box(200, 100, 1000, 500)];
    const seen = { extras: new Map([['settings', { view: { maxPixels: 500 * 1000 } }]]) };
    for (const [frame, asked, more] of [
      ['original', [200, 100, 1000, 500], {}],
      ['relative1000', [100, 100, 500, 500], {}],
      ['relative1', [0.1, 0.1, 0.5, 0.5], {}],
      // 2000 x 1000 within 500,000 pixels is 980 x 476 on the grid of 28.
      ['resized', [98, 47.6, 490, 238], seen],
    ] as const) {
      const values = valuesOf(zoomed([asked], { frame, groundTruthBoxes, ...more }));
      assert.ok(Math.abs((values['iou'] ?? NaN) - 1) < 1e-12, `${frame}: ${values['iou']}`);
      assert.ok(Math.abs((values['box_area'] ?? NaN) - 0.16) < 1e-12, frame);
    }
  });

  it('place boxes on crops of crops, and leave out what stands elsewhere', () => {
    const grounded = (asked: readonly number[], source: string) => {
      const call = {
        status: 'parsed',
        text: '',
        name: 'grounding',
        arguments: new Map([['source', source]]),
        box: box(...(asked as unknown as readonly [number, number, number, number])),
      } as const;
      const part = {
        kind: 'toolCall',
        range: { start: 0, end: 0 },
        text: '',
        closed: true,
        acted: true,
        call,
      } as const;
      const observation = { kind: 'observation', raw: '', text: '', images: [{ kind: 'blank' }] } as const;
      return { raw: '', parts: [part], observation } as const;
    };
    // Right half; its lower half, outside of which nothing counts; of that the left half. The fourth names no picture.
    const turns = [
      grounded([0.5, 0, 1, 1], 'original_image'),
      grounded([0, 0.5, 1, 1.5], 'observation_1'),
      grounded([0, 0, 0.5, 1], 'observation_2'),
      grounded([0, 0, 1, 1], 'observation_9'),
    ];
    const groundTruthBoxes = [box(1000, 500, 1500, 1000)];
    const values = valuesOf(
      zoomed([], { turns, frame: 'relative1', zoomVariant: 'miniO3', groundTruthBoxes }),
    );
    // A quarter of the right half; of its lower half, as asked for, a quarter too; all.
    assert.deepEqual([values['iou_last_call'], values['iou_best_call']], [1, 1]);
    assert.ok(Math.abs((values['iou'] ?? NaN) - (0.25 + 0.25 + 1) / 3) < 1e-12, String(values['iou']));
    assert.ok(Math.abs((values['box_area'] ?? NaN) - (0.5 + 0.25 + 0.125) / 3) < 1e-12);
  });

  it('know nothing of what a log leaves out', () => {
    const plain = valuesOf(zoomed([]));
    assert.deepEqual(Object.keys(plain).sort(), [
      'answered',
      'no_zoom',
      'tool_calls',
      'turns',
      'zoom_count',
      'zoom_entropy',
    ]);
    const [call] = zoomed([[0, 0, 9, 9]]).turns;
    assert.ok(call);
    const { observation: _lost, ...unanswered } = call;
    // The last turn's reply is not in a dump: whether the call gave a crop, nobody knows.
    assert.equal(valuesOf(zoomed([], { turns: [unanswered] }))['tool_success'], undefined);
    assert.equal(valuesOf(zoomed([], { turns: [call, unanswered] }))['tool_success'], 1);
  });

  it('leave out rollouts that have not ended, and rewards that are no numbers', () => {
    const reward = (total: number) => ({
      total,
      parts: [{ name: 'a', value: total, provenance: 'stored' as const }],
    });
    const values = valuesOf(
      zoomed([], { reward: reward(2) }),
      zoomed([], { reward: reward(NaN) }),
      zoomed([[0, 0, 9, 9]], { outcome: { status: 'running' }, reward: reward(7) }),
    );
    assert.deepEqual([values['reward'], values['reward/a'], values['zoom_count']], [2, 2, 0]);
  });

  it('tell groups by uid, else by prompt, image and ground truth; one rollout alone is none', () => {
    const of = (user: string, total: number, more: Partial<Trajectory> = {}) =>
      zoomed([], { prompt: { user, question: user, images: [] }, reward: { total, parts: [] }, ...more });
    const uid = (key: string) => ({ group: { key, provenance: 'uid' as const } });
    const dead = (...all: readonly Trajectory[]) => valuesOf(...all)['dead_groups'];
    assert.equal(dead(of('a', 1), of('b', 1)), undefined);
    assert.equal(dead(of('a', 1), of('b', 1), of('a', 1)), 1);
    assert.equal(dead(of('a', 1), of('b', 1), of('a', 1), of('b', 2)), 0.5);
    assert.equal(dead(of('a', 1, { groundTruth: 'x' }), of('a', 2, { groundTruth: 'y' })), undefined);
    assert.equal(dead(of('a', 1, uid('g')), of('b', 1, uid('g')), of('b', 1, uid('h'))), 1);
  });

  it('keep groups apart while steps alternate, in memory with a limit', () => {
    const aggregate = new RolloutAggregate();
    const add = (step: number, user: string, total: number): void =>
      aggregate.add(
        zoomed([], { step, prompt: { user, question: user, images: [] }, reward: { total, parts: [] } }),
      );
    for (let round = 0; round < 2; round++)
      for (let step = 0; step < 30; step++) add(step, 'q', step % 2 ? 1 : round);
    const { series } = curvesOfAggregates([aggregate]);
    const dead = [...(series.get('rollouts/dead_groups')?.values ?? [])];
    assert.deepEqual(
      dead,
      Array.from({ length: 30 }, (_, step) => step % 2),
    );
    // Far more steps than are kept open: what was counted stays counted.
    for (let step = 100; step < 400; step++) for (const total of [0, 0]) add(step, 'q', total);
    assert.equal(aggregate.state().open.length, 32);
    const later = curvesOfAggregates([aggregate]).series.get('rollouts/dead_groups');
    assert.deepEqual([...(later?.values ?? [])], [...dead, ...Array<number>(300).fill(1)]);
  });

  it('hold the whole distribution and the places of each step, whatever the order of the records', () => {
    const files = [new RolloutAggregate(), new RolloutAggregate()];
    const zooms = [
      [1, 2],
      [2, 0],
      [2, 2],
      [1, 2],
      [1, 1],
      [1, 400],
    ] as const;
    zooms.forEach(([step, count], at) => {
      const boxes = Array.from({ length: count }, () => [0, 0, 9, 9]);
      files[at < 3 ? 0 : 1]?.add(zoomed(boxes, { step }));
      if (at === 3) files[1]?.addBad();
    });
    files[1]?.add({ ...zoomed([]), step: NaN });
    const { steps, zoomDistributions, records, badRecords, withoutStep } = curvesOfAggregates(files);
    assert.deepEqual([records, badRecords, withoutStep], [8, 1, 1]);
    assert.deepEqual(
      steps.map(({ step, ranges }) => [step, ranges]),
      [
        [
          1,
          [
            [0, 1],
            [3, 4],
            [5, 7],
          ],
        ],
        [2, [[1, 3]]],
      ],
    );
    const [one, two] = zoomDistributions;
    assert.deepEqual(two?.counts, [1, 0, 1]);
    assert.deepEqual(one?.counts.slice(0, 4), [0, 1, 2, 0]);
    assert.deepEqual([one?.counts.length, one?.counts.at(-1)], [256, 1]);
  });

  it('go on from a state that was written and read', async () => {
    const whole = new RolloutAggregate();
    let parts = new RolloutAggregate();
    for await (const result of streamRecords(fixturePath('rl-logging-board', 'released.jsonl'))) {
      assert.equal(result.status, 'ok');
      if (result.status !== 'ok') continue;
      whole.add(result.trajectory);
      parts.add(result.trajectory);
      parts = new RolloutAggregate(JSON.parse(JSON.stringify(parts.state())) as never);
    }
    assert.ok(whole.records > 3);
    assert.deepEqual(curvesOfAggregates([parts]), curvesOfAggregates([whole]));
  });
});
