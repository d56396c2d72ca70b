import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { ReadAhead, type ReadInto } from '../../../src/files/readAhead';

/** A file of `length` bytes that are their own offsets; reads finish in any order. */
function slowFile(length: number) {
  const asked: number[] = [];
  let active = 0;
  let most = 0;
  const read: ReadInto = async (target, offset) => {
    asked.push(offset);
    most = Math.max(most, ++active);
    await delay((offset * 7) % 5);
    active--;
    const got = Math.max(0, Math.min(target.length, length - offset));
    for (let i = 0; i < got; i++) target[i] = (offset + i) & 255;
    return got;
  };
  return { read, asked, active: () => active, most: () => most };
}

async function readAll(chunks: ReadAhead, chunkBytes: number): Promise<number[]> {
  const bytes: number[] = [];
  for (let got = chunkBytes; got === chunkBytes;) {
    const chunk = await chunks.next();
    got = chunk.length;
    bytes.push(...chunk);
  }
  return bytes;
}

describe('ReadAhead', () => {
  it('hands over every byte in order, whichever read ends first', async () => {
    for (const length of [0, 1, 15, 16, 17, 160, 163]) {
      const file = slowFile(length);
      const bytes = await readAll(new ReadAhead(file.read, 0, 16), 16);
      assert.deepEqual(
        bytes,
        Array.from({ length }, (_, i) => i),
        String(length),
      );
    }
  });

  it('reads several pieces at once, and only one of a file that fits into one', async () => {
    const large = slowFile(160);
    await readAll(new ReadAhead(large.read, 0, 16), 16);
    assert.equal(large.most(), 3);
    const small = slowFile(15);
    await readAll(new ReadAhead(small.read, 0, 16), 16);
    assert.deepEqual(small.asked, [0]);
  });

  it('passes a failure on when nothing is being read any more', async () => {
    const file = slowFile(1000);
    const failing: ReadInto = (target, offset) =>
      offset === 32 ? Promise.reject(new Error('EIO')) : file.read(target, offset);
    const chunks = new ReadAhead(failing, 0, 16);
    await chunks.next();
    await chunks.next();
    await assert.rejects(chunks.next(), /EIO/);
    assert.equal(file.active(), 0);
  });

  it('settles when it is given up half way', async () => {
    const file = slowFile(1000);
    const chunks = new ReadAhead(file.read, 0, 16);
    await chunks.next();
    assert.ok(file.active() > 0);
    await chunks.settle();
    assert.equal(file.active(), 0);
  });
});
