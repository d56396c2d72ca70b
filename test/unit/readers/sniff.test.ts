import assert from 'node:assert/strict';
import type { SniffInput } from '../../../src/readers/reader';
import { READERS, readerOf } from '../../../src/readers/registry';
import { chooseReader, describeContent } from '../../../src/readers/sniff';

function input(name: string, ...lines: string[]): SniffInput {
  const values = lines.map((line): unknown => {
    try {
      return JSON.parse(line);
    } catch {
      return undefined;
    }
  });
  return { name, lines, values };
}
const chosen = (given: SniffInput): string => {
  const choice = chooseReader(given, READERS);
  return 'reader' in choice ? choice.reader.format : choice.reason;
};

describe('chooseReader', () => {
  it('goes by content, not by name', () => {
    assert.equal(chosen(input('x.txt', '{"pred_output": [], "pred_ans": "a"}')), 'deepeyes-eval');
    assert.equal(
      chosen(input('1.jsonl', '{"prompt": "a", "response": "b", "response_tokens": []}')),
      'rl-logging-board',
    );
    assert.equal(
      chosen(input('result_x.jsonl', '{"input": "a", "output": "b", "score": 1}')),
      'verl-rollouts',
    );
  });

  it('one good line among bad ones is enough', () => {
    assert.equal(
      chosen(input('a', '{"inp', 'x', '{"input": "a", "output": "b", "gts": null}')),
      'verl-rollouts',
    );
  });

  it('says what was expected and what was found', () => {
    const reason = chosen(input('data.parquet', 'PAR1\u0015\u0004'));
    assert.match(
      reason,
      /^This is no log that is read here\. This looks like a Parquet file\. Expected is one of: /,
    );
    for (const reader of READERS) assert.ok(reason.includes(reader.label));
  });

  it('finds every registered reader by its format', () => {
    for (const reader of READERS) assert.equal(readerOf(reader.format), reader);
    assert.equal(new Set(READERS.map((reader) => reader.format)).size, READERS.length);
  });
});

describe('describeContent', () => {
  const found: readonly (readonly [string, string])[] = [
    ['PK\x03\x04', 'ZIP'],
    ['\x1f\uFFFD\b', 'gzip'],
    ['SQLite format 3\0', 'SQLite'],
    [':W&B\uFFFD', 'W&B'],
    ['\0\x01', 'binary'],
    ['step:1 - loss:2', 'plain text'],
    ['[', 'one JSON list over many lines'],
    ['{', 'one JSON object over many lines'],
    ['{"a": ', 'damaged JSON'],
    ['[{"a": ', 'damaged JSON'],
    ['[rank0] loading weights', 'plain text'],
    ['[1]', 'each holds a list'],
    ['{"step": 1, "data": {"loss": 1}}', "verl's metrics"],
    ['{"a": 1, "b": 2}', '("a", "b")'],
    ['{}', 'empty'],
    ['', 'nothing in it'],
  ];
  it('goes by the first bytes before any line: a Parquet file may hold lines of JSON', () => {
    assert.match(describeContent(input('f', 'PAR1\x15\x04', '{"type": "function"}')), /Parquet/);
  });

  for (const [line, words] of found) {
    it(`${JSON.stringify(line)}: ${words}`, () => {
      assert.ok(describeContent(input('f', line)).includes(words), describeContent(input('f', line)));
    });
  }
});
