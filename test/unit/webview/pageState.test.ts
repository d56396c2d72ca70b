import assert from 'node:assert/strict';
import { FIRST_SPLIT, LAST_PART, readPageState } from '../../../src/webview/trajectory/pageState';

describe('pageState', () => {
  it('reads what was written', () => {
    const stored = { selected: 4, part: 2, raw: true, split: [0.3, 0.4] };
    assert.deepEqual(readPageState(stored), stored);
  });

  it('starts anew, after the last part, from anything else', () => {
    const fresh = { selected: 0, part: LAST_PART, raw: false, split: FIRST_SPLIT };
    for (const stored of [
      undefined,
      null,
      7,
      'x',
      [],
      { selected: -1, part: 1.5, split: [0.2] },
      { split: [2, 0] },
    ]) {
      assert.deepEqual(readPageState(stored), fresh);
    }
  });
});
