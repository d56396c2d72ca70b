import assert from 'node:assert/strict';
import type { RowView } from '../../../src/protocol/trajectoryView';
import { RowCache } from '../../../src/webview/trajectory/rowCache';

const row = (index: number): RowView => ({
  status: 'ok',
  index,
  question: '',
  zoomCount: 0,
  toolCalls: 0,
  outcome: 'finished',
});

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe('rowCache', () => {
  it('asks for whole pages, once, and forgets those that scrolled past', async () => {
    const asked: number[] = [];
    const answers: (() => void)[] = [];
    const cache = new RowCache(
      (start, end) =>
        new Promise((resolve) => {
          asked.push(start);
          answers.push(() => resolve(Array.from({ length: end - start }, (_, i) => row(start + i))));
        }),
      () => undefined,
    );
    for (let start = 0; start < 5000; start += 500) cache.want(start, start + 20);
    assert.deepEqual(asked, [0, 500]);
    for (const answer of answers.splice(0)) answer();
    await settle();
    assert.deepEqual(asked, [0, 500, 4500], 'of all that passed only the last is asked for');
    for (const answer of answers.splice(0)) answer();
    await settle();
    const found = cache.get(4507);
    assert.ok(typeof found === 'object' && found.index === 4507);
    cache.want(4500, 4520);
    assert.equal(asked.length, 3);
  });

  it('asks again for a page that has grown, and keeps a failure as its reason', async () => {
    let records = 3;
    let fail = false;
    const cache = new RowCache(
      async (start, end) => {
        if (fail) throw new Error('The file is gone.');
        return Array.from({ length: Math.min(end, records) - start }, (_, i) => row(start + i));
      },
      () => undefined,
    );
    cache.want(0, 3);
    await settle();
    records = 8;
    cache.want(0, 8);
    await settle();
    assert.ok(typeof cache.get(7) === 'object');
    fail = true;
    cache.clear();
    cache.want(0, 8);
    await settle();
    assert.equal(cache.get(0), 'The file is gone.');
  });
});
