import assert from 'node:assert/strict';
import fc from 'fast-check';
import { thin, type ThinLine } from '../../../src/analysis/thinning';
import { checkProperty } from '../../support/property';

const lineOf = (points: readonly (readonly [number, number])[]): ThinLine => ({
  x: Float64Array.from(points, ([x]) => x),
  y: Float64Array.from(points, ([, y]) => y),
});

/** Ascending x with repeats, values with gaps. */
const points = fc
  .array(
    fc.tuple(
      fc.integer({ min: 0, max: 400 }),
      fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: -50, max: 50 }) },
        { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
      ),
    ),
    { maxLength: 600 },
  )
  .map((list) => list.sort((a, b) => a[0] - b[0]));

/** Which column each sample within the range is in, by comparing with every edge. */
function columnsOf(line: ThinLine, [from, to]: readonly [number, number], columns: number): number[][] {
  const found: number[][] = Array.from({ length: columns }, () => []);
  line.x.forEach((x, at) => {
    if (x < from || x > to) return;
    let column = 0;
    while (column + 1 < columns && to > from && x >= from + ((column + 1) * (to - from)) / columns) column++;
    found[column]?.push(at);
  });
  return found;
}

describe('thinning', () => {
  it('keeps first, last, least and greatest of every column, gaps, and a neighbour on each side', () => {
    checkProperty(
      fc.property(
        points,
        fc.tuple(fc.integer({ min: -20, max: 420 }), fc.integer({ min: 0, max: 300 })),
        fc.integer({ min: 1, max: 40 }),
        (list, [from, width], columns) => {
          const line = lineOf(list);
          const range = [from, from + width] as const;
          const { kept, total, shown } = thin(line, range, columns);
          const inside = columnsOf(line, range, columns);
          const has = new Set(kept);
          for (const column of inside) {
            const finite = column.filter((at) => Number.isFinite(line.y[at]));
            if (finite.length === 0) continue;
            const values = finite.map((at) => line.y[at] as number);
            const keptValues = column.filter((at) => has.has(at)).map((at) => line.y[at] as number);
            assert.ok(keptValues.includes(Math.min(...values)) && keptValues.includes(Math.max(...values)));
            assert.ok(has.has(finite[0] as number) && has.has(finite.at(-1) as number));
          }
          // No line goes over a gap, and none ends where there is no gap.
          for (let at = 1; at < kept.length; at++) {
            const [a, b] = [kept[at - 1] as number, kept[at] as number];
            assert.ok(a < b);
            if (!Number.isFinite(line.y[a]) || !Number.isFinite(line.y[b])) continue;
            assert.ok(line.y.subarray(a, b).every(Number.isFinite));
          }
          const first = list.findIndex(([x]) => x >= from);
          const before = first < 0 ? list.length - 1 : first - 1;
          const behind = list.findIndex(([x]) => x > from + width);
          for (const neighbour of [before, behind])
            if (neighbour >= 0 && Number.isFinite(line.y[neighbour])) assert.ok(has.has(neighbour));
          assert.equal(total, inside.flat().length);
          assert.equal(shown, inside.flat().filter((at) => has.has(at)).length);
          // Four of each column, a gap before each of them, and both neighbours.
          assert.ok(kept.length <= Math.max(total, 8 * columns) + 4);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('leaves a line alone that is thin already', () => {
    const line = lineOf([0, 1, 2, 3].map((x) => [x, x]));
    assert.deepEqual([...thin(line, [1, 2], 100).kept], [0, 1, 2, 3]);
    assert.deepEqual({ ...thin(line, [1, 2], 100), kept: 0 }, { kept: 0, total: 2, shown: 2 });
    assert.deepEqual([...thin(lineOf([]), [0, 1], 10).kept], []);
  });

  it('keeps the edges of a band around the line', () => {
    const x = Float64Array.from({ length: 1000 }, (_, at) => at);
    const y = x.map(() => 0);
    const low = x.map((at) => (at === 333 ? -5 : -1));
    const high = x.map((at) => (at === 777 ? 9 : 1));
    const kept = new Set(thin({ x, y, band: { low, high } }, [0, 999], 10).kept);
    assert.ok(kept.has(333) && kept.has(777) && kept.size <= 40);
  });
});
