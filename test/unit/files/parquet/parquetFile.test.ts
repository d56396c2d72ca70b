import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { memorySource } from '../../../../src/common/byteSource';
import { readParquetFooter } from '../../../../src/files/parquet/parquetFooter';
import {
  groupProblem,
  MAX_GROUP_BYTES,
  readGroup,
  UNREAD_BYTES,
} from '../../../../src/files/parquet/parquetGroup';
import type { JsonRecord } from '../../../../src/readers/fields';
import { plainRow } from '../../../../src/readers/tableValues';
import { goldenBytes, goldenJson } from '../../../support/goldenLogs';
import { seededRandom } from '../support/tinyLog';

interface Expected {
  readonly files: Readonly<Record<string, { readonly rows: string; readonly groups: number }>>;
  readonly table: readonly JsonRecord[];
}

const expected = goldenJson('parquet', 'expected.json') as Expected;

/** All rows as JSON has them, or the sentence of the first group that can't be read. */
async function rowsOf(bytes: Uint8Array): Promise<readonly JsonRecord[] | string> {
  const file = memorySource('table.parquet', bytes);
  const found = await readParquetFooter(file);
  if ('problem' in found) return found.problem;
  const rows: JsonRecord[] = [];
  for (const group of found.footer.groups) {
    const read = await readGroup(file, bytes.length, found.footer, group);
    if ('problem' in read) return read.problem;
    rows.push(...read.rows.map(plainRow));
  }
  return rows;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** A row in the form of the expected table. NaN and null are told apart by no writer alike. */
function comparable(row: JsonRecord): unknown {
  const prompt = row['prompt'] as readonly { readonly role: string; readonly content: string }[];
  const { difficulty } = row;
  return {
    ...Object.fromEntries(
      ['data_source', 'ability', 'env_name', 'reward_model'].map((name) => [name, row[name]]),
    ),
    n: String(row['n']),
    difficulty: typeof difficulty === 'number' && Number.isFinite(difficulty) ? difficulty : null,
    prompt: prompt.map(({ role, content }) => [role, digest(content)]),
    bbox: (row['extra_info'] as JsonRecord)['bbox'] ?? null,
  };
}

const wanted = (row: JsonRecord): unknown => ({
  ...row,
  n: String(row['n']),
  difficulty: typeof row['difficulty'] === 'number' ? row['difficulty'] : null,
});

describe('Parquet files by their writers', () => {
  for (const [name, { rows, groups }] of Object.entries(expected.files)) {
    const bytes = goldenBytes('parquet', name);

    it(`${name}: every row, 64-bit integers to the last digit, pictures left where they are`, async () => {
      const read = await rowsOf(bytes);
      assert.ok(typeof read !== 'string', String(read));
      assert.deepEqual(read.map(comparable), expected.table.slice(0, Number(rows)).map(wanted));
      for (const row of read) assert.equal(row['images'], UNREAD_BYTES);
    });

    it(`${name}: its groups`, async () => {
      const found = await readParquetFooter(memorySource(name, bytes));
      assert.ok('footer' in found);
      assert.equal(found.footer.groups.length, groups);
      assert.equal(found.footer.rows, Number(rows));
      for (const group of found.footer.groups) assert.ok(group.bytes.start < group.bytes.end);
      assert.deepEqual([...found.footer.binaryColumns], ['images']);
    });
  }

  it('a group that is too large is refused by name of the limit, before anything is unpacked', async () => {
    const bytes = goldenBytes('parquet', 'polars_default.parquet');
    const file = memorySource('x', bytes);
    const found = await readParquetFooter(file);
    assert.ok('footer' in found);
    const [group] = found.footer.groups;
    assert.ok(group);
    assert.equal(groupProblem(group), undefined);
    const large = { ...group, unpackedBytes: MAX_GROUP_BYTES + 1 };
    const read = await readGroup(memorySource('none', new Uint8Array(0)), 0, found.footer, large);
    assert.match(
      'problem' in read ? read.problem : '',
      /rows 0 to 11 .* at most 128 MiB .* smaller row groups/,
    );
  });
});

describe('damaged Parquet files', () => {
  const whole = goldenBytes('trl', 'text', 'completions_00002.parquet');
  let leaked: unknown;
  const onLeak = (reason: unknown): void => {
    leaked ??= reason;
  };
  before(() => process.on('unhandledRejection', onLeak));
  after(() => process.off('unhandledRejection', onLeak));

  it('cut off anywhere: a sentence', async () => {
    for (let length = 0; length < whole.length; length += 7) {
      const read = await rowsOf(whole.subarray(0, length));
      assert.match(String(read), /^This Parquet file has no end: /, String(length));
    }
    assert.match(String(await rowsOf(whole.subarray(0, whole.length - 1))), /has no end/);
  });

  it('a footer longer than the file, or than the limit: a sentence', async () => {
    const bytes = Uint8Array.from(whole);
    new DataView(bytes.buffer).setUint32(bytes.length - 8, bytes.length, true);
    assert.match(String(await rowsOf(bytes)), /footer .* is damaged: it should have \d+ bytes/);
    const size = 65 * 2 ** 20;
    const large = new Uint8Array(16);
    large.set(whole.subarray(whole.length - 4), 12);
    new DataView(large.buffer).setUint32(8, 64 * 2 ** 20 + 1, true);
    const source = {
      name: 'large',
      size: () => Promise.resolve(size),
      read: (offset: number) => Promise.resolve(large.subarray(16 - (size - offset))),
    };
    const found = await readParquetFooter(source);
    assert.match('problem' in found ? found.problem : '', /at most 64 MiB are read/);
  });

  it('flipped bits: rows or a sentence, never an exception, also none that nobody waits for', async () => {
    const random = seededRandom(20);
    let sentences = 0;
    for (let round = 0; round < 600; round++) {
      const bytes = Uint8Array.from(whole);
      // Half of them in the footer, where the structure is.
      const from = round % 2 === 0 ? 0 : bytes.length - 3000;
      for (let flips = 1 + random(4); flips > 0; flips--) {
        const at = from + random(bytes.length - from);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      }
      const read = await rowsOf(bytes);
      if (typeof read === 'string') {
        sentences++;
        assert.match(read, /^(?:This|The|A row group) .*\.$/);
      } else for (const row of read) JSON.stringify(row);
    }
    assert.ok(sentences > 50, String(sentences));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(leaked, undefined);
  });

  it('what the file system says is no damage', async () => {
    const source = memorySource('x', whole);
    const found = await readParquetFooter(source);
    assert.ok('footer' in found);
    const [group] = found.footer.groups;
    assert.ok(group);
    const gone = { ...source, read: () => Promise.reject(new Error('The disk is gone.')) };
    await assert.rejects(readParquetFooter(gone), /The disk is gone/);
  });
});
