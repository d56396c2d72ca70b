import assert from 'node:assert/strict';
import { ImageLookup } from '../../../../src/imaging/imageLookup';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { READERS } from '../../../../src/readers/registry';
import { chooseReader } from '../../../../src/readers/sniff';
import { rolloutColumns } from '../../../../src/readers/trajectories/wandbColumns';
import { wandbTableReader as reader } from '../../../../src/readers/trajectories/wandbTable';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { makePng } from '../../../support/makePng';
import { readTable } from '../../../support/memoryFile';
import { ScratchFolder } from '../../../support/scratchFolder';

const PICTURE = makePng({ width: 8, height: 6, bitDepth: 8, colourType: 0, row: new Uint8Array(8) });
const media = { _type: 'image-file', path: 'media/images/one.png', width: 8, height: 6 };
const TABLE = {
  columns: ['step', 'prompt', 'response', 'reward', 'image'],
  data: [
    [20, 'What is it?', '<answer>a "cup", é</answer>', 2, media],
    [20, 'What is it?', '<think>[{</think><answer>b</answer>', 0, 'Image'],
  ],
};
const SIDE_BY_SIDE = {
  columns: ['step', 'input_1', 'output_1', 'score_1', 'input_2', 'output_2', 'score_2'],
  data: [
    [80, 'p', 'first', 1, 'q', 'second', 0],
    [81, 'p', 'third', 0.5, 'q', 'fourth', 0],
  ],
};

const bytesOf = (table: object): Uint8Array => new TextEncoder().encode(JSON.stringify(table));

async function good(table: object, name = 'log'): Promise<readonly Trajectory[]> {
  return (await readTable(reader, bytesOf(table), name)).map((result) => {
    assert.ok(result.status === 'ok', result.status === 'bad' ? result.reason : '');
    return result.trajectory;
  });
}

describe('W&B tables of rollouts', () => {
  it('a row is a rollout with its step, reward and picture', async () => {
    const [first, second] = await good(TABLE);
    assert.deepEqual(
      [first?.step, first?.reward?.total, first?.prompt.user, first?.turns[0]?.raw],
      [20, 2, 'What is it?', '<answer>a "cup", é</answer>'],
    );
    const size = { width: 8, height: 6 };
    assert.deepEqual(first?.prompt.images, [{ kind: 'file', path: 'media/images/one.png', size }]);
    assert.deepEqual(second?.prompt.images, [{ kind: 'blank' }]);
    assert.deepEqual(first?.group, second?.group);
  });

  it("of verl's validation table a row holds several rollouts", async () => {
    const all = await good(SIDE_BY_SIDE);
    assert.deepEqual(
      all.map(({ step, turns, reward }) => [step, turns[0]?.raw, reward?.total]),
      [
        [80, 'first', 1],
        [80, 'second', 0],
        [81, 'third', 0.5],
        [81, 'fourth', 0],
      ],
    );
  });

  it('the columns tell a table of rollouts from any other; a file name tells the step where no column does', async () => {
    assert.deepEqual(rolloutColumns(['Input', 'x', 'Output']), [{ prompt: 0, response: 2 }]);
    for (const columns of [[], ['step', 'loss'], ['prompt'], ['input_1', 'score_1'], ['input_1', 'output_2']])
      assert.deepEqual(rolloutColumns(columns), [], columns.join());
    const choose = (lines: string[], values: unknown[]): boolean =>
      'reader' in chooseReader({ name: 'x.table.json', lines, values }, READERS);
    assert.equal(choose([''], [{ columns: ['epoch', 'loss'], data: [[1, 2]] }]), false);
    assert.ok(choose([`${JSON.stringify(TABLE).slice(0, 90)}`], [undefined]));
    const data = [['a', 'b']];
    const file = 'files/media/table/val/rollouts_7_0123456789abcdef0123.table.json';
    assert.equal((await good({ columns: ['prompt', 'output'], data }, file))[0]?.step, 7);
  });

  it("pictures are looked for in the run's files, and nowhere above", async () => {
    const scratch = new ScratchFolder();
    try {
      const run = 'wandb/offline-run-20260101_000000-abc';
      const log = scratch.write(
        `${run}/files/media/table/val/r_1_0123456789abcdef.table.json`,
        bytesOf(TABLE),
      );
      const picture = scratch.write(`${run}/files/media/images/one.png`, PICTURE);
      scratch.write('wandb/secret.png', PICTURE);
      const lookup = new ImageLookup({ roots: [] });
      const found = await lookup.find('media/images/one.png', log);
      assert.deepEqual([found.status, 'path' in found && found.path], ['found', picture]);
      for (const outside of ['../../secret.png', `${scratch.path}/wandb/secret.png`])
        assert.notEqual((await lookup.find(outside, log)).status, 'found', outside);
      const elsewhere = scratch.write('files/media/table/r.table.json', bytesOf(TABLE));
      scratch.write('files/media/images/two.png', PICTURE);
      assert.notEqual((await lookup.find('media/images/two.png', elsewhere)).status, 'found');
      const source = await openTrajectorySource(log, { index: 'inProcess' });
      assert.equal((await source.indexed()).records, 2);
      source.dispose();
    } finally {
      scratch.remove();
    }
  });

  it('cut at every byte: rows that are whole are read', async () => {
    const bytes = bytesOf(TABLE);
    const whole = await good(TABLE);
    const ends = whole.map(({ origin }) => origin.bytes.end);
    for (let cut = 0; cut < bytes.length; cut++) {
      const found = await readTable(reader, bytes.subarray(0, cut));
      const sound = found.flatMap((result) => (result.status === 'ok' ? [result.trajectory.turns] : []));
      const count = ends.filter((end) => end <= cut).length;
      assert.deepEqual(
        sound.slice(0, count),
        whole.slice(0, count).map(({ turns }) => turns),
        `cut at ${cut}`,
      );
      assert.ok(sound.length <= whole.length);
    }
  });

  it('every bit flipped once: nothing throws', async () => {
    const bytes = bytesOf(SIDE_BY_SIDE);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes);
      const at = bit >> 3;
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (bit & 7));
      await readTable(reader, damaged);
    }
  });
});
