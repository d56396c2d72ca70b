import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { findSources } from '../../../../src/files/findSources';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { zoomCount } from '../../../../src/analysis/trajectoryFacts';
import { miniO3Reader as reader, UNREAD_LINES } from '../../../../src/readers/trajectories/miniO3';
import { recordedToolOptions } from '../../../../src/rollout/recordedToolOptions';
import { planCalls } from '../../../../src/rollout/tools/planCalls';
import { readTable } from '../../../support/memoryFile';
import { seeded } from '../../../support/mutations';
import { readGood } from '../../../support/readRecords';

const FOLDER = path.join(__dirname, '../../../fixtures/mini-o3/save_traj');
const FILE = path.join(FOLDER, 'vp_12_0', 'traj.jsonl');
const bytes = Uint8Array.from(readFileSync(FILE));
const lines = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as unknown);

describe('Mini-o3 folders', () => {
  it('a folder of folders is one log; a file that was appended to holds a rollout per run', async () => {
    const { sources } = await findSources([path.dirname(FOLDER)]);
    assert.deepEqual(
      sources.map(({ path: name, format, files }) => [name, format, files.length]),
      [[FOLDER, 'mini-o3', 2]],
    );
    const source = await openTrajectorySource(FOLDER, { index: 'inProcess' });
    assert.equal((await source.indexed()).records, 3);
    const results = await source.records(0, 3);
    const told = results.map((result) => {
      assert.ok(result.status === 'ok');
      const { id, turns, outcome, groundTruth, frame } = result.trajectory;
      return [id, turns.length, outcome.status, groundTruth, frame];
    });
    assert.deepEqual(told, [
      ['vp_12_0', 5, 'finished', 'Ferry', 'relative1'],
      ['vp_12_1', 1, 'finished', 'Ferry', 'relative1'],
      ['vp_12_1', 2, 'turnLimit', 'Ferry', 'relative1'],
    ]);
    source.dispose();
  });

  it('crops have the pictures of their turns; a failed grounding has its error and none', () => {
    const { trajectory } = readGood(reader, ...lines);
    assert.equal(trajectory.prompt.question, 'What does the small sign on the pier say?');
    assert.deepEqual(trajectory.prompt.images, [{ kind: 'file', path: 'original_image.jpg' }]);
    assert.deepEqual(
      trajectory.turns.map(({ observation }) =>
        observation?.images.map((image) => 'path' in image && image.path),
      ),
      [
        ['observation_1_original_image.jpg'],
        [],
        ['observation_3_original_image.jpg'],
        ['observation_4_original_image.jpg'],
        undefined,
      ],
    );
    assert.match(
      trajectory.turns[1]?.observation?.error ?? '',
      /^ERROR occurs during grounding\. .*again\.$/s,
    );
    assert.equal(zoomCount(trajectory), 3);
  });

  it('a crop of a crop is placed on the crop that its source names, by its count of pictures', () => {
    const { trajectory } = readGood(reader, ...lines);
    // The pictures' own sizes, as the files beside the log would tell them.
    const sizes = [
      { width: 800, height: 600 },
      undefined,
      { width: 200, height: 150 },
      { width: 100, height: 75 },
    ];
    const turns = trajectory.turns.map((turn, at) => {
      const size = at === 0 ? { width: 400, height: 300 } : sizes[at];
      const { observation } = turn;
      if (!observation || !size) return turn;
      return {
        ...turn,
        observation: { ...observation, images: observation.images.map((one) => ({ ...one, size })) },
      };
    });
    const calls = planCalls(turns, { width: 800, height: 600 }, (size) =>
      recordedToolOptions(trajectory, size),
    );
    assert.deepEqual(
      calls.map(({ source }) => source),
      [
        { kind: 'prompt', image: 0 },
        undefined,
        { kind: 'observation', turn: 0, image: 0 },
        { kind: 'observation', turn: 2, image: 0 },
      ],
    );
    assert.equal(calls[1]?.report.rejected, 'noImage');
    assert.deepEqual(
      calls.map(({ report }) => 'cut' in report && report.cut),
      [
        { x1: 400, y1: 150, x2: 800, y2: 450 },
        false,
        { x1: 0, y1: 0, x2: 200, y2: 150 },
        { x1: 100, y1: 75, x2: 200, y2: 150 },
      ],
    );
  });

  it('a line that is none of the kinds is counted, and the rest stays', () => {
    const [header, first, ...rest] = lines;
    const { trajectory } = readGood(reader, header, first, { other: 1 }, undefined, ...rest);
    assert.equal(trajectory.extras.get(UNREAD_LINES), 2);
    assert.equal(trajectory.turns.length, 5);
  });

  it('cut at every byte, and with 500 bits flipped: whole lines are read as before', async () => {
    const all = await readTable(reader, bytes);
    const turnsOf = (result: (typeof all)[number] | undefined): readonly string[] =>
      result?.status === 'ok' ? result.trajectory.turns.map(({ raw }) => raw) : [];
    const whole = turnsOf(all[0]);
    const headerEnd = bytes.indexOf(10);
    for (let end = headerEnd; end <= bytes.length; end++) {
      const text = new TextDecoder().decode(bytes.subarray(0, end));
      const ended = text
        .split('\n')
        .slice(1, -1)
        .filter((line) => line.includes('"text_output"')).length;
      const found = turnsOf((await readTable(reader, bytes.subarray(0, end)))[0]);
      assert.deepEqual(found.slice(0, ended), whole.slice(0, ended), `cut at ${end}`);
    }
    const random = seeded(7);
    for (let round = 0; round < 500; round++) {
      const damaged = Uint8Array.from(bytes);
      const at = random(damaged.length);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8));
      await readTable(reader, damaged);
    }
  }).timeout(60_000);
});
