import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openSqlite } from '../../../src/files/sqlite';
import { inFolder, makeDatabase } from '../../support/metricDatabases';

const GOLDEN = path.join(__dirname, '../../golden/logs/sqlite');
const STEPS = 'SELECT step FROM metrics NOT INDEXED';

async function steps(file: string, heldUpTo?: number): Promise<unknown[]> {
  const database = await openSqlite(file, heldUpTo);
  try {
    return [...database.query(STEPS)].map(({ step }) => step);
  } finally {
    database.close();
  }
}

/** Copies a database and what stands beside it. */
function copy(name: string, to: string): void {
  for (const ending of ['', '-wal', '-journal']) {
    const from = path.join(GOLDEN, name + ending);
    if (readdirSync(GOLDEN).includes(name + ending)) copyFileSync(from, to + ending);
  }
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);

describe('openSqlite', () => {
  it('sees what the write-ahead log holds, but nothing that was not committed', async () => {
    for (const heldUpTo of [undefined, 0]) {
      assert.deepEqual(await steps(path.join(GOLDEN, 'wal.db'), heldUpTo), upTo(12));
      assert.deepEqual(await steps(path.join(GOLDEN, 'restarted.db'), heldUpTo), upTo(14));
    }
  });

  it('sees pages that an open transaction has overwritten as they were before it', async () => {
    for (const heldUpTo of [undefined, 0])
      assert.deepEqual(await steps(path.join(GOLDEN, 'journal.db'), heldUpTo), upTo(8));
  });

  it('writes nothing, neither to the database nor beside it', () =>
    inFolder(async (folder) => {
      for (const name of ['wal.db', 'journal.db']) copy(name, path.join(folder, name));
      const look = (): unknown =>
        readdirSync(folder).map((name) => {
          const file = path.join(folder, name);
          return [name, statSync(file).mtimeMs, readFileSync(file).toString('base64')];
        });
      const before = look();
      for (const name of ['wal.db', 'journal.db']) {
        const database = await openSqlite(path.join(folder, name));
        assert.throws(() => [...database.query('DELETE FROM metrics')], /readonly|read-only/);
        assert.throws(() => [...database.query('CREATE TABLE a (b)')], /readonly|read-only/);
        assert.equal([...database.query(`${STEPS} ORDER BY metrics, step`)].length > 7, true);
        database.close();
      }
      assert.deepEqual(look(), before);
    }));

  for (const heldUpTo of [undefined, 0])
    it(`reads on when the writer begins its log anew meanwhile (${heldUpTo === 0 ? 'page by page' : 'held'})`, () =>
      inFolder(async (folder) => {
        const file = path.join(folder, 'a.db');
        copy('wal.db', file);
        const database = await openSqlite(file, heldUpTo);
        const rows = database.query(STEPS)[Symbol.iterator]();
        assert.deepEqual(rows.next().value, { step: 1 });
        copy('restarted.db', file);
        const rest: unknown[] = [];
        for (let row = rows.next(); !row.done; row = rows.next()) rest.push(row.value['step']);
        assert.deepEqual(rest.slice(0, 11), upTo(12).slice(1));
        database.close();
      }));

  it('takes a log that is cut anywhere up to its last whole transaction', () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'a.db');
      copy('wal.db', file);
      const { length } = readFileSync(`${file}-wal`);
      const seen = new Set<number>();
      for (let size = length; size >= 0; size -= size > 8000 ? 517 : 61) {
        truncateSync(`${file}-wal`, size);
        const found = await steps(file);
        assert.deepEqual(found, upTo(found.length));
        seen.add(found.length);
      }
      assert.deepEqual([...seen], [12, 11, 10, 9, 8]);
    }));

  it('passes over a log whose sums are wrong', () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'a.db');
      copy('wal.db', file);
      const bytes = readFileSync(`${file}-wal`);
      bytes[32 + 24 + 100] = (bytes[32 + 24 + 100] ?? 0) ^ 1;
      writeFileSync(`${file}-wal`, bytes as Uint8Array);
      assert.deepEqual(await steps(file), upTo(8));
    }));

  it('gives cells as they are: whole numbers beyond 2^53, bytes, nothing, text with any sign', () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'a.db');
      const values = `9007199254740993, -5, 0.5, NULL, x'00ff', 'ä灯', '${'word '.repeat(40)}', 9e999`;
      writeFileSync(
        file,
        await makeDatabase('CREATE TABLE t (a, b, c, d, e, f, g, h)', `INSERT INTO t VALUES (${values})`),
      );
      const database = await openSqlite(file);
      assert.deepEqual(
        [...database.query('SELECT * FROM t WHERE b = ? AND f = ?', [-5, 'ä灯'])],
        [
          {
            a: 9007199254740993n,
            b: -5,
            c: 0.5,
            d: null,
            e: Uint8Array.of(0, 255),
            f: 'ä灯',
            g: 'word '.repeat(40),
            h: Infinity,
          },
        ],
      );
      database.close();
      database.close();
    }));

  it('refuses what is no database, and what is not there', () =>
    inFolder(async (folder) => {
      const file = path.join(folder, 'a.db');
      writeFileSync(file, 'step,loss\n'.repeat(100));
      await assert.rejects(openSqlite(file), /a\.db can't be read as an SQLite database: .*not a database/);
      await assert.rejects(openSqlite(path.join(folder, 'b.db')), { code: 'missing' });
      const open = [openSqlite(path.join(GOLDEN, 'wal.db')), openSqlite(path.join(GOLDEN, 'journal.db'))];
      const [first, second] = await Promise.all(open);
      assert.equal([...(first?.query(STEPS) ?? [])].length, 12);
      assert.equal([...(second?.query(STEPS) ?? [])].length, 8);
      first?.close();
      second?.close();
    }));
});
