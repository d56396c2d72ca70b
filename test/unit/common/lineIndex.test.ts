import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DENSE_LIMIT, LineIndex, SPARSE_STRIDE } from '../../../src/common/lineIndex';
import { LineScanner } from '../../../src/common/lineScanner';
import { readVarint, writeVarint } from '../../../src/common/varint';
import { checkProperty } from '../../support/property';

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The obvious way: split at line feeds, strip blanks in front, drop what is empty; the last piece is no record. */
function naiveRecords(text: string): Range[] {
  const found: Range[] = [];
  let start = 0;
  for (const line of text.split('\n').slice(0, -1)) {
    const blanks = /^[\0\s]*/.exec(line)?.[0].length ?? 0;
    if (blanks < line.length) found.push({ start: start + blanks, end: start + line.length });
    start += line.length + 1;
  }
  return found;
}

function scan(bytes: Uint8Array, chunks: readonly number[]): { scanner: LineScanner; found: Range[] } {
  const scanner = new LineScanner();
  const found: Range[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = chunks[turn % chunks.length] ?? 1;
    scanner.push(bytes.subarray(at, at + size), (start, end) => found.push({ start, end }));
    at += size;
  }
  return { scanner, found };
}

const hostileText = fc
  .array(
    fc.constantFrom('\n', '\n\n', '\r\n', ' ', '\t', '\0', '\0\0\n', 'a', '{"a":1}', '\v\f', 'x\0y', '{}\n'),
  )
  .map((pieces) => pieces.join(''));
const chunkSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

describe('LineScanner', () => {
  it('finds what the naive way finds, in chunks of 1 to 9 bytes', () => {
    checkProperty(
      fc.property(hostileText, chunkSizes, fc.boolean(), (text, chunks, asBuffer) => {
        const bytes = asBuffer ? Buffer.from(text, 'latin1') : new Uint8Array(Buffer.from(text, 'latin1'));
        const { scanner, found } = scan(bytes as Uint8Array, chunks);
        assert.deepEqual(found, naiveRecords(text));
        assert.equal(scanner.scanned, text.length);
        assert.equal(scanner.lineStart, text.lastIndexOf('\n') + 1);
        const tail = text.slice(text.lastIndexOf('\n') + 1);
        const blanks = /^[\0\s]*/.exec(tail)?.[0].length ?? 0;
        assert.equal(scanner.openRecord, blanks < tail.length ? scanner.lineStart + blanks : -1);
      }),
      { numRuns: 2000 },
    );
  });

  it('goes on in the middle of a file', () => {
    const scanner = new LineScanner(1000);
    const found: Range[] = [];
    scanner.push(Buffer.from('ab\n\ncd') as Uint8Array, (start, end) => found.push({ start, end }));
    assert.deepEqual(found, [{ start: 1000, end: 1002 }]);
    assert.equal(scanner.lineStart, 1004);
    assert.equal(scanner.openRecord, 1004);
  });
});

/** Offsets that rise by 1 to 50,000. */
const risingOffsets = fc
  .array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 300 })
  .map((steps) => steps.reduce<number[]>((sums, step) => [...sums, (sums.at(-1) ?? -1) + step], []));

function indexOf(offsets: readonly number[], batches: readonly number[], denseLimit: number): LineIndex {
  const index = new LineIndex(denseLimit);
  for (let at = 0, turn = 0; at < offsets.length; turn++) {
    const batch = offsets.slice(at, at + (batches[turn % batches.length] ?? 1));
    at += batch.length;
    index.append(Float64Array.from(batch), (batch.at(-1) ?? 0) + 1);
  }
  return index;
}

/** Every record is reached from a known start by passing over fewer than a stride of records. */
function checkLocations(index: LineIndex, offsets: readonly number[]): void {
  offsets.forEach((offset, i) => {
    const where = index.locate(i);
    assert.ok(where);
    assert.equal(offsets[i - where.skip], where.start);
    assert.ok(where.skip >= 0 && where.skip < SPARSE_STRIDE);
    assert.ok(where.limit > offset && where.limit <= index.end);
    if (index.count <= 100) assert.equal(where.skip, 0);
  });
  for (const none of [-1, offsets.length, 0.5, NaN]) assert.equal(index.locate(none), undefined);
}

describe('LineIndex', () => {
  it('finds every record, dense and sparse, whatever the batches', () => {
    checkProperty(
      fc.property(
        risingOffsets,
        fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }),
        (offsets, batches) => {
          const index = indexOf(offsets, batches, 100);
          assert.equal(index.count, offsets.length);
          checkLocations(index, offsets);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('comes back from its bytes, and goes on growing', () => {
    checkProperty(
      fc.property(risingOffsets, fc.integer({ min: 0, max: 2 ** 52 }), (small, base) => {
        const offsets = small.map((offset) => base + offset);
        const half = offsets.slice(0, offsets.length >> 1);
        const index = LineIndex.deserialize(indexOf(half, [64], 100).serialize(), 100);
        assert.ok(index);
        const rest = offsets.slice(half.length);
        if (rest.length > 0) index.append(Float64Array.from(rest), (offsets.at(-1) ?? 0) + 1);
        checkLocations(index, offsets);
        assert.deepEqual(index.serialize(), indexOf(offsets, [7], 100).serialize());
      }),
      { numRuns: 500 },
    );
  });

  it('refuses bytes that are cut or changed instead of making offsets of them', () => {
    const offsets = Array.from({ length: 90 }, (_, i) => i * 21_000);
    const good = indexOf(offsets, [90], 100).serialize();
    for (let cut = 0; cut < good.length; cut++) {
      assert.equal(LineIndex.deserialize(good.subarray(0, cut), 100), undefined, `cut at ${cut}`);
    }
    assert.equal(LineIndex.deserialize(Uint8Array.from([...good, 0]), 100), undefined);
    assert.equal(LineIndex.deserialize(new Uint8Array(64).fill(255)), undefined);
    assert.equal(LineIndex.deserialize(good, 50), undefined, 'dense bytes above the limit');
  });

  it('keeps 5.7 million short lines in under 2 MiB', () => {
    const index = new LineIndex();
    const batch = new Float64Array(16_384);
    for (let at = 0; at < 5_739_388; at += batch.length) {
      for (let i = 0; i < batch.length; i++) batch[i] = (at + i) * 174;
      index.append(batch, (at + batch.length) * 174);
    }
    assert.ok(index.count > DENSE_LIMIT);
    assert.ok(index.memory < 2 * 2 ** 20, `${index.memory} bytes`);
    const where = index.locate(5_000_001);
    assert.ok(where);
    assert.equal(where.start + where.skip * 174, 5_000_001 * 174);
    assert.ok(index.serialize().length < 3 * (index.count / SPARSE_STRIDE));
  });
});

describe('varint', () => {
  it('gives every safe integer back', () => {
    checkProperty(
      fc.property(
        fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 32)),
        (value) => {
          const bytes = new Uint8Array(8);
          const end = writeVarint(bytes, 0, value);
          const cursor = { at: 0 };
          assert.equal(readVarint(bytes, cursor), value);
          assert.equal(cursor.at, end);
          assert.equal(readVarint(bytes.subarray(0, end - 1), { at: 0 }), undefined);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
