import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LruCache } from '../../../src/common/lru';

describe('LruCache', () => {
  it('lets the entry go that was used longest ago', () => {
    const gone: string[] = [];
    const cache = new LruCache<string, number>(3, (key) => gone.push(key));
    cache.set('a', 1, 1);
    cache.set('b', 2, 1);
    cache.set('c', 3, 1);
    cache.get('a');
    cache.set('d', 4, 1);
    assert.deepEqual(gone, ['b']);
    assert.equal(cache.get('a'), 1);
  });

  it('does not keep an entry that is dearer than the budget, and keeps the others', () => {
    const cache = new LruCache<string, number>(10);
    cache.set('small', 1, 4);
    cache.set('huge', 2, 11);
    assert.equal(cache.get('huge'), undefined);
    assert.equal(cache.get('small'), 1);
  });

  it('never holds more than its budget and tells of every value that leaves', () => {
    const operation = fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 12 }));
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
        const evicted: number[] = [];
        const cache = new LruCache<number, number>(20, (_key, value) => evicted.push(value));
        operations.forEach(([key, cost], serial) => {
          cache.set(key, serial, cost);
          assert.ok(cache.cost <= 20);
        });
        cache.clear();
        assert.equal(cache.cost, 0);
        assert.deepEqual(
          evicted.sort((a, b) => a - b),
          operations.map((_operation, serial) => serial),
        );
      }),
    );
  });
});
