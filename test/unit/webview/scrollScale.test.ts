import assert from 'node:assert/strict';
import {
  MAX_SCROLL_HEIGHT,
  rowsInWindow,
  scrollOfTop,
  spacerHeight,
  topOfScroll,
  topThatShows,
} from '../../../src/webview/shared/scrollScale';

const SHORT = { rowHeight: 46, rowCount: 100, windowHeight: 460 };
const LONG = { rowHeight: 46, rowCount: 1_000_000, windowHeight: 460 };

describe('scrollScale', () => {
  it('scrolls true pixels while the content is short enough', () => {
    assert.equal(spacerHeight(SHORT), 4600);
    assert.equal(topOfScroll(SHORT, 123), 123);
    assert.equal(scrollOfTop(SHORT, 123), 123);
  });

  it('stays under the browsers’ limit and reaches both ends of a million rows', () => {
    assert.equal(spacerHeight(LONG), MAX_SCROLL_HEIGHT);
    assert.equal(topOfScroll(LONG, 0), 0);
    const bottom = topOfScroll(LONG, MAX_SCROLL_HEIGHT - LONG.windowHeight);
    assert.equal(bottom, 46_000_000 - 460);
    assert.deepEqual(rowsInWindow(LONG, bottom), { start: 999_990, end: 1_000_000 });
    assert.ok(Math.abs(topOfScroll(LONG, scrollOfTop(LONG, 12_345_678)) - 12_345_678) < 1e-3);
  });

  it('moves as little as shows a row', () => {
    assert.equal(topThatShows(SHORT, 0, 5), 0);
    assert.equal(topThatShows(SHORT, 0, 10), 46);
    assert.equal(topThatShows(SHORT, 460, 3), 138);
  });

  it('has no rows where there are none', () => {
    assert.deepEqual(rowsInWindow({ ...SHORT, rowCount: 0 }, 0), { start: 0, end: 0 });
  });
});
