import assert from 'node:assert/strict';
import { errorCode } from '../../../src/common/errors';
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

  it('lets who waits leave by a signal, and leaves alone what has begun', async () => {
    const limiter = new Limiter(1);
    const controller = new AbortController();
    let begun = 0;
    const pause = async () => {
      begun++;
      await new Promise((resolve) => setTimeout(resolve, 10));
      return 'done';
    };
    const running = limiter.run(pause, controller.signal);
    const leaving = limiter.run(pause, controller.signal);
    const staying = limiter.run(pause);
    controller.abort();
    await assert.rejects(leaving, (thrown) => errorCode(thrown) === 'cancelled');
    assert.equal(begun, 1);
    assert.deepEqual(await Promise.all([running, staying]), ['done', 'done']);
    assert.equal(begun, 2);
    await assert.rejects(
      limiter.run(pause, controller.signal),
      (thrown) => errorCode(thrown) === 'cancelled',
    );
    assert.equal(await limiter.run(pause), 'done');
  });
});
