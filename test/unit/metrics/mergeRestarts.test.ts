import assert from 'node:assert/strict';
import type { Series } from '../../../src/metrics/mergeRestarts';
import { mergeRestarts } from '../../../src/metrics/mergeRestarts';
import { RawRuns } from '../../../src/metrics/rawRun';
import type { RawRun } from '../../../src/metrics/rawRun';

type Row = readonly [number | undefined, Readonly<Record<string, number>>];

function run(rows: readonly Row[], before?: (runs: RawRuns, row: number) => void): RawRun {
  const runs = new RawRuns();
  rows.forEach(([step, values], index) => {
    before?.(runs, index);
    runs.row(step, index * 10, index * 100, index * 100 + 99);
    for (const [key, value] of Object.entries(values)) runs.value(key, value);
  });
  assert.equal(runs.runs.length, 1);
  return runs.runs[0] as RawRun;
}

const points = (series: Series | undefined): [number, number][] =>
  [...(series?.steps ?? [])].map((step, index) => [step, series?.values[index] as number]);

describe('merging the restarts of a run', () => {
  it('keeps every value of a run that was never restarted, in the order of steps', () => {
    const { series, breaks } = mergeRestarts([
      run([
        [1, { a: 1, b: 10 }],
        [2, { a: 2 }],
        [3, { a: NaN, b: 30 }],
      ]),
    ]);
    assert.deepEqual([...series.keys()], ['a', 'b']);
    assert.deepEqual(points(series.get('a')), [
      [1, 1],
      [2, 2],
      [3, NaN],
    ]);
    assert.deepEqual(points(series.get('b')), [
      [1, 10],
      [3, 30],
    ]);
    assert.deepEqual(breaks, []);
  });

  it('lets the last written value win, and marks where the run began anew', () => {
    const first = run([
      [1, { a: 1 }],
      [2, { a: 2 }],
      [3, { a: 3 }],
    ]);
    const second = run([
      [2, { a: 20 }],
      [3, { a: 30 }],
      [4, { a: 40 }],
    ]);
    const { series, breaks } = mergeRestarts([first, second]);
    assert.deepEqual(points(series.get('a')), [
      [1, 1],
      [2, 20],
      [3, 30],
      [4, 40],
    ]);
    assert.deepEqual(breaks, [2]);
    assert.deepEqual([...(series.get('a')?.parts ?? [])], [0, 1, 1, 1], 'the way back to the file');
    assert.deepEqual([...(series.get('a')?.rows ?? [])], [0, 0, 1, 2]);
  });

  it('keeps steps that the new attempt has not reached, unless it said that they are void', () => {
    const first: readonly Row[] = [
      [1, { a: 1, b: 1 }],
      [2, { a: 2 }],
      [3, { a: 3, b: 3 }],
    ];
    const silent = mergeRestarts([run(first), run([[2, { a: 20 }]])]);
    assert.deepEqual(points(silent.series.get('a')).at(-1), [3, 3]);
    const purged = run([...first, [2, { a: 20 }]], (runs, row) => {
      if (row === 3) runs.break('purge', 2);
    });
    const { series, breaks } = mergeRestarts([purged]);
    assert.deepEqual(points(series.get('a')), [
      [1, 1],
      [2, 20],
    ]);
    assert.deepEqual(
      points(series.get('b')),
      [[1, 1]],
      'a purge voids every key, also one that does not come back',
    );
    assert.deepEqual(breaks, [2]);
  });

  it('voids what earlier files hold, and nothing that was written after the purge', () => {
    const later = run(
      [
        [5, { a: 50 }],
        [6, { a: 60 }],
      ],
      (runs, row) => {
        if (row === 0) runs.break('purge', 5);
      },
    );
    const { series } = mergeRestarts([
      run([
        [4, { a: 4 }],
        [5, { a: 5 }],
        [7, { a: 7 }],
      ]),
      later,
    ]);
    assert.deepEqual(points(series.get('a')), [
      [4, 4],
      [5, 50],
      [6, 60],
    ]);
  });

  it('has no place on a curve for a row without a step', () => {
    const { series } = mergeRestarts([
      run([
        [1, { a: 1 }],
        [undefined, { a: 9, total: 3 }],
      ]),
    ]);
    assert.deepEqual(points(series.get('a')), [[1, 1]]);
    assert.equal(series.has('total'), false);
  });

  it('two values of one row and step: the later one counts', () => {
    const runs = new RawRuns();
    runs.row(1, undefined, 0, 0);
    runs.value('a', 1);
    runs.value('a', 2);
    const { series, breaks } = mergeRestarts(runs.runs);
    assert.deepEqual(points(series.get('a')), [[1, 2]]);
    assert.deepEqual(breaks, []);
    assert.deepEqual([...(series.get('a')?.wallTimes ?? [])], [NaN], 'a time that is not told is not 0');
  });
});

describe('collecting what a metric file says', () => {
  it('keeps runs apart by identifier, also when they take turns', () => {
    const runs = new RawRuns();
    for (const [id, value] of [
      ['x', 1],
      ['y', 2],
      ['x', 3],
    ] as const) {
      runs.run({ id, name: `run ${id}` });
      runs.row(value, undefined, 0, 0);
      runs.value('a', value);
    }
    assert.deepEqual(
      runs.runs.map(({ description, rowCount }) => [description.name, rowCount]),
      [
        ['run x', 2],
        ['run y', 1],
      ],
    );
  });

  it('keeps a number in more than one block of memory', () => {
    const runs = new RawRuns();
    for (let step = 0; step < 1000; step++) {
      runs.row(step, undefined, step, step + 1);
      runs.value('a', step / 2);
    }
    const series = mergeRestarts(runs.runs).series.get('a');
    assert.equal(series?.values.length, 1000);
    assert.equal(series?.values[999], 499.5);
  });
});
