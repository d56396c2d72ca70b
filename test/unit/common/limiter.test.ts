import assert from 'node:assert/strict';
import { Limiter } from '../../../src/common/limiter';

describe('Limiter', () => {
  it('runs no more than its number at once, in order, failures included', async () => {
    const limiter = new Limiter(2);
    let running = 0;
    let most = 0;
    const started: number[] = [];
    const task = (index: number) => async () => {
      started.push(index);
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running--;
      if (index === 1) throw new Error('one');
      return index;
    };
    const all = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => limiter.run(task(index))));
    assert.equal(most, 2);
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
    assert.deepEqual(
      all.map((result) => result.status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
    assert.equal(await limiter.run(() => Promise.resolve(7)), 7);
  });
});
