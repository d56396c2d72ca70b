import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { RawRuns } from '../../../../src/metrics/rawRun';
import { nodeMetricCodecs } from '../../../../src/files/metricCodecs';
import { memorySource } from '../../../../src/common/byteSource';
import { mlflowSqliteReader, trackioReader } from '../../../../src/readers/metrics/sql/databaseReader';
import { makeDatabase, readDatabase, readDatabaseFile } from '../../../support/metricDatabases';
import { seeded } from '../../../support/mutations';
import { metricRows } from '../../../support/readMetrics';

const GOLDEN = path.join(__dirname, '../../../golden/logs');
const MLFLOW = path.join(GOLDEN, 'mlflow/mlflow.db');
const TRACKIO = path.join(GOLDEN, 'trackio/visual_agent.db');

const EVIL = `a"'; DROP TABLE metrics; --`;
const sql = (text: string): string => `'${text.replaceAll("'", "''")}'`;

describe('MLflow database', () => {
  it('tells runs with name, parent, experiment, settings and state, and every number', async () => {
    const { runs, damages } = await readDatabaseFile(MLFLOW);
    assert.deepEqual(damages, []);
    assert.deepEqual(
      runs.map(({ description: { name, group }, state }) => [name, group, state]),
      [
        ['deepeyes_slate-otter-93', 'visual_agent', 'finished'],
        ['eval child', 'visual_agent', 'finished'],
        ['deepeyes_slate-otter-93', 'visual_agent_verl', 'finished'],
      ],
    );
    const [main, child] = runs;
    assert.equal(child?.description.parent, main?.description.id);
    assert.deepEqual([...(main?.settings ?? [])].sort(), [
      ['actor.optim.lr', '1e-06'],
      ['prompt', 'two\nlines 灯'],
      ['rollout/n', '16'],
    ]);
    const rows = metricRows(main);
    assert.deepEqual(rows[0], [
      1,
      {
        'actor/grad_norm': 0.08979630233124737,
        'critic/score/mean': 1.1340064037624473,
        'agent/tool_call_mean': 0.6701972070711313,
      },
    ]);
    assert.equal(main?.wallTimes.at(0), 1772478336.5);
    // The last five steps were logged a second time by a run that was taken up again.
    assert.deepEqual(
      rows.slice(-5),
      [76, 77, 78, 79, 80].map((step) => [step, { 'agent/tool_call_mean': 9.5 }]),
    );
    const all = rows.flatMap(([, values]) => Object.values(values));
    assert.ok(all.some(Number.isNaN) && all.includes(Infinity));
  });

  it('keeps hostile names as they are, and leaves out runs in the waste bin', async () => {
    const { runs, damages } = await readDatabase(
      await makeDatabase(
        'CREATE TABLE experiments (experiment_id INTEGER, name TEXT)',
        'CREATE TABLE runs (run_uuid TEXT, name TEXT, experiment_id INTEGER, status TEXT, lifecycle_stage TEXT)',
        'CREATE TABLE metrics ("key" TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN)',
        `CREATE TABLE "x""; DROP TABLE metrics; --" (a)`,
        `INSERT INTO experiments VALUES (1, ${sql(EVIL)})`,
        `INSERT INTO runs VALUES (${sql(EVIL)}, ${sql(EVIL)}, 1, 'KILLED', 'active'), ('gone', 'gone', 1, 'FINISHED', 'deleted')`,
        `INSERT INTO metrics VALUES (${sql(EVIL)}, 1, 1000, ${sql(EVIL)}, 1, 0), ('b', 0, 1000, ${sql(EVIL)}, 1, 1),
          ('c', -1.7976931348623157e308, 2000, ${sql(EVIL)}, 2, 0), ('b', 7, 1000, 'gone', 1, 0), ('b', 8, 3000, 'unknown', 5, 0)`,
      ),
    );
    assert.deepEqual(damages, []);
    assert.deepEqual(
      runs.map(({ description, state }) => [description, state]),
      [
        [{ id: EVIL, name: EVIL, group: EVIL }, 'failed'],
        [{ id: 'unknown' }, undefined],
      ],
    );
    assert.deepEqual(metricRows(runs[0]), [
      [1, { [EVIL]: 1, b: NaN }],
      [2, { c: -Infinity }],
    ]);
    assert.deepEqual(metricRows(runs[1]), [[5, { b: 8 }]]);
  });

  it('reads no view in place of a table, which could run for ever', async () => {
    const forever =
      'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS "key", x AS value, x AS run_uuid FROM c';
    const { runs, damages } = await readDatabase(
      await makeDatabase('CREATE TABLE runs (run_uuid TEXT)', `CREATE VIEW metrics AS ${forever}`),
    );
    assert.deepEqual(runs, []);
    assert.match(damages[0]?.reason ?? '', /no tables of MLflow or trackio/);
  });
});

describe('trackio database', () => {
  it('tells numbers, those that JSON can’t hold, settings and times; pictures are no numbers', async () => {
    const { runs, damages } = await readDatabaseFile(TRACKIO);
    assert.deepEqual(damages, []);
    assert.equal(runs.length, 1);
    const [run] = runs;
    assert.equal(run?.description.name, 'deepeyes_slate-otter-93');
    assert.equal(run.description.group, 'visual_agent');
    assert.equal(run.settings.get('lr'), 1e-6);
    assert.equal(run.wallTimes.at(0), 1795245144.760625);
    const rows = metricRows(run);
    assert.equal(rows.length, 81);
    assert.equal(rows[0]?.[1]['critic/score/mean'], 1.1340064037624473);
    assert.deepEqual(rows[80], [1, {}]);
    const all = rows.flatMap(([, values]) => Object.values(values));
    assert.ok(all.some(Number.isNaN) && all.includes(Infinity));
  });

  it('is read while its writer is at it', async () => {
    const { runs, damages } = await readDatabaseFile(path.join(GOLDEN, 'sqlite/wal.db'));
    assert.deepEqual(damages, []);
    assert.deepEqual(
      metricRows(runs[0]).map(([step, { zooms }]) => [step, zooms]),
      Array.from({ length: 12 }, (_, index) => [index + 1, (index + 1) / 4]),
    );
  });

  it('of an older version goes by the runs’ names; a row that is no JSON does not stop the others', async () => {
    const { runs, damages } = await readDatabase(
      await makeDatabase(
        'CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)',
        `INSERT INTO metrics VALUES (1, '2026-03-02T19:05:36.5', 'a', 0, '{"x": "-Infinity", "y": {"z": 2, "w": null}}'),
          (2, 'never', 'b', 1, '{"x": '), (3, NULL, 'a', 1, x'7b2278223a337d')`,
      ),
    );
    assert.deepEqual(
      runs.map((run) => [run.description.name, metricRows(run)]),
      [
        [
          'a',
          [
            [0, { x: -Infinity, 'y/z': 2 }],
            [1, { x: 3 }],
          ],
        ],
        ['b', [[1, {}]]],
      ],
    );
    assert.equal(runs[0]?.wallTimes.at(0), Date.UTC(2026, 2, 2, 19, 5, 36) / 1000 + 0.5);
    assert.equal(damages.length, 1);
  });
});

describe('metric databases', () => {
  it('are known by their first bytes, and by their folder', () => {
    const head = (readFileSync(TRACKIO) as Uint8Array).subarray(0, 65536);
    const sniff = (file: string): number[] =>
      [mlflowSqliteReader, trackioReader].map((reader) => reader.sniff({ path: file, head, lines: [] }));
    assert.deepEqual(sniff('/a/trackio/owls.db'), [0.5, 0.9]);
    assert.deepEqual(sniff('/a/mlflow.db'), [0.9, 0.5]);
    assert.equal(trackioReader.sniff({ path: 'trackio.db', head: head.subarray(1), lines: [] }), 0);
  });

  it('that are none, or cut off, or flipped anywhere are damaged and throw nothing', async () => {
    const whole = await makeDatabase(
      'PRAGMA page_size = 512',
      'CREATE TABLE metrics (id INTEGER PRIMARY KEY, timestamp TEXT, run_name TEXT, step INTEGER, metrics TEXT)',
      `INSERT INTO metrics WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 40)
        SELECT x, '2026-03-02T19:05:36Z', 'a', x, '{"x": ' || x || '}' FROM c`,
    );
    assert.equal((await readDatabase(whole)).runs[0]?.rowCount, 40);
    assert.equal((await readDatabase(Uint8Array.from([]))).damages.length, 1);
    let most = 0;
    for (let length = 0; length < whole.length; length++) {
      const { damages, runs } = await readDatabase(whole.subarray(0, length));
      assert.ok(damages.length > 0, `cut at ${length}`);
      const rows = metricRows(runs[0]);
      for (const [step, values] of rows) assert.deepEqual(values, { x: step });
      most = Math.max(most, rows.length);
    }
    assert.ok(most > 30, `${most} rows of one that is cut`);
    const random = seeded(11);
    for (let round = 0; round < 300; round++) {
      const bytes = whole.slice();
      for (let flips = 0; flips < 3; flips++) {
        const at = random(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
      }
      await readDatabase(bytes);
    }
  }).timeout(120_000);

  it('stop when they are told to', async () => {
    const context = { file: MLFLOW, codecs: nodeMetricCodecs, signal: AbortSignal.abort() };
    const broken = {
      ...context,
      codecs: { ...nodeMetricCodecs, openSqlite: () => Promise.reject(new Error('x')) },
    };
    const read = (): Promise<void> =>
      mlflowSqliteReader.read(memorySource('a', Uint8Array.of()), new RawRuns(), broken);
    await assert.rejects(read, { code: 'cancelled' });
  });
});
