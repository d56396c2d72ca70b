import assert from 'node:assert/strict';
import type { TestPage } from './support/page';
import { DEMO, plainRollout, twoCropRollout } from './support/demoData';
import { openWithHost, readySource, rowOf } from './support/fakeHost';
import { usePages } from './support/page';
import {
  firstPaint,
  heapMib,
  keyTimes,
  scrollThrough,
  skeletonTime,
  watchFirstPaint,
  watchSkeleton,
} from './support/pageTimes';

/** The limits of `npm run bench`, ten times: a guard against hangs on a machine that is busy with other things. */
const SLACK = 10;

describe('the times of a long list', function () {
  this.timeout(120_000);
  const open = usePages();

  async function opened(records: number): Promise<TestPage> {
    const record = (index: number) =>
      index === 0 ? twoCropRollout(0) : plainRollout(index, { question: `Question number ${index}?` });
    const data = { source: readySource(records), record, row: (index: number) => rowOf(record(index)) };
    return (await openWithHost(open, data, { beforeLoad: watchFirstPaint })).opened;
  }

  it('hold over 100,000 rollouts: first paint, keys, scrolling, memory', async () => {
    const { page } = await opened(100_000);
    const paint = await firstPaint(page);
    assert.ok(paint > 0 && paint < 500 * SLACK, `${paint} ms until the first paint`);
    await page.locator('[role=treeitem]').first().waitFor();
    const keys = await keyTimes(
      page,
      ['Home', 'ArrowRight'],
      '[role=treeitem][aria-selected=true]',
      'data-part',
    );
    assert.ok(
      keys.every((time) => time > 0 && time < 100 * SLACK),
      `keys took ${keys.join(', ')} ms`,
    );
    const { blank, settled } = await scrollThrough(page, 2000);
    assert.ok(blank < 200 * SLACK, `blank for ${blank} ms`);
    assert.ok(settled < 200 * SLACK, `rows stood without content for ${settled} ms after the end`);
    const heap = await heapMib(page);
    assert.ok(heap > 1 && heap < 150 * SLACK, `${heap} MiB`);
  });

  it('hold for a skeleton while the first record is on its way', async () => {
    const slow = { ...DEMO, delay: 30_000 };
    const { page } = (await openWithHost(open, slow, { beforeLoad: watchSkeleton })).opened;
    const time = await skeletonTime(page);
    assert.ok(time > 0 && time < 100 * SLACK, `${time} ms until the skeleton`);
    assert.equal(await page.locator('[role=treeitem]').count(), 0, 'the record is not there');
  });

  it('let the last of a million rows be reached', async () => {
    const { page } = await opened(1_000_000);
    await page.locator('#row-0').waitFor();
    const { blank } = await scrollThrough(page, 2000);
    assert.ok(blank < 200 * SLACK, `blank for ${blank} ms`);
    const last = page.locator('[role=row][aria-rowindex="1000000"]', { hasText: '999,999' });
    await last.waitFor();
    const [row, list] = [await last.boundingBox(), await page.locator('[role=grid]').boundingBox()];
    assert.ok(
      row && list && row.y + row.height <= list.y + list.height + 1,
      'it stands inside of the window',
    );
  });
});
