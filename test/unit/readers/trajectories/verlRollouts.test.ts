import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { trajectoryFacts } from '../../../../src/analysis/trajectoryFacts';
import { verlRolloutsReader as reader } from '../../../../src/readers/trajectories/verlRollouts';
import { fixturePath, fixtureValues, readFixture, readGood, readValue } from '../../../support/readFixture';

interface ExpectedRow {
  readonly score: number;
  readonly acc?: number;
  readonly gts?: string | null;
  readonly uid?: string;
  readonly zooms?: number;
  readonly crops?: readonly { readonly bbox_2d: readonly number[]; readonly ok: boolean }[];
}

const expected = JSON.parse(readFileSync(fixturePath('verl-rollouts', 'expected.json'), 'utf8')) as Readonly<
  Record<string, readonly ExpectedRow[]>
>;

for (const [name, rows] of Object.entries(expected)) {
  const file = fixturePath('verl-rollouts', name);
  const trajectories = readFixture(reader, file);
  const values = fixtureValues(file) as readonly Readonly<Record<string, unknown>>[];

  describe(`verl: ${name} against its true values`, () => {
    it('has every row', () => assert.equal(trajectories.length, rows.length));

    rows.forEach((row, index) => {
      const trajectory = trajectories[index];
      const value = values[index];
      assert.ok(trajectory && value);

      it(`row ${index}: score, parts, ground truth, step`, () => {
        assert.equal(trajectory.reward?.total, row.score);
        assert.equal(trajectory.reward.formula, 'deepeyes');
        const accuracy = trajectory.reward.parts.find((part) => part.name === 'accuracy');
        if (row.acc !== undefined) assert.equal(accuracy?.value, row.acc);
        assert.equal(accuracy?.provenance, 'acc' in value ? 'stored' : 'recovered');
        assert.equal(trajectory.groundTruth, value['gts'] ?? undefined);
        assert.equal(trajectory.step, Number(path.basename(name, '.jsonl')));
      });

      it(`row ${index}: calls, crops, output byte for byte`, () => {
        const facts = trajectoryFacts(trajectory);
        if (row.zooms !== undefined) assert.equal(facts.toolCalls, row.zooms);
        if (row.crops) {
          assert.equal(facts.zoomCount, row.crops.filter((crop) => crop.ok).length);
          assert.equal(facts.toolErrors, row.crops.filter((crop) => !crop.ok).length);
          const boxes = facts.boxes.map(({ box }) => [box.x1, box.y1, box.x2, box.y2]);
          assert.deepEqual(
            boxes,
            row.crops.map((crop) => crop.bbox_2d),
          );
        }
        const joined = trajectory.turns.map((turn) => turn.raw + (turn.observation?.raw ?? '')).join('');
        assert.equal(joined, value['output']);
        assert.match(trajectory.prompt.question, /^What is the color of the .*\?$/);
        assert.equal(trajectory.outcome.status, 'finished');
      });

      it(`row ${index}: group`, () => {
        if (row.uid === undefined) assert.equal(trajectory.group?.provenance, 'derived');
        else {
          const key = row.uid.split('_').slice(0, -2).join('_');
          assert.deepEqual(trajectory.group, { key, provenance: 'uid' });
          assert.equal(trajectory.id, row.uid);
        }
      });
    });
  });
}

describe('verl: fields', () => {
  const row = { input: 'Why?', output: '<answer>x</answer>', gts: 'x', score: 0.8, step: 3 };
  const values = (given: object): unknown =>
    readGood(reader, { ...row, ...given }).reward?.parts.map(({ name, value, provenance }) => [
      name,
      value,
      provenance,
    ]);

  it('parts are numbers, strings of numbers or truth values', () => {
    assert.deepEqual(values({ acc: 'True', format: -0, tool: '0.0' }), [
      ['accuracy', 1, 'stored'],
      ['format', 0, 'stored'],
      ['tool', 0, 'stored'],
    ]);
    assert.deepEqual(values({ score: 7, acc: 'False' }), [['accuracy', 0, 'stored']]);
  });

  it('a part that is NaN, null or a word stays among the extras', () => {
    const read = readGood(reader, { ...row, acc: NaN, format: null, tool: 'much', pred: null });
    assert.deepEqual([...read.extras.keys()], ['acc', 'format', 'tool', 'pred']);
    assert.ok(read.reward?.parts.every((part) => part.provenance === 'recovered'));
  });

  it('no score is no reward', () => {
    const { score: _score, ...without } = row;
    assert.equal(readGood(reader, without).reward, undefined);
    assert.equal(readGood(reader, { ...without, reward: 2 }).reward?.total, 2);
  });

  it('the step is that of the file where the row has none', () => {
    const { step: _step, ...without } = row;
    assert.equal(readGood(reader, without, '/runs/x/120.jsonl').step, 120);
    assert.equal(readGood(reader, without, '/runs/x/val.jsonl').step, undefined);
  });

  it('the group is the uid without its last two numbers, whatever stands before them', () => {
    const key = (uid: string): string | undefined => readGood(reader, { ...row, uid }).group?.key;
    assert.equal(key('a_b_3_0'), 'a_b');
    assert.equal(key('plain'), 'plain');
    assert.equal(key('_1_2'), '_1_2');
  });

  it("verl's own zoom tool, unless DeepEyes' texts are there", () => {
    assert.equal(readGood(reader, row).zoomVariant, 'verl');
    const output = '</tool_call>\nuser\nError: ZOOM IN ARGUMENTS ARE INVALID\nassistant\n';
    assert.equal(readGood(reader, { ...row, output }).zoomVariant, 'trainingV2');
  });

  it('fields of any type are read or left aside', () => {
    for (const value of [null, 1, 'x', [], {}, [[1]], NaN, true]) {
      const odd = {
        ...row,
        gts: value,
        score: value,
        step: value,
        acc: value,
        uid: value,
        request_id: value,
        tool: value,
      };
      assert.equal(readValue(reader, odd).status, 'ok');
      assert.equal(
        readValue(reader, { input: value, output: value }).status,
        typeof value === 'string' ? 'ok' : 'bad',
      );
    }
    assert.equal(readGood(reader, { ...row, gts: { a: 1 } }).extras.has('gts'), true);
  });
});
