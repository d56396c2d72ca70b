import assert from 'node:assert/strict';
import { openTrajectorySource } from '../../../../src/files/openSource';
import type { JsonRecord } from '../../../../src/readers/fields';
import type { SniffInput } from '../../../../src/readers/reader';
import { trlCompletionsReader as reader } from '../../../../src/readers/trajectories/trlCompletions';
import type { Trajectory } from '../../../../src/trajectory/trajectory';
import { goldenJson, goldenLog } from '../../../support/goldenLogs';
import { readGood, readValue } from '../../../support/readFixture';

const expected = goldenJson('trl', 'expected.json') as Readonly<Record<string, readonly JsonRecord[]>>;

async function trajectoriesOf(file: string): Promise<readonly Trajectory[]> {
  const source = await openTrajectorySource(file, { index: 'inProcess' });
  try {
    const { records } = await source.indexed();
    const results = await source.records(0, records);
    return results.map((result) => {
      assert.ok(result.status === 'ok', result.status === 'bad' ? result.reason : '');
      return result.trajectory;
    });
  } finally {
    source.dispose();
  }
}

function messagesOf({ prompt: { system, user } }: Trajectory): unknown {
  const first = system === undefined ? [] : [{ role: 'system', content: system }];
  return [...first, { role: 'user', content: user }];
}

for (const [name, rows] of Object.entries(expected)) {
  describe(`TRL: ${name} against its true values`, () => {
    let trajectories: readonly Trajectory[] = [];
    before(async () => (trajectories = await trajectoriesOf(goldenLog('trl', ...name.split('/')))));

    it('has every row', () => assert.equal(trajectories.length, rows.length));

    rows.forEach((row, index) => {
      it(`row ${index}: texts, step, rewards, what was logged`, () => {
        const trajectory = trajectories[index];
        assert.ok(trajectory);
        const { turns, prompt, reward, step, extras, verdict } = trajectory;
        assert.equal(step, row['step']);
        if (typeof row['prompt'] === 'string') {
          assert.equal(prompt.raw, row['prompt']);
          assert.equal(turns.map((turn) => turn.raw).join(''), row['completion']);
        } else {
          assert.deepEqual(messagesOf(trajectory), row['prompt']);
          assert.deepEqual(
            turns.map((turn) => ({ role: 'assistant', content: turn.raw })),
            row['completion'],
          );
        }
        for (const column of ['accuracy_reward', 'format_reward']) {
          const value = row[column];
          const part = reward?.parts.find((entry) => entry.name === column);
          // A function that gave nothing for the row: pandas writes its NaN as null.
          if (value === 'NaN') assert.deepEqual([part, extras.get(column)], [undefined, null]);
          else assert.deepEqual(part, { name: column, value: Number(value) + 0, provenance: 'stored' });
        }
        assert.equal(reward?.total, undefined, 'two functions are weighed, and no file says how');
        assert.deepEqual(verdict, {
          correct: row['accuracy_reward'] === 1,
          provenance: 'stored',
          by: 'accuracy_reward',
        });
        assert.equal(extras.get('zooms'), row['zooms']);
        assert.equal(extras.get('advantage'), row['advantage']);
        assert.deepEqual(
          [...extras.keys()].filter((key) => /prompt|completion|step/.test(key)),
          [],
        );
      });
    });

    it('the rollouts of one prompt are a group', () => {
      const byPrompt = new Map<string, Set<string>>();
      rows.forEach((row, index) => {
        const key = JSON.stringify(row['prompt']);
        byPrompt.set(key, (byPrompt.get(key) ?? new Set()).add(trajectories[index]?.group?.key ?? ''));
      });
      for (const keys of byPrompt.values()) assert.equal(keys.size, 1);
      assert.equal(new Set([...byPrompt.values()].flatMap((keys) => [...keys])).size, byPrompt.size);
    });
  });
}

describe('TRL completions', () => {
  const row = { step: 3n, prompt: 'Q', completion: 'A', my_reward: 0.5, advantage: 1.5 };
  const sniff = (name: string, ...columns: string[]): number => {
    const input: SniffInput = { name, lines: [], values: [], columns };
    return reader.sniff(input);
  };

  it('is known by its columns, and surer by its name', () => {
    assert.equal(sniff('completions_00012.parquet', 'step', 'prompt', 'completion', 'advantage'), 1);
    const other = sniff('x.parquet', 'step', 'prompt', 'completion', 'advantage');
    assert.ok(other > 0 && other < 1);
    assert.equal(sniff('completions_00001.parquet', 'prompt', 'images', 'reward_model'), 0);
  });

  it('has a total where one function made all of it', () => {
    const { reward, step } = readGood(reader, row);
    assert.deepEqual(reward, {
      total: 0.5,
      parts: [{ name: 'my_reward', value: 0.5, provenance: 'stored' }],
    });
    assert.equal(step, 3);
  });

  it('takes no logged count or text for a reward', () => {
    const { reward, extras } = readGood(reader, {
      ...{ prompt: 'Q', completion: 'A', a: 1, zooms: 2n, label: 'x', ratio: 0.25, advantage: 0 },
    });
    assert.deepEqual(
      reward?.parts.map(({ name }) => name),
      ['a'],
    );
    assert.deepEqual(
      [...extras],
      [
        ['zooms', 2],
        ['label', 'x'],
        ['ratio', 0.25],
        ['advantage', 0],
      ],
    );
  });

  it('judges by a function of accuracy that says 0 or 1, and by no other value', () => {
    assert.equal(readGood(reader, { ...row, accuracy_reward: 0.5 }).verdict, undefined);
    const judged = { prompt: 'Q', completion: 'A', accuracy_reward: 0, advantage: 0 };
    assert.equal(readGood(reader, judged).verdict?.correct, false);
    const none = { prompt: 'Q', completion: 'A', accuracy_reward: null, advantage: 0 };
    assert.equal(readGood(reader, none).verdict, undefined);
    assert.equal(readGood(reader, none).reward, undefined);
  });

  it('has the step of the file name where there is no column', () => {
    const plain = { prompt: 'Q', completion: 'A' };
    assert.equal(readGood(reader, plain, '/run/completions/completions_00042.parquet').step, 42);
    assert.equal(readGood(reader, plain, 'table.parquet').step, undefined);
  });

  it('integers that no number holds keep their digits, in what JSON can write', () => {
    const { extras } = readGood(reader, { ...row, seed: 9007199254740993n, deep: [{ id: 5n }] });
    assert.equal(extras.get('seed'), '9007199254740993');
    assert.equal(JSON.stringify(extras.get('deep')), '[{"id":5}]');
  });

  it('tool calls between messages are turns', () => {
    const zoom = { name: 'image_zoom_in_tool', arguments: { bbox_2d: [1, 2, 90, 80] } };
    const { turns } = readGood(reader, {
      prompt: [
        {
          role: 'user',
          content: [
            { type: 'image', text: null },
            { type: 'text', text: 'Q?' },
          ],
        },
      ],
      completion: [
        { role: 'assistant', content: null, tool_calls: [{ type: 'function', function: zoom }] },
        { role: 'tool', content: 'done', tool_calls: null },
        { role: 'assistant', content: '<answer>A</answer>', tool_calls: null },
      ],
      advantage: 0,
    });
    assert.equal(turns.length, 2);
    assert.equal(turns[0]?.observation?.text, 'done');
    assert.deepEqual(
      turns[1]?.parts.map(({ kind }) => kind),
      ['answer'],
    );
  });

  it('says what is wrong with a row', () => {
    const reason = (value: unknown): string => {
      const result = readValue(reader, value);
      return result.status === 'bad' ? result.reason : '';
    };
    assert.match(reason({ prompt: 'Q', completion: 5 }), /column "completion" should be a text or a list/);
    assert.match(reason({ prompt: [7], completion: 'A' }), /^Message 1 is a number/);
    assert.match(reason(undefined), /this is nothing/);
  });
});
