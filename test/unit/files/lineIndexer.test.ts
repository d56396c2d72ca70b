import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ImcotError } from '../../../src/common/errors';
import type { IndexBatch } from '../../../src/files/lineIndexer';
import { indexLines } from '../../../src/files/lineIndexer';
import type { ReadInto } from '../../../src/files/readAhead';
import { checkPropertyAsync } from '../../support/property';

function reader(bytes: Uint8Array): ReadInto {
  return (target, offset) => {
    const part = bytes.subarray(offset, offset + target.length);
    target.set(part);
    return Promise.resolve(part.length);
  };
}

async function index(bytes: Uint8Array, from: number, chunkBytes: number) {
  const starts: number[] = [];
  const ends: number[] = [];
  const onBatch = (batch: IndexBatch): void => {
    starts.push(...batch.starts);
    ends.push(batch.end);
  };
  const end = await indexLines(reader(bytes), from, onBatch, { chunkBytes });
  return { starts, ends, end };
}

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8') as Uint8Array;

describe('indexLines', () => {
  const pieces = fc.constantFrom('\n', '\r\n', ' ', '\0', 'a', '{"n":1}\n', 'é', '\0\0\n', 'b\n');

  it('finds the same records in chunks of 1 to 9 bytes, begun anew at any line, with and without a byte order mark', async () => {
    await checkPropertyAsync(
      fc.asyncProperty(
        fc.array(pieces, { maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.nat(),
        async (list, chunkBytes, mark, cut) => {
          const bytes = bytesOf((mark ? '\ufeff' : '') + list.join(''));
          const whole = await index(bytes, 0, 1024);
          const oracle: number[] = [];
          let at = mark ? 3 : 0;
          for (const line of Buffer.from(bytes.subarray(at)).toString('latin1').split('\n').slice(0, -1)) {
            const blanks = /^[\0\t-\r ]*/.exec(line)?.[0].length ?? 0;
            if (blanks < line.length) oracle.push(at + blanks);
            at += line.length + 1;
          }
          assert.deepEqual(whole.starts, oracle);
          assert.deepEqual((await index(bytes, 0, chunkBytes)).starts, oracle);

          const first = await index(bytes.subarray(0, cut % (bytes.length + 1)), 0, chunkBytes);
          // A mark that is cut in two is no line yet, so the second part begins at 0 and sees it whole.
          const from = first.end.end === 3 && oracle[0] === 3 ? 3 : first.end.end;
          const second = await index(bytes, from, chunkBytes);
          assert.deepEqual([...first.starts, ...second.starts], oracle);
          assert.deepEqual(second.end, whole.end);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('hands records over in batches whose ends are ends of lines', async () => {
    const text = 'ab\n'.repeat(40_000);
    const { starts, ends, end } = await index(bytesOf(text), 0, 1 << 18);
    assert.equal(starts.length, 40_000);
    assert.ok(ends.length >= 3, 'one batch only');
    assert.ok(ends.every((offset) => offset % 3 === 0));
    assert.deepEqual(end, { end: 120_000, size: 120_000, openRecord: -1 });
  });

  it('stops when told to, and passes failures on', async () => {
    const bytes = bytesOf('ab\n'.repeat(100));
    await assert.rejects(
      indexLines(reader(bytes), 0, () => undefined, { isCancelled: () => true }),
      (error) => error instanceof ImcotError && error.code === 'cancelled',
    );
    await assert.rejects(
      indexLines(
        () => Promise.reject(new Error('EIO')),
        0,
        () => undefined,
      ),
      /EIO/,
    );
  });
});
