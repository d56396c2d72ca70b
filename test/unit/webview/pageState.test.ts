import assert from 'node:assert/strict';
import type { PageState } from '../../../src/webview/trajectory/pageState';
import {
  FIRST_SPLIT,
  LAST_PART,
  MAX_KEPT_RANGES,
  readPageState,
  writePageState,
} from '../../../src/webview/trajectory/pageState';

/** What is read, with the order as its filter. */
function readBack(stored: unknown): unknown {
  const { order, ...rest } = readPageState(stored);
  return { ...rest, ...(order.filter && { filter: order.filter }) };
}

const written = (state: unknown): unknown => writePageState(readPageState(state) as PageState);

describe('pageState', () => {
  it('reads what was written', () => {
    const ranges = [
      [3, 6],
      [6, 7],
    ];
    const stored = {
      selected: 4,
      part: 2,
      raw: true,
      truth: false,
      split: [0.3, 0.4],
      filter: { label: 'step 46', ranges },
      search: 'zooms >= 2',
      sort: { field: 'reward', descending: true },
      frame: 'relative1000',
      speed: 2,
      formula: 'deepeyes-v2',
    };
    assert.deepEqual(readBack(stored), stored);
    assert.deepEqual(written(stored), stored);
  });

  it('starts anew, after the last part, from anything else', () => {
    const fresh = {
      selected: 0,
      part: LAST_PART,
      raw: false,
      truth: true,
      split: FIRST_SPLIT,
      search: '',
      sort: undefined,
      frame: undefined,
      speed: 1,
      formula: undefined,
    };
    for (const stored of [
      undefined,
      null,
      7,
      'x',
      [],
      { selected: -1, part: 1.5, split: [0.2] },
      { split: [2, 0] },
      { search: 5, sort: 'reward' },
      { frame: 'metres', speed: 3, formula: 7 },
      { sort: { field: 7 } },
      ...['all', { label: 7, ranges: [] }, { label: 'x', ranges: [[5, 5]] }].map((filter) => ({ filter })),
      ...[
        [[5, 4]],
        [[-1, 3]],
        [[1.5, 3]],
        [
          [4, 6],
          [5, 8],
        ],
        [[0, 1, 2]],
        [{}],
        'x',
      ].map((ranges) => ({
        filter: { label: 'x', ranges },
      })),
    ]) {
      assert.deepEqual(readBack(stored), fresh, JSON.stringify(stored));
    }
  });

  it('keeps no filter that is too large to be remembered', () => {
    const ranges = Array.from({ length: MAX_KEPT_RANGES + 1 }, (_, i) => [2 * i, 2 * i + 1]);
    const kept = (count: number): unknown =>
      (written({ filter: { label: 'x', ranges: ranges.slice(0, count) } }) as { filter?: unknown }).filter;
    assert.ok(kept(MAX_KEPT_RANGES));
    assert.equal(kept(MAX_KEPT_RANGES + 1), undefined);
  });
});
