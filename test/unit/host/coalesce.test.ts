import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { coalesce } from '../../../src/host/coalesce';

describe('coalesce', () => {
  it('passes the first value at once and then only the latest of each interval', async () => {
    const seen: number[] = [];
    const coalescer = coalesce(20, (value: number) => seen.push(value));
    for (let i = 0; i < 50; i++) coalescer.push(i);
    assert.deepEqual(seen, [0]);
    await delay(80);
    assert.deepEqual(seen, [0, 49]);
    coalescer.push(50);
    assert.deepEqual(seen, [0, 49, 50]);
    coalescer.dispose();
  });

  it('passes nothing after dispose', async () => {
    const seen: number[] = [];
    const coalescer = coalesce(10, (value: number) => seen.push(value));
    coalescer.push(1);
    coalescer.push(2);
    coalescer.dispose();
    await delay(40);
    assert.deepEqual(seen, [1]);
  });

  it('delivers nothing once it was let go', () => {
    const seen: number[] = [];
    const latest = coalesce<number>(5, (value) => seen.push(value));
    latest.dispose();
    latest.push(1);
    assert.deepEqual(seen, []);
  });
});
