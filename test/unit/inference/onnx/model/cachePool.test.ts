import assert from 'node:assert/strict';
import { CachePool, type CacheMaker } from '../../../../../src/inference/onnx/model/cachePool';
import type { KvCache } from '../../../../../src/inference/onnx/model/kvCache';

/** A cache of one number per token. */
class FakeCache {
  disposed = 0;
  readonly content: number[] = [];
  constructor(readonly capacity: number) {}
  get bytes(): number {
    return this.capacity;
  }
  dispose(): void {
    this.disposed++;
  }
}

class Owner {
  evictions = 0;
  cached = 0;
  onEvicted(): void {
    this.evictions++;
    this.cached = 0;
  }
}

class Maker implements CacheMaker {
  readonly made: FakeCache[] = [];
  failMake = false;
  failCopy = false;
  make(capacity: number): KvCache {
    if (this.failMake) throw new Error('no memory');
    const cache = new FakeCache(capacity);
    this.made.push(cache);
    return cache as unknown as KvCache;
  }
  copy(from: KvCache, to: KvCache, tokens: number): Promise<void> {
    if (this.failCopy) return Promise.reject(new Error('copy failed'));
    const source = (from as unknown as FakeCache).content;
    (to as unknown as FakeCache).content.push(...source.slice(0, tokens));
    return Promise.resolve();
  }
  bytes(capacity: number): number {
    return capacity;
  }
  get alive(): number {
    return this.made.filter((cache) => cache.disposed === 0).length;
  }
}

const fakeOf = (cache: KvCache): FakeCache => cache as unknown as FakeCache;

describe('CachePool', () => {
  const poolOf = (budget: number, longest = 4096): { maker: Maker; pool: CachePool } => {
    const own = new Maker();
    return { maker: own, pool: new CachePool(own, budget, longest) };
  };

  /** Fills an owner's cache with its first tokens. */
  async function fill(pool: CachePool, owner: Owner, tokens: number): Promise<FakeCache> {
    const cache = fakeOf(await pool.cacheFor(owner, tokens));
    for (let at = cache.content.length; at < tokens; at++) cache.content.push(at);
    owner.cached = tokens;
    return cache;
  }

  it('gives the same cache as long as there is room in it', async () => {
    const { pool } = poolOf(1e9);
    const owner = new Owner();
    const cache = await fill(pool, owner, 10);
    assert.equal(await pool.cacheFor(owner, cache.capacity), cache);
  });

  it('grows by doubling up to the longest, keeps what is held and frees the smaller one', async () => {
    const { maker: own, pool } = poolOf(1e9, 3000);
    const owner = new Owner();
    const capacities: number[] = [];
    for (const tokens of [1, 512, 513, 1025, 2049, 3000]) {
      const cache = await fill(pool, owner, tokens);
      capacities.push(cache.capacity);
      assert.deepEqual(cache.content, [...new Array(tokens).keys()]);
      assert.equal(own.alive, 1);
      assert.equal(pool.bytes, cache.capacity);
    }
    assert.deepEqual(capacities, [512, 512, 1024, 2048, 3000, 3000]);
    assert.equal(owner.evictions, 0);
  });

  it('never makes one that is smaller than asked for, nor larger than the longest', async () => {
    const { pool } = poolOf(1e9, 100);
    assert.equal(fakeOf(await pool.cacheFor(new Owner(), 40)).capacity, 100);
    assert.equal(fakeOf(await pool.cacheFor(new Owner(), 130)).capacity, 130);
  });

  it('takes from those who used theirs longest ago, and stays within the budget', async () => {
    const { maker: own, pool } = poolOf(3 * 512);
    const [a, b, c, d] = [new Owner(), new Owner(), new Owner(), new Owner()];
    await fill(pool, a, 1);
    await fill(pool, b, 1);
    await fill(pool, c, 1);
    await fill(pool, a, 2);
    await fill(pool, d, 1);
    assert.deepEqual(
      [a, b, c, d].map((owner) => owner.evictions),
      [0, 1, 0, 0],
    );
    assert.equal(pool.holds(b), false);
    assert.equal(own.alive, 3);
    assert.equal(pool.bytes, 3 * 512);
    // Growing counts the old and the new one: both are there while the one is copied into the other.
    await fill(pool, a, 600);
    assert.deepEqual(
      [a, b, c, d].map((owner) => owner.evictions),
      [0, 1, 1, 1],
    );
  });

  it('gives a cache even where the budget is too small for one', async () => {
    const { maker: own, pool } = poolOf(100);
    const [a, b] = [new Owner(), new Owner()];
    await fill(pool, a, 10);
    await fill(pool, a, 600);
    assert.equal(a.evictions, 0);
    await fill(pool, b, 10);
    assert.equal(a.evictions, 1);
    assert.equal(own.alive, 1);
  });

  it('is left without a cache, and its owner knowing it, when there is no memory for a larger one', async () => {
    for (const fault of ['failMake', 'failCopy'] as const) {
      const { maker: own, pool } = poolOf(1e9);
      const owner = new Owner();
      await fill(pool, owner, 10);
      own[fault] = true;
      await assert.rejects(pool.cacheFor(owner, 600));
      assert.equal(owner.cached, 0);
      assert.equal(pool.holds(owner), false);
      assert.equal(own.alive, 0, fault);
      own[fault] = false;
      assert.equal((await fill(pool, owner, 600)).content.length, 600);
      assert.equal(own.alive, 1);
    }
  });

  it('copies for a fork, with nothing for one that has no cache', async () => {
    const { maker: own, pool } = poolOf(1e9);
    const [owner, fork, empty] = [new Owner(), new Owner(), new Owner()];
    const cache = await fill(pool, owner, 10);
    await pool.fork(owner, fork);
    fork.cached = 10;
    const copy = fakeOf(await pool.cacheFor(fork, 10));
    assert.notEqual(copy, cache);
    assert.deepEqual(copy.content, cache.content);
    assert.equal(await pool.cacheFor(owner, 10), cache);
    await pool.fork(empty, new Owner());
    assert.equal(own.alive, 2);
  });

  it('leaves the owner its cache when a fork fails', async () => {
    for (const fault of ['failMake', 'failCopy'] as const) {
      const { maker: own, pool } = poolOf(1e9);
      const [owner, fork] = [new Owner(), new Owner()];
      const cache = await fill(pool, owner, 10);
      own[fault] = true;
      await assert.rejects(pool.fork(owner, fork));
      assert.equal(
        await pool.cacheFor(owner, 10),
        cache,
        'an owner that believes in its tokens must have them',
      );
      assert.equal(pool.holds(fork), false);
      assert.equal(own.alive, 1, fault);
    }
  });

  it('does not take the owner its cache to make room for a fork', async () => {
    const { pool } = poolOf(700);
    const [other, owner, fork] = [new Owner(), new Owner(), new Owner()];
    await fill(pool, other, 10);
    await fill(pool, owner, 10);
    await pool.fork(owner, fork);
    assert.equal(other.evictions, 1);
    assert.equal(owner.evictions, 0);
    assert.ok(pool.holds(owner) && pool.holds(fork));
  });

  it('frees what is released or cleared, once', async () => {
    const { maker: own, pool } = poolOf(1e9);
    const [a, b] = [new Owner(), new Owner()];
    await fill(pool, a, 1);
    await fill(pool, b, 1);
    pool.release(a);
    pool.release(a);
    assert.equal(a.evictions, 0, 'who lets go need not be told');
    pool.clear();
    pool.clear();
    assert.equal(b.evictions, 1);
    assert.deepEqual(
      own.made.map((cache) => cache.disposed),
      [1, 1],
    );
    assert.equal(pool.bytes, 0);
  });
});
