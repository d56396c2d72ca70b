import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CompareClient } from '../../../src/compare/compareClient';
import { CompareEngine } from '../../../src/compare/compareEngine';
import { errorCode } from '../../../src/common/errors';
import type { CompareFound, CompareQuery } from '../../../src/protocol/compareView';
import { boardLine } from '../../support/rolloutLog';
import { ScratchFolder } from '../../support/scratchFolder';
import { PROJECT_ROOT } from '../../support/sources';

const VSTAR = path.join(PROJECT_ROOT, 'test/fixtures/deepeyes-vstar');
const WHOLE = path.join(VSTAR, 'result_direct_attributes_tmp_acc.jsonl');
const MERGED = path.join(VSTAR, 'merge_ds1_step48_ds4_step40/result_direct_attributes_tmp_acc.jsonl');
type Found = Extract<CompareFound, { status: 'ok' }>;

/** The records of an evaluation file as they stand. */
const recordsOf = (file: string): { image: string; question: string; acc?: number }[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { image: string; question: string });

describe('comparing two logs', function () {
  this.timeout(60_000);
  const scratch = new ScratchFolder();
  after(() => scratch.remove());
  const engineOf = (): CompareEngine => new CompareEngine(() => ({ reading: async () => undefined }));

  async function rowsOf(engine: CompareEngine, query: CompareQuery) {
    const found = await engine.query(query);
    assert.equal(found.status, 'ok', JSON.stringify(found));
    const { result, count } = found as Found;
    const rows = await engine.rows(result, 0, count);
    assert.equal(rows.length, count);
    return rows;
  }

  it('sets two evaluations of V* side by side', async () => {
    const engine = engineOf();
    const { summary, formats, sameRollouts } = await engine.compare({ a: [WHOLE], b: [MERGED] });
    const names = new Set(recordsOf(WHOLE).map(({ image, question }) => `${image} ${question}`));
    const shared = recordsOf(MERGED).filter(({ image, question }) =>
      names.has(`${image} ${question}`),
    ).length;
    assert.ok(shared > 2, 'the fixtures share questions');
    assert.equal(summary.pairs, shared);
    assert.equal(summary.cells.aloneA, recordsOf(WHOLE).length - shared);
    assert.equal(summary.a.badRecords, 0);
    assert.match(formats.a, /DeepEyes/);
    assert.equal(sameRollouts, undefined);
    const rows = await rowsOf(engine, { text: '', cell: 'onlyA' });
    assert.equal(rows.length, summary.cells.onlyA);
    for (const { a, b } of rows) assert.deepEqual([a?.correct, b?.correct], [true, false]);
  });

  it('knows the same rollouts before and after judging', async () => {
    const judged = readFileSync(MERGED, 'utf8');
    const before = judged
      .trimEnd()
      .split('\n')
      .map((line) => {
        const record = JSON.parse(line) as Record<string, unknown>;
        delete record['acc'];
        return JSON.stringify(record);
      });
    const twin = scratch.write('result_direct_attributes.jsonl', `${before.join('\n')}\n`);
    const { summary, sameRollouts } = await engineOf().compare({ a: [twin], b: [MERGED] });
    assert.deepEqual(sameRollouts, { judgedA: false, judgedB: true });
    assert.equal(summary.cells.unjudged, summary.pairs);
    assert.equal(summary.pairs, before.length);
  });

  const made = (at: number, more: object) => ({
    step: 1,
    question: `Is ${at} odd?`,
    zooms: 1,
    reward: 2,
    ...more,
  });
  const logOf = (name: string, count: number, of: (at: number) => object): string =>
    scratch.write(
      name,
      Array.from({ length: count }, (_, at) => `${boardLine(made(at, of(at)))}\n`).join(''),
    );

  it('answers expressions over both rollouts, and words', async () => {
    const a = logOf('zooms-a.jsonl', 200, (at) => ({ zooms: at % 3 }));
    const b = logOf('zooms-b.jsonl', 200, (at) => ({ zooms: at % 2 }));
    const engine = engineOf();
    const { summary } = await engine.compare({ a: [a], b: [b] });
    assert.equal(summary.pairs, 200);
    const places = async (text: string) => (await rowsOf(engine, { text })).map(({ row }) => row);
    const oracle = (test: (at: number) => boolean) => Array.from({ length: 200 }, (_, at) => at).filter(test);
    assert.deepEqual(
      await places('a.zooms > b.zooms'),
      oracle((at) => at % 3 > at % 2),
    );
    assert.deepEqual(
      await places('a.zooms == 2 && !(b.zooms >= 1)'),
      oracle((at) => at % 3 === 2 && at % 2 === 0),
    );
    assert.deepEqual(await places('a.question contains "77"'), [77, 177]);
    assert.deepEqual(await places('"77 odd"'), [77, 177]);
    const wrong = await engine.query({ text: 'a.zooms > 1 && zooms > 1' });
    assert.ok(wrong.status === 'error' && wrong.column === 15, JSON.stringify(wrong));
    assert.match(wrong.message, /There is no field "zooms"/);
    const selected = await engine.query({ text: 'a.zooms > b.zooms', selected: 3 });
    assert.equal((selected as Found).position, undefined);
    const there = await engine.query({ text: 'a.zooms > b.zooms', selected: 5 });
    assert.equal((there as Found).position, oracle((at) => at % 3 > at % 2).indexOf(5));
  });

  it('counts records that can’t be read, and pairs the rest', async () => {
    const a = logOf('bad-a.jsonl', 10, () => ({}));
    const lines = readFileSync(a, 'utf8').split('\n');
    lines[3] = '{"step": 1, "prompt"';
    const b = scratch.write('bad-b.jsonl', lines.join('\n'));
    const { summary } = await engineOf().compare({ a: [a], b: [b] });
    assert.deepEqual([summary.a.badRecords, summary.b.badRecords], [0, 1]);
    assert.deepEqual([summary.pairs, summary.cells.aloneA, summary.cells.aloneB], [9, 1, 0]);
  });

  it('tells questions apart that differ far behind their beginning', async () => {
    const preamble = 'Look closely. '.repeat(100);
    const of = (last: string) => () => ({ question: `${preamble}${last}` });
    const [a, b] = [logOf('long-a.jsonl', 1, of('A dog?')), logOf('long-b.jsonl', 1, of('A cat?'))];
    assert.equal((await engineOf().compare({ a: [a], b: [b] })).summary.pairs, 0);
  });

  it('refuses rows of an earlier list, and questions before there is an answer', async () => {
    const engine = engineOf();
    await assert.rejects(engine.query({ text: '' }), /not been compared yet/);
    await engine.compare({ a: [WHOLE], b: [MERGED] });
    const found = (await engine.query({ text: '' })) as Found;
    await engine.query({ text: 'glove' });
    await assert.rejects(engine.rows(found.result, 0, 1), /out of date/);
  });

  it('stops reading, and reads again', async () => {
    const a = logOf('stopped.jsonl', 4000, () => ({ tokens: 200 }));
    const engine: CompareEngine = new CompareEngine(() => ({ reading: () => engine.stop() }));
    await assert.rejects(
      engine.compare({ a: [a], b: [MERGED] }),
      (thrown) => errorCode(thrown) === 'cancelled',
    );
    assert.equal((await engineOf().compare({ a: [a], b: [MERGED] })).summary.a.records, 4000);
  });

  it('works in a thread, and tells how far it is', async () => {
    const a = logOf('thread-a.jsonl', 3000, (at) => ({ zooms: at % 3 }));
    const b = logOf('thread-b.jsonl', 3000, () => ({ zooms: 0 }));
    const client = new CompareClient(path.join(PROJECT_ROOT, 'dist/compareWorker.js'));
    const told: number[] = [];
    client.onReading(({ done }) => told.push(done));
    try {
      const { summary } = await client.remote.compare({ a: [a], b: [b] });
      assert.deepEqual([summary.pairs, summary.a.meanZooms, summary.b.meanZooms], [3000, 1, 0]);
      assert.deepEqual(
        told,
        [...told].sort((one, other) => one - other),
      );
      assert.ok(told.every((done) => done >= 0 && done <= 1));
      const missing = client.remote.compare({ a: [`${a}.none`], b: [b] });
      await assert.rejects(missing, (thrown) => errorCode(thrown) === 'missing');
    } finally {
      client.dispose();
    }
  });
});
