import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { findRollouts } from '../../../src/dynamics/findRollouts';
import { goldenBytes } from '../../support/goldenLogs';
import { boardLine } from '../../support/rolloutLog';
import { ScratchFolder } from '../../support/scratchFolder';

const BOARD = `${boardLine({ step: 1, question: 'q', zooms: 1, reward: 2 })}\n`;
const VERL = '{"input": "q", "output": "<answer>a</answer>", "gts": "a", "score": 2, "step": 1}\n';
const SWIFT = '{"step": ["1"], "prompt": ["q"], "completion": ["a"], "acc": [1], "advantages": [0]}\n';

describe('the log of rollouts beside metrics', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  /** What is found for a source, as ways from the folder: the one that was chosen, else all candidates in brackets. */
  const found = async (
    source: string,
  ): Promise<readonly string[] | { among: readonly string[] } | undefined> => {
    const result = await findRollouts(path.join(folder.path, source), new AbortController().signal);
    const from = (all: readonly string[]): string[] =>
      all.map((one) => path.relative(folder.path, one).split(path.sep).join('/'));
    if (!result) return undefined;
    return result.paths ? from(result.paths) : { among: from(result.candidates) };
  };

  it("is found where DeepEyes' scripts put it, by project and experiment", async () => {
    for (const name of ['exp1', 'exp2', 'exp2_long'])
      folder.write(`logs/rl_logging_board/agent/${name}/rollout_data_rank0.jsonl`, BOARD);
    folder.write('logs/rl_logging_board/other/exp1/rollout_data_rank0.jsonl', BOARD);
    folder.write('logs/tensorboard_log/agent/exp1/events', '');
    folder.write('logs/exp2.log', 'step:1 - a:1\n');
    const log = (name: string): string[] => [`logs/rl_logging_board/agent/${name}/rollout_data_rank0.jsonl`];
    assert.deepEqual(await found('logs/tensorboard_log/agent/exp1'), log('exp1'));
    assert.deepEqual(await found('logs/tensorboard_log/agent/exp1/events'), log('exp1'));
    assert.deepEqual(await found('logs/exp2.log'), log('exp2'));
    folder.write('logs/exp3.log', '');
    assert.equal(await found('logs/exp3.log'), undefined);
    folder.write('logs/exp1.console.log', '');
    assert.deepEqual(await found('logs/exp1.console.log'), {
      among: [...log('exp1'), 'logs/rl_logging_board/other/exp1/rollout_data_rank0.jsonl'],
    });
  });

  it('is the step files of verl, of a training before those of its validation', async () => {
    folder.write('out/exp.log', '');
    folder.write('out/validation_data/exp/1.jsonl', VERL);
    assert.deepEqual(await found('out/exp.log'), ['out/validation_data/exp']);
    folder.write('out/rollout_data/exp/1.jsonl', VERL);
    folder.write('out/rollout_data/exp/2.jsonl', VERL);
    assert.deepEqual(await found('out/exp.log'), ['out/rollout_data/exp']);
    folder.write('out/rollout_data_v1/exp/1.jsonl', VERL);
    assert.deepEqual(await found('out/exp.log'), {
      among: ['out/rollout_data/exp', 'out/rollout_data_v1/exp'],
    });
    folder.write('one/run.log', '');
    folder.write('one/rollouts/7.jsonl', VERL);
    assert.deepEqual(await found('one/run.log'), ['one/rollouts']);
  });

  it("is TRL's and ms-swift's, from their output folder, its checkpoints and its event files", async () => {
    folder.write('trl/trainer_state.json', '{}');
    folder.write('trl/checkpoint-13/trainer_state.json', '{}');
    folder.write('trl/runs/Nov21_node01/events', '');
    folder.write(
      'trl/completions/completions_00002.parquet',
      goldenBytes('trl', 'text', 'completions_00002.parquet'),
    );
    for (const source of [
      'trl/trainer_state.json',
      'trl/checkpoint-13/trainer_state.json',
      'trl/runs/Nov21_node01',
    ])
      assert.deepEqual(await found(source), ['trl/completions'], source);
    folder.write('swift/v0/logging.jsonl', '{"loss": 1}\n');
    folder.write('swift/v0/completions.jsonl', SWIFT);
    folder.write('swift/v0/runs/events', '');
    assert.deepEqual(await found('swift/v0/logging.jsonl'), ['swift/v0/completions.jsonl']);
    assert.deepEqual(await found('swift/v0/runs'), ['swift/v0/completions.jsonl']);
  });

  it('is all ranks together, and a file of any name in the same folder', async () => {
    folder.write('a/metrics.csv', '');
    for (const rank of [0, 1]) folder.write(`a/rollout_data_rank${rank}.jsonl`, BOARD);
    assert.deepEqual(await found('a/metrics.csv'), [
      'a/rollout_data_rank0.jsonl',
      'a/rollout_data_rank1.jsonl',
    ]);
    folder.write('b/metrics.csv', '');
    folder.write('b/my dump.jsonl', BOARD);
    folder.write('b/notes.jsonl', '{"no": "rollouts"}\n');
    assert.deepEqual(await found('b/metrics.csv'), ['b/my dump.jsonl']);
    folder.write('b/metrics.jsonl', BOARD);
    assert.deepEqual(await found('b/metrics.csv'), ['b/metrics.jsonl'], 'called as the log is');
  });

  it('is never the source itself, and not looked for in a home folder or a missing one', async () => {
    folder.write('rollout_data_rank0.jsonl', BOARD);
    assert.equal(await found('rollout_data_rank0.jsonl'), undefined);
    assert.equal(await found('nothing/here.log'), undefined);
    const { HOME } = process.env;
    process.env['HOME'] = folder.path;
    try {
      if (os.homedir() === folder.path) {
        folder.write('train.log', '');
        assert.equal(await found('train.log'), undefined);
        folder.write('rollouts/deep/1.jsonl', VERL);
        folder.write('deep/train.log', '');
        assert.equal(await found('deep/train.log'), undefined);
      }
    } finally {
      process.env['HOME'] = HOME;
    }
  });
});
