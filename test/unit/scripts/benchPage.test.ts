import assert from 'node:assert/strict';
import { median, raceMedians } from '../../../bench/harness';
import { benchPage, brokenLimits, readResults, withSections } from '../../../scripts/lib/benchPage.mjs';

const result = {
  name: 'Index',
  how: ['Median of 5.'],
  measurements: [{ what: 'ours', value: 251.4, unit: 'ms' }],
  ratios: [{ what: 'speed of ours to the peer', value: 0.8, limit: { atLeast: 0.75 } }],
  limits: [{ what: 'peak memory', value: 60, unit: 'MiB', atMost: 150 }],
};

describe('the page of benchmarks', () => {
  it('reads results from among other lines', () => {
    assert.deepEqual(readResults(`hello\n@@BENCH ${JSON.stringify(result)}\nbye\n`), [result]);
    assert.deepEqual(readResults('nothing'), []);
  });

  it('prints ratios with their limits, and the machine', () => {
    const page = benchPage([result]);
    assert.match(page, /\| speed of ours to the peer \| 0\.800 \| at least 0\.75: kept \|/);
    assert.match(page, /\| ours \| 251 ms \|/);
    assert.match(page, /Machine: \d+ cores/);
  });

  it('takes a section that was measured anew, and leaves the others as they are', () => {
    const [a, b, c] = ['A', 'B', 'C'].map((name) => ({ ...result, name }));
    const page = benchPage([a, b]);
    assert.equal(withSections(page, []), page);
    const slower = { ...a, measurements: [{ what: 'ours', value: 999, unit: 'ms' }] };
    assert.equal(withSections(page, [slower]), benchPage([slower, b]));
    assert.equal(withSections(page, [c]), benchPage([a, b, c]));
    const formatted = page.replace('| ratio |', '| ratio   |');
    assert.equal(
      withSections(formatted, [{ ...b, how: [] }]),
      benchPage([a, { ...b, how: [] }]).replace('| ratio |', '| ratio   |'),
    );
  });

  it('never puts figures beside those of another machine', () => {
    const page = benchPage([result]).replace(/Machine: \d+ cores/, 'Machine: 999 cores');
    assert.equal(withSections(page, [result]), undefined);
  });

  it('names the limits that are not kept', () => {
    const slow = { ...result, ratios: [{ what: 'speed', value: 0.5, limit: { atLeast: 0.75 } }] };
    const fat = { ...result, limits: [{ what: 'peak', value: 200, unit: 'MiB', atMost: 150 }] };
    assert.deepEqual(brokenLimits([result]), []);
    assert.equal(brokenLimits([slow, fat]).length, 2);
  });
});

describe('the bench harness', () => {
  it('takes medians of odd and even counts', () => {
    assert.equal(median([3, 1, 2]), 2);
    assert.equal(median([4, 1, 2, 3]), 2.5);
    assert.throws(() => median([]), RangeError);
  });

  it('runs each contender once more than it counts, in turns', async () => {
    const order: string[] = [];
    const medians = await raceMedians({ a: () => order.push('a'), b: () => order.push('b') }, 2);
    assert.equal(order.join(''), 'ababab');
    assert.ok(medians.a >= 0 && medians.b >= 0);
  });
});
