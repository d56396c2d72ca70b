import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { openTrajectorySource } from '../../../../src/files/openSource';
import { columnRows } from '../../../../src/readers/columnRows';
import type { JsonRecord } from '../../../../src/readers/fields';
import { chooseReader } from '../../../../src/readers/sniff';
import { READERS } from '../../../../src/readers/registry';
import { swiftCompletionsReader as reader } from '../../../../src/readers/trajectories/swiftCompletions';
import { goldenJson, goldenLog } from '../../../support/goldenLogs';
import { readGood, readValue } from '../../../support/readFixture';

interface ExpectedLine {
  readonly step: number;
  readonly rewards: readonly number[];
  readonly advantages: readonly number[];
}

const FILE = goldenLog('swift', 'completions.jsonl');
const expected = goldenJson('swift', 'expected.json') as readonly ExpectedLine[];
const lines = readFileSync(FILE, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Readonly<Record<string, readonly string[]>>);

describe('ms-swift completions', () => {
  it('every row of every line against its true values, texts byte for byte', async () => {
    const source = await openTrajectorySource(FILE, { index: 'inProcess' });
    const { records } = await source.indexed();
    assert.equal(source.format, 'swift-completions');
    assert.equal(records, 16);
    let at = 0;
    for (const [line, { step, rewards, advantages }] of expected.entries()) {
      for (const [row, reward] of rewards.entries()) {
        const result = await source.record(at++);
        assert.ok(result.status === 'ok');
        const { trajectory } = result;
        assert.equal(trajectory.step, step);
        assert.equal(trajectory.reward?.total, reward);
        assert.equal(trajectory.reward.formula, 'deepeyes');
        const sum = trajectory.reward.parts.reduce((all, part) => all + part.value * (part.weight ?? NaN), 0);
        assert.ok(Math.abs(sum - reward) < 1e-9);
        assert.equal(trajectory.extras.get('advantages'), advantages[row]);
        assert.equal(trajectory.extras.get('num_turns'), trajectory.turns.length);
        assert.equal(trajectory.prompt.raw, lines[line]?.['prompt']?.[row]);
        const joined = trajectory.turns.map((turn) => turn.raw + (turn.observation?.raw ?? '')).join('');
        assert.equal(joined, lines[line]?.['completion']?.[row]);
        assert.equal(trajectory.zoomVariant, 'msSwift');
        assert.equal(trajectory.origin.bytes.start === 0, line === 0);
      }
    }
    source.dispose();
  });

  const sniffed = (...texts: string[]): string => {
    const values = texts.map((text): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    });
    const choice = chooseReader({ name: 'a.jsonl', lines: texts, values }, READERS);
    return 'reader' in choice ? choice.reader.format : choice.reason;
  };

  it('is told from conversations with the same fields', () => {
    assert.equal(sniffed('{"step": ["1"], "prompt": ["Q"], "completion": ["A"]}'), 'swift-completions');
    const message = '[{"role": "user", "content": "Q"}]';
    assert.equal(sniffed(`{"prompt": ${message}, "completion": ${message}}`), 'chat');
    assert.equal(
      sniffed(`{"prompt": [${message}], "completion": ["A"], "advantages": [0]}`),
      'swift-completions',
    );
  });

  it('is told by the beginning of a line that is too long to be seen whole', () => {
    assert.equal(sniffed('{"step": ["1", "1"], "prompt": ["Q'), 'swift-completions');
  });

  it('another function is its own part; several have no total', () => {
    const one = readGood(reader, { prompt: 'Q', completion: 'A', MathAccuracy: 1, advantages: 0 });
    assert.equal(one.reward?.total, 1);
    assert.deepEqual(one.verdict, { correct: true, provenance: 'stored', by: 'MathAccuracy' });
    const two = readGood(reader, { prompt: 'Q', completion: 'A', a: 1, b: 0.5, advantages: 0, entropy: 2 });
    assert.equal(two.reward?.total, undefined);
    assert.deepEqual(
      two.reward?.parts.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.equal(two.extras.get('entropy'), 2);
  });

  it('a line that is no table is one bad record', () => {
    const result = readValue(reader, [1, 2]);
    assert.match(result.status === 'bad' ? result.reason : '', /A record is an object/);
  });
});

describe('columnRows', () => {
  it('cuts columns into rows; what is no column of that length stands in each', () => {
    const rows = columnRows({ step: ['1', '2'], prompt: ['a', 'b'], odd: [1], note: 'x' });
    assert.deepEqual(rows, [
      { step: '1', prompt: 'a', odd: [1], note: 'x' },
      { step: '2', prompt: 'b', odd: [1], note: 'x' },
    ]);
  });

  it('loses nothing that is no table', () => {
    for (const value of [5, null, [1, 2], {}, { a: 1 }, { a: [] }] as const)
      assert.deepEqual(columnRows(value), [value]);
  });

  it('an own field named __proto__ is a field', () => {
    const [row] = columnRows(JSON.parse('{"__proto__": [{"a": 1}], "b": [2]}'));
    assert.deepEqual(Object.keys(row as JsonRecord), ['__proto__', 'b']);
  });
});
