import assert from 'node:assert/strict';
import fc from 'fast-check';
import { memorySource } from '../../../src/common/byteSource';
import type { RawRow } from '../../../src/files/rawLines';
import { PIECE_BYTES, rowsBefore, rowsFrom } from '../../../src/files/rawLines';
import { rowText, SHOWN_BYTES } from '../../../src/files/rawLinesText';
import { checkPropertyAsync } from '../../support/property';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8') as Uint8Array;
const shape = ({ start, end, next, continued, continues }: RawRow) => ({
  start,
  end,
  next,
  continued,
  continues,
});
type Shape = ReturnType<typeof shape>;

/** Rows by splitting the whole text at its line feeds, and each line by the rule for long ones. */
function oracle(bytes: Uint8Array, piece: number): Shape[] {
  const rows: Shape[] = [];
  let start = 0;
  for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
    const feed = start + line.length;
    if (feed === bytes.length && line === '') break;
    const cuts: number[] = [];
    for (let cut = piece; cut < feed - 1 && cut + 1 < bytes.length; cut += piece) {
      if (cut - piece >= start) cuts.push(wholeCharacter(bytes, cut));
    }
    const edges = [start, ...cuts, feed];
    for (let at = 0; at + 1 < edges.length; at++) {
      const [from = 0, to = 0] = [edges[at], edges[at + 1]];
      const isLast = at + 2 === edges.length;
      const hasFeed = isLast && feed < bytes.length;
      const isReturn = hasFeed && to > from && bytes[to - 1] === 13;
      rows.push({
        start: from,
        end: isReturn ? to - 1 : to,
        next: hasFeed ? to + 1 : to,
        continued: at > 0,
        continues: !isLast,
      });
    }
    start = feed + 1;
  }
  return rows;
}

function wholeCharacter(bytes: Uint8Array, cut: number): number {
  for (let back = 0; back <= 3; back++) {
    if (((bytes[cut - back] ?? 0) & 0xc0) !== 0x80) return cut - back;
  }
  return cut;
}

const pieces = fc.constantFrom(
  '\n',
  '\r\n',
  '\r',
  'a',
  'bcdefgh',
  'é',
  '漢',
  '🙂',
  '\0',
  ' ',
  '\n\n',
  'x'.repeat(40),
);
const content = fc.oneof(
  fc.array(pieces, { maxLength: 60 }).map((list) => bytesOf(list.join(''))),
  fc
    .array(fc.constantFrom(10, 13, 65, 0x80, 0xbf, 0xc3, 0xff), { maxLength: 120 })
    .map((list) => Uint8Array.from(list)),
);

describe('rows of a file', () => {
  it('are those of splitting at line feeds, seen from every byte, forwards and backwards', async () => {
    await checkPropertyAsync(
      fc.asyncProperty(
        content,
        fc.constantFrom(8, 16, 64),
        fc.integer({ min: 1, max: 9 }),
        async (bytes, pieceBytes, count) => {
          const file = memorySource('log', bytes);
          const rule = { pieceBytes };
          const expected = oracle(bytes, pieceBytes);
          for (let offset = 0; offset < bytes.length; offset++) {
            const at = expected.findIndex((row) => row.next > offset);
            const { rows } = await rowsFrom(file, offset, count, rule);
            assert.deepEqual(rows.map(shape), expected.slice(at, at + count), `from ${offset}`);
            for (const row of rows) assert.deepEqual([...row.bytes], [...bytes.subarray(row.start, row.end)]);
          }
          for (const [at, row] of expected.entries()) {
            const { rows } = await rowsBefore(file, row.start, count, rule);
            assert.deepEqual(
              rows.map(shape),
              expected.slice(Math.max(0, at - count), at),
              `before ${row.start}`,
            );
          }
          const all = await rowsBefore(file, bytes.length, 1000, rule);
          assert.deepEqual(all.rows.map(shape), expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('are the same rows behind the place where a cut log ends, at every byte', async () => {
    const bytes = bytesOf('one\r\ntwo\n\n' + 'é'.repeat(20) + '\nend');
    for (let size = 0; size <= bytes.length; size++) {
      const cut = bytes.subarray(0, size);
      const { rows } = await rowsFrom(memorySource('log', cut), 0, 100, { pieceBytes: 8 });
      assert.deepEqual(rows.map(shape), oracle(cut, 8), `cut at ${size}`);
    }
  });

  it('of an empty file are none, and an offset behind the end means the last one', async () => {
    assert.deepEqual(await rowsFrom(memorySource('log', new Uint8Array(0)), 0, 5), { rows: [], size: 0 });
    const { rows } = await rowsFrom(memorySource('log', bytesOf('a\nb\n')), 1e15, 5);
    assert.deepEqual(rows.map(shape), [{ start: 2, end: 3, next: 4, continued: false, continues: false }]);
  });

  it('of one line of 2 GB are pieces found with a few hundred KB read', async () => {
    const size = 2_000_000_000;
    let read = 0;
    const line = {
      name: 'line',
      size: () => Promise.resolve(size),
      read: (offset: number, length: number) => {
        read += length;
        return Promise.resolve(new Uint8Array(Math.max(0, Math.min(length, size - offset))).fill(97));
      },
    };
    const { rows } = await rowsFrom(line, 1_234_567_890, 1);
    const [row] = rows;
    assert.ok(row && row.start <= 1_234_567_890 && row.next > 1_234_567_890);
    assert.equal(row.start % PIECE_BYTES, 0);
    assert.ok(row.continued && row.continues);
    assert.ok(read < 1_000_000, `${read} bytes were read`);
    const last = await rowsBefore(line, size, 1);
    assert.equal(last.rows.at(-1)?.next, size);
    assert.equal(last.rows.at(-1)?.continues, false);
  });
});

describe('what is shown of a row', () => {
  async function textOf(content: string | Uint8Array, limit?: number) {
    const bytes = typeof content === 'string' ? bytesOf(content) : content;
    const { rows } = await rowsFrom(memorySource('log', bytes), 0, 1);
    const [row] = rows;
    assert.ok(row);
    return rowText(row, limit);
  }

  it('leaves out a byte order mark and names what is no UTF-8', async () => {
    assert.deepEqual(await textOf('\ufeffhello\n'), { text: 'hello', from: 3, to: 8 });
    assert.equal((await textOf(Uint8Array.of(0x61, 0xff, 0x62, 0xc3, 10))).text, 'a\ufffdb\ufffd');
  });

  it('is the last update of a progress bar, however long it ran', async () => {
    const bar = Array.from({ length: 900 }, (_, at) => `step ${at} of 900`).join('\r');
    const { text, updates, from, to } = await textOf(`${bar}\r\r\n`);
    assert.deepEqual([text, updates], ['step 899 of 900', 900]);
    assert.equal(to - from, text.length);
    assert.deepEqual(await textOf('only\r\n'), { text: 'only', from: 0, to: 4 });
    assert.deepEqual(await textOf('still going\r'), { text: 'still going', from: 0, to: 11 });
  });

  it('is cut between characters', async () => {
    const { text, to } = await textOf('漢'.repeat(3000));
    assert.equal(to, Math.floor(SHOWN_BYTES / 3) * 3);
    assert.equal(text, '漢'.repeat(to / 3));
  });
});
