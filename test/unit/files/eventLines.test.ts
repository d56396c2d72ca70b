import assert from 'node:assert/strict';
import { EventLines } from '../../../src/files/eventLines';

describe('the lines of an event log', () => {
  it('are given back by record, each with where it ends at the latest', () => {
    const lines = new EventLines();
    const first = lines.add(0, undefined);
    const second = lines.add(10, undefined);
    assert.equal(lines.add(20, first), first);
    lines.add(30, second);
    lines.add(45, first);
    assert.equal(lines.records, 2);
    assert.deepEqual(
      [...lines.of(first, 60)],
      [
        { start: 0, limit: 10 },
        { start: 20, limit: 30 },
        { start: 45, limit: 60 },
      ],
    );
    assert.deepEqual(
      [...lines.of(second, 60)].map(({ start }) => start),
      [10, 30],
    );
    assert.deepEqual([...lines.of(2, 60)], []);
  });

  it('are kept apart over many blocks', () => {
    const lines = new EventLines();
    const records = 3;
    for (let line = 0; line < 200_000; line++) {
      lines.add(line * 7, line < records ? undefined : line % records);
    }
    for (let record = 0; record < records; record++) {
      let expected = record;
      for (const { start, limit } of lines.of(record, 1_400_000)) {
        assert.equal(start, expected * 7);
        assert.equal(limit, (expected + 1) * 7);
        expected += records;
      }
      assert.ok(expected >= 200_000);
    }
  });
});
