import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { ImcotError } from '../../../src/common/errors';
import { MatchStore } from '../../../src/files/rawLinesMatches';
import type { LogQuery } from '../../../src/files/rawLinesPattern';
import { patternOf } from '../../../src/files/rawLinesPattern';
import { searchRange } from '../../../src/files/rawLinesSearch';
import type { ReadInto } from '../../../src/files/readAhead';
import { checkPropertyAsync } from '../../support/property';

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8') as Uint8Array;

function reader(bytes: Uint8Array): ReadInto {
  return (target, offset) => {
    const part = bytes.subarray(offset, offset + target.length);
    target.set(part);
    return Promise.resolve(part.length);
  };
}

type Found = readonly (readonly [number, number])[];

async function search(bytes: Uint8Array, query: LogQuery, chunkBytes = 1 << 20): Promise<Found> {
  const found: [number, number][] = [];
  const sink = {
    found: (start: number, end: number) => void found.push([start, end]),
    scanned: () => undefined,
    matching: () => undefined,
  };
  await searchRange(reader(bytes), patternOf(query), [0, bytes.length], sink, chunkBytes);
  return found;
}

const query = (text: string, more: Partial<LogQuery> = {}): LogQuery => ({
  text,
  matchCase: true,
  wholeWord: false,
  regex: false,
  ...more,
});

/** Line by line, each with an expression of its own. */
function naive(bytes: Uint8Array, { text, matchCase, wholeWord, regex }: LogQuery): Found {
  const found: [number, number][] = [];
  let base = 0;
  for (const latin of Buffer.from(bytes).toString('latin1').split('\n')) {
    const line = bytes.subarray(base, base + latin.length);
    const encoding = isUtf8(line) ? 'utf8' : 'latin1';
    const words = Buffer.from(line).toString(encoding);
    const body = regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const source = wholeWord ? `(?<![\\w\\u0080-\\uffff])(?:${body})(?![\\w\\u0080-\\uffff])` : body;
    for (const match of words.matchAll(new RegExp(source, matchCase ? 'gm' : 'gim'))) {
      if (match[0] === '') continue;
      const start = base + Buffer.byteLength(words.slice(0, match.index), encoding);
      found.push([start, start + Buffer.byteLength(match[0], encoding)]);
    }
    base += latin.length + 1;
  }
  return found;
}

describe('search in a log', () => {
  const parts = fc.constantFrom(
    'a',
    'b',
    'ab',
    'AB',
    ' ',
    '\n',
    '\r\n',
    'é',
    'É',
    '漢',
    '.',
    '1',
    'reward',
    '🙂',
    '_',
  );
  const texts = fc.array(parts, { maxLength: 60 }).map((list) => bytesOf(list.join('')));

  it('finds every text that a naive search finds, whatever the size of chunks', async () => {
    await checkPropertyAsync(
      fc.asyncProperty(
        texts,
        fc.constantFrom('a', 'ab', 'aba', 'é', 'reward', '漢', 'b ', '1.', '🙂'),
        fc.boolean(),
        fc.boolean(),
        fc.integer({ min: 8, max: 64 }),
        async (bytes, text, matchCase, wholeWord, chunkBytes) => {
          const wanted = query(text, { matchCase, wholeWord });
          assert.deepEqual(await search(bytes, wanted, chunkBytes), naive(bytes, wanted));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('finds what an expression finds line by line', async () => {
    const broken = fc.array(fc.constantFrom(10, 13, 65, 97, 98, 0xe9, 0xc3, 0xa9), { maxLength: 60 });
    const expressions = [
      'a+',
      '^a',
      'b$',
      '[^b]',
      '\\s',
      'a?',
      '(a|b)+',
      '.',
      '(?<=a)b',
      'a(?!b)',
      '\\bab\\b',
      'é',
      '^$',
      'a\\s*b',
      '[^]b',
    ];
    await checkPropertyAsync(
      fc.asyncProperty(
        fc.oneof(
          texts,
          broken.map((list) => Uint8Array.from(list)),
        ),
        fc.constantFrom(...expressions),
        fc.boolean(),
        fc.boolean(),
        async (bytes, text, matchCase, wholeWord) => {
          const wanted = query(text, { matchCase, wholeWord, regex: true });
          assert.deepEqual(await search(bytes, wanted), naive(bytes, wanted));
          // Chunks hold every line whole here: longer ones are cut by design.
          assert.deepEqual(await search(bytes, wanted, 600), naive(bytes, wanted));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('finds an expression over many chunks and blocks', async () => {
    const lines = Array.from(
      { length: 30_000 },
      (_, at) => `line ${at} ${at % 7 === 0 ? 'reward: 0.5' : 'naïve'}`,
    );
    const bytes = bytesOf(lines.join('\n'));
    const wanted = query('reward: [\\d.]+$', { regex: true });
    const found = await search(bytes, wanted, 1 << 16);
    assert.equal(found.length, Math.ceil(30_000 / 7));
    assert.deepEqual(found, naive(bytes, wanted));
  });

  it('says in a sentence what cannot be looked for', () => {
    const refused = (text: string, more: Partial<LogQuery>, words: RegExp): void => {
      assert.throws(
        () => patternOf(query(text, more)),
        (thrown) => thrown instanceof ImcotError && words.test(thrown.message),
      );
    };
    refused('', {}, /nothing to look for/);
    refused('a\nb', {}, /no line end/);
    refused('(', { regex: true }, /no regular expression: .*\(/);
    refused('x'.repeat(1001), {}, /At most 1000/);
  });
});

describe('matches of a search that begins in the middle', () => {
  const batch = (range: number, starts: number[], count: number, scanned: number) => ({
    range,
    starts: Float64Array.from(starts),
    ends: Float64Array.from(starts, (start) => start + 2),
    count,
    scanned,
  });

  it('are gone to in file order, round the end', () => {
    const store = new MatchStore(100);
    assert.equal(store.nearest(0, true, false), undefined);
    store.add(batch(0, [50, 60], 2, 70));
    assert.deepEqual(store.nearest(55, true, false), { start: 60, end: 62 });
    store.add(batch(0, [90], 3, 100));
    store.add(batch(1, [10, 20], 5, 50));
    const indexes = [0, 11, 21, 51, 91, 15].map((at) => store.nearest(at, true, true)?.index);
    assert.deepEqual(indexes, [0, 1, 2, 3, 0, 1]);
    assert.deepEqual(
      [10, 11, 60, 100].map((at) => store.nearest(at, false, true)?.index),
      [4, 0, 2, 4],
    );
    assert.deepEqual(
      store.within(11, 61, 10).map(({ start }) => start),
      [10, 20, 50, 60],
    );
    assert.deepEqual(store.marks, [100, 200, 500, 600, 900]);
    assert.equal(store.count, 5);
  });

  it('have no number when more were found than are kept', () => {
    const store = new MatchStore(100);
    store.add(batch(0, [50], 8, 80));
    assert.deepEqual(store.nearest(0, true, true), { start: 50, end: 52 });
    assert.deepEqual([store.count, store.kept], [8, 1]);
    assert.deepEqual(store.marks, [500, 790]);
  });
});
