import assert from 'node:assert/strict';
import { LabelRow } from '../../../src/webview/trajectory/labelRow';

const WINDOW = { width: 100, height: 100 };
const LABEL = { width: 20, height: 10 };

describe('a row of labels', () => {
  it('sets each beside those that it would stand on, to the right and then to the left', () => {
    const row = new LabelRow(WINDOW);
    const places = Array.from({ length: 6 }, () => row.next(50, 40, LABEL));
    assert.deepEqual(
      places.map(({ x }) => x),
      [50, 70, 30, 10, 50, 50],
      'two have no room any more',
    );
    assert.ok(places.every(({ y }) => y === 40));
  });

  it('leaves alone what only touches', () => {
    const row = new LabelRow(WINDOW);
    for (const [x, y] of [
      [10, 10],
      [30, 10],
      [10, 20],
      [10, 0],
    ] as const)
      assert.deepEqual(row.next(x, y, LABEL), { x, y });
  });

  it('goes to the side of its own box, over more than one, and to the other where that has no room', () => {
    const row = new LabelRow(WINDOW);
    row.next(40, 0, LABEL);
    row.next(62, 0, LABEL);
    assert.deepEqual(row.next(45, 4, LABEL), { x: 20, y: 4 }, 'right of both there is no room');
    const other = new LabelRow(WINDOW);
    other.next(30, 0, LABEL);
    assert.deepEqual(other.next(25, 0, LABEL), { x: 10, y: 0 });
    assert.deepEqual(other.next(8, 0, LABEL), { x: 50, y: 0 });
  });
});
