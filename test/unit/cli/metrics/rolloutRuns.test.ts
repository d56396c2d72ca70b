import assert from 'node:assert/strict';
import { boardLine } from '../../../support/rolloutLog';
import { ScratchFolder } from '../../../support/scratchFolder';
import { imcot } from '../support/imcot';

interface Printed {
  readonly runs: readonly {
    readonly name: string;
    readonly source: string;
    readonly format: string;
    readonly series: Readonly<Record<string, readonly (readonly [number, number, null])[]>>;
    readonly concepts: Readonly<Record<string, string>>;
    readonly badRecords: number;
    readonly alarms: readonly { readonly kind: string; readonly step: number }[];
    readonly boundaries: readonly number[] | null;
    readonly reason: string;
  }[];
}

const printed = (out: string): Printed['runs'] => (JSON.parse(out) as Printed).runs;

describe('curves of rollouts in the terminal', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  const dump = (steps: number, zoomsOf: (step: number, at: number) => number): string =>
    Array.from({ length: steps }, (_, step) =>
      Array.from({ length: 16 }, (__, at) =>
        boardLine({ step, question: `q${at >> 2}`, zooms: zoomsOf(step, at), reward: at % 2 ? 2 : 0 }),
      ),
    )
      .flat()
      .join('\n');

  it('are printed as the curves of any run', async () => {
    const file = folder.write(
      'exp/rollout_data_rank0.jsonl',
      `${dump(2, (step, at) => (step + at) % 2)}\n{"step"\n`,
    );
    const { code, out, err } = await imcot(['metrics', '--json', file]);
    const [run, ...others] = printed(out);
    assert.deepEqual(others, []);
    assert.equal(code, 1);
    assert.match(err, /rollout_data_rank0\.jsonl, byte \d+: A line of JSON was expected/);
    assert.deepEqual(
      [run?.name, run?.source, run?.format, run?.badRecords],
      ['exp', file, 'rl-logging-board', 1],
    );
    assert.deepEqual(run?.series['rollouts/zoom_count'], [
      [0, 0.5, null],
      [1, 0.5, null],
    ]);
    assert.equal(run?.concepts['responseLength'], 'rollouts/response_length');
    assert.equal(run?.concepts['score'], 'rollouts/reward');
  });

  it("stay apart from those of the trainer's own log", async () => {
    folder.write('exp/exp.log', 'step:0 - agent/tool_call_mean:0.5\nstep:1 - agent/tool_call_mean:0.75\n');
    folder.write('exp/rollout_data_rank0.jsonl', `${dump(2, () => 1)}\n`);
    const { code, out } = await imcot(['metrics', '--json', folder.path]);
    assert.equal(code, 0);
    assert.deepEqual(
      printed(out).map(({ name, series, concepts }) => [
        name,
        Object.keys(series).length > 1,
        concepts['toolCalls'],
      ]),
      [
        ['exp (verl-console)', false, 'agent/tool_call_mean'],
        ['exp (rl-logging-board)', true, 'rollouts/tool_calls'],
      ],
    );
  });

  it('are told apart by where their logs lie, below what they have in common', async () => {
    for (const name of ['a/exp', 'b/exp'])
      folder.write(`${name}/rollout_data.jsonl`, `${dump(1, () => 1)}\n`);
    const data = [[7, 'q', '<answer>a</answer>', 1]];
    const table = JSON.stringify({ columns: ['step', 'prompt', 'response', 'reward'], data });
    folder.write('c/rollouts_7_0123456789abcdef0123.table.json', table);
    const { out } = await imcot(['metrics', '--json', folder.path]);
    assert.deepEqual(
      printed(out).map(({ name }) => name),
      ['exp (a/exp/rollout_data.jsonl)', 'exp (b/exp/rollout_data.jsonl)', 'rollouts_7'],
    );
  });

  it('give the stages and the alarm that all zoom alike', async () => {
    const file = folder.write('dump.jsonl', `${dump(40, (step, at) => (step < 20 ? at % 3 : 1))}\n`);
    const { code, out } = await imcot(['stages', '--json', file]);
    assert.equal(code, 0);
    const [run] = printed(out);
    assert.deepEqual(
      run?.alarms.filter(({ kind }) => kind === 'homogenisedUse').map(({ step }) => step),
      [20],
    );
    assert.equal(run?.boundaries, null);
    assert.ok(run?.reason !== '');
  });

  it('are missed where no rollout says of which step it is', async () => {
    const file = folder.write('result.jsonl', '{"pred_ans": "a", "pred_output": [], "question": "q"}\n');
    const { code, err, out } = await imcot(['metrics', file]);
    assert.deepEqual([code, out], [1, '']);
    assert.match(err, /no rollout in .*result\.jsonl says of which training step/);
    const inFolder = await imcot(['metrics', folder.path]);
    assert.equal(inFolder.code, 0);
    assert.match(inFolder.err, /no log of rollouts with training steps/);
  });
});
