import assert from 'node:assert/strict';
import type { RowView } from '../../../src/protocol/listView';
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

describe('rowCache of a file that grows', () => {
  const open =
    (outcome: 'running' | 'finished', reward?: number) =>
    (index: number): RowView => ({
      ...(row(index) as Extract<RowView, { status: 'ok' }>),
      outcome,
      ...(reward !== undefined && { reward }),
    });

  it('lets rows stand until newer ones come, and keeps those that are equal', async () => {
    let rows = [open('finished', 2)(0), open('running')(1)];
    const asked: number[] = [];
    const cache = new RowCache(
      async (start) => {
        asked.push(start);
        return structuredClone(rows);
      },
      () => undefined,
    );
    cache.want(0, 2);
    await settle();
    const [first, second] = [cache.get(0), cache.get(1)];
    rows = [open('finished', 2)(0), open('finished', 1)(1), open('running')(2)];
    cache.grew(1, 3, 10_000);
    assert.equal(cache.get(1), second, 'stands meanwhile');
    cache.want(0, 3);
    await settle();
    assert.equal(cache.get(0), first, 'an equal row is the same object');
    assert.notEqual(cache.get(1), second);
    assert.ok(typeof cache.get(2) === 'object');
    assert.deepEqual(asked, [0, 0]);
  });

  it('asks again for what was on its way when the rows were put in another order', async () => {
    let rows = [row(0), row(1)];
    const answers: (() => void)[] = [];
    const cache = new RowCache(
      (start, end) => {
        const now = rows.slice(start, end);
        return new Promise((resolve) => answers.push(() => resolve(now)));
      },
      () => cache.want(0, 2),
    );
    cache.want(0, 2);
    rows = [row(1), row(0)];
    cache.reordered(2);
    answers.shift()?.();
    await settle();
    answers.shift()?.();
    await settle();
    assert.deepEqual(
      [0, 1].map((at) => cache.get(at)),
      [row(1), row(0)],
    );
  });

  it('asks for rollouts that go on at most once a second', async () => {
    let asked = 0;
    const rows: readonly RowView[] = [open('running')(0)];
    const cache = new RowCache(
      async () => {
        asked++;
        return rows;
      },
      () => undefined,
    );
    cache.want(0, 1);
    await settle();
    for (let now = 10_000; now < 12_000; now += 100) {
      cache.grew(0, 1, now);
      cache.want(0, 1);
      await settle();
    }
    assert.equal(asked, 3);
  });
});
