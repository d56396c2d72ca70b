import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GrowingRun, wallTimeAt } from '../../../src/dynamics/growingRun';
import { mergeRestarts } from '../../../src/metrics/mergeRestarts';
import { RawRun } from '../../../src/metrics/rawRun';
import { checkProperty } from '../../support/property';

const KEYS = ['a', 'b', 'c'];

/** What a writer does: a row with values, a break, or a new file. */
const action = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      step: fc.option(fc.integer({ min: 0, max: 12 }), { freq: 8, nil: undefined }),
      values: fc.dictionary(fc.constantFrom(...KEYS), fc.constantFrom(1, 2, 3, NaN, Infinity), {
        maxKeys: 3,
      }),
      part: fc.option(fc.integer({ min: 0, max: 2 }), { freq: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ purge: fc.integer({ min: 0, max: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ restart: fc.option(fc.integer({ min: 0, max: 12 })) }) },
  { weight: 1, arbitrary: fc.constant('new part' as const) },
);

function check(run: GrowingRun, parts: readonly RawRun[]): void {
  const expected = mergeRestarts(parts);
  assert.deepEqual(new Set(run.keys), new Set(expected.series.keys()));
  assert.deepEqual(run.breaks, expected.breaks);
  for (const [key, series] of expected.series) {
    assert.deepEqual(run.series(key), series);
    assert.equal(run.pointsOf(key), series.steps.length);
    assert.equal(run.lastFinite(key), series.values.findLast(Number.isFinite));
  }
  const steps = new Set([...expected.series.values()].flatMap(({ steps: own }) => [...own]));
  for (const step of steps) assert.ok(run.clock.steps.includes(step));
}

describe('curves that grow', () => {
  it('are what merging everything gives, after each piece', () => {
    checkProperty(
      fc.property(fc.array(action, { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (actions, piece) => {
        const parts = [new RawRun({})];
        const run = new GrowingRun();
        actions.forEach((one, at) => {
          const last = parts.at(-1) as RawRun;
          if (one === 'new part') parts.push(new RawRun({}));
          else if ('purge' in one) last.breaks.push({ kind: 'purge', step: one.purge, row: last.rowCount });
          else if ('restart' in one)
            last.breaks.push({
              kind: 'restart',
              row: last.rowCount,
              ...(one.restart !== null && { step: one.restart }),
            });
          else {
            const into = parts[one.part ?? parts.length - 1] ?? last;
            into.row(one.step, at, 0, 0);
            for (const [key, value] of Object.entries(one.values)) into.value(key, value);
          }
          if (at % piece !== 0) return;
          run.update(parts);
          check(run, parts);
        });
        run.update(parts);
        check(run, parts);
        assert.equal(run.update(parts), false);
      }),
      { numRuns: 500 },
    );
  });

  it('tell when a step was', () => {
    const clock = { steps: Float64Array.of(2, 4, 8), wallTimes: Float64Array.of(10, 20, 30) };
    assert.deepEqual(
      [1, 2, 3, 7, 8, 9].map((step) => wallTimeAt(clock, step)),
      [NaN, 10, 15, 27.5, 30, NaN],
    );
  });
});
