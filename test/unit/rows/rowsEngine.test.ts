import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { silentLogger } from '../../../src/common/logger';
import type { RowsFound } from '../../../src/protocol/listView';
import { RowTable } from '../../../src/rows/rowTable';
import { RowsEngine } from '../../../src/rows/rowsEngine';
import type { MadeRollout } from '../../support/rolloutLog';
import { boardLine } from '../../support/rolloutLog';
import { ScratchFolder } from '../../support/scratchFolder';

type Found = Extract<RowsFound, { status: 'ok' }>;

/** Rollouts whose figures follow from their number, in groups of four. */
function made(index: number): MadeRollout {
  return {
    step: Math.floor(index / 40),
    question: `Is number ${Math.floor(index / 4)} odd?`,
    zooms: (index * 7) % 5,
    tokens: 4 + ((index * 13) % 11),
    reward: (index * 3) % 4 === 0 ? 0 : ((index * 5) % 9) / 4,
  };
}

const line = (index: number): string => `${boardLine(made(index))}\n`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => line(from + at)).join('');
const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

describe('the table of a log', function () {
  this.timeout(60_000);
  const scratch = new ScratchFolder();
  after(() => scratch.remove());

  async function opened(file: string, cacheFolder?: string) {
    const told: number[] = [];
    const engine = new RowsEngine(
      () => ({ reading: async (records: number) => void told.push(records) }),
      silentLogger,
    );
    await engine.open({ paths: [file], ...(cacheFolder !== undefined && { cacheFolder }) });
    const rows = async (text: string, more: object = {}): Promise<number[]> => {
      const found = await engine.query({ text, ...more });
      assert.equal(found.status, 'ok');
      const { result, count } = found as Found;
      const all = [...(await engine.slice(result, 0, count))];
      assert.equal(all.length, count);
      return all;
    };
    return { engine, rows, told };
  }

  it('finds what a plain look at every record finds', async () => {
    const count = 500;
    const { rows } = await opened(scratch.write('plain.jsonl', lines(0, count)));
    const oracle = (test: (rollout: MadeRollout, index: number) => boolean): number[] =>
      range(count).filter((index) => test(made(index), index));
    assert.deepEqual(await rows(''), range(count));
    assert.deepEqual(
      await rows('zooms >= 2 && reward < 1'),
      oracle(({ zooms, reward }) => zooms >= 2 && reward < 1),
    );
    assert.deepEqual(
      await rows('!(step == 3) && question contains "number 1"'),
      oracle(({ step, question }) => step !== 3 && question.includes('number 1')),
    );
    assert.deepEqual(
      await rows('odd 77'),
      oracle(({ question }) => question.includes('77')),
    );
    assert.deepEqual(
      await rows('index < 100', {
        ranges: [
          [10, 20],
          [90, 400],
        ],
      }),
      [...range(20).slice(10), ...range(100).slice(90)],
    );
    assert.deepEqual(await rows('iou > 0'), []);
  });

  it('sorts by any field, stable, what is not recorded last', async () => {
    const count = 400;
    const file = scratch.write('sorted.jsonl', `${lines(0, 300)}{"broken\n${lines(301, count)}`);
    const { rows } = await opened(file);
    const good = range(count).filter((index) => index !== 300);
    const by = (of: (rollout: MadeRollout) => number, sign: number): number[] => [
      ...good.toSorted((a, b) => sign * (of(made(a)) - of(made(b))) || a - b),
      300,
    ];
    for (const descending of [false, true]) {
      const sign = descending ? -1 : 1;
      const sorted = (field: string): Promise<number[]> => rows('', { sort: { field, descending } });
      assert.deepEqual(
        await sorted('reward'),
        by(({ reward }) => reward, sign),
      );
      assert.deepEqual(
        await sorted('zooms'),
        by(({ zooms }) => zooms, sign),
      );
      assert.deepEqual(await sorted('iou'), range(count));
      const byQuestion = good.toSorted((a, b) => {
        const [x, y] = [made(a).question.toLowerCase(), made(b).question.toLowerCase()];
        return sign * (x < y ? -1 : x > y ? 1 : 0) || a - b;
      });
      assert.deepEqual(await sorted('question'), [...byQuestion, 300]);
    }
  });

  it('counts and finds what can’t be read', async () => {
    const file = scratch.write('broken.jsonl', `${lines(0, 30)}{"broken\n${lines(31, 60)}nonsense\n`);
    const { rows, engine } = await opened(file);
    assert.deepEqual(await rows('unreadable == true'), [30, 60]);
    assert.equal((await rows('unreadable == false')).length, 59);
    const all = await engine.query({ text: 'zooms >= 0' });
    assert.ok(all.status === 'ok');
    assert.deepEqual([all.scanned, all.unreadable], [61, 2]);
  });

  it('knows groups: mean, spread, advantage, siblings', async () => {
    const { engine, rows } = await opened(scratch.write('groups.jsonl', lines(0, 80)));
    const dead = range(80).filter((index) => {
      const first = index - (index % 4);
      const rewards = range(4).map((at) => made(first + at).reward);
      return rewards.every((reward) => reward === rewards[0]);
    });
    assert.deepEqual(await rows('deadGroup'), dead);
    const group = await engine.siblings(9);
    const rewards = range(4).map((at) => made(8 + at).reward);
    const mean = rewards.reduce((sum, reward) => sum + reward, 0) / 4;
    const deviation = Math.sqrt(rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / 3);
    assert.ok(group);
    assert.deepEqual([group.count, group.previous, group.next], [4, 8, 10]);
    assert.ok(Math.abs((group.mean ?? NaN) - mean) < 1e-12);
    assert.ok(Math.abs((group.deviation ?? NaN) - deviation) < 1e-12);
    group.rows.forEach(({ index, advantage }) => {
      const expected = (made(index).reward - mean) / (deviation + 1e-6);
      assert.ok(Math.abs((advantage ?? NaN) - expected) < 1e-9);
    });
  });

  it('works out groups in short pieces, and anew after rows came', () => {
    const table = new RowTable();
    const add = (index: number): void =>
      table.add({ index, group: `g${index % 1000}`, step: 1, reward: index % 7 });
    for (let index = 0; index < 20_000; index++) add(index);
    let pieces = 1;
    for (const work = table.grouping(); work.next().done !== true;) pieces++;
    assert.ok(pieces > 20, `${pieces} pieces`);
    assert.equal(table.grouped().membersOf(3)?.length, 20);
    const work = table.grouping();
    assert.equal(work.next().done, true, 'what is known is not worked out again');
    add(20_000);
    assert.equal(table.grouped().membersOf(0)?.length, 21);
  });

  it('tells a mistake with its column, before anything is read', async () => {
    const { engine, told } = await opened(path.join(scratch.path, 'nothing-there.jsonl'));
    const found = await engine.query({ text: 'zooms >= && 2' });
    assert.equal(found.status, 'error');
    assert.ok(found.status === 'error' && found.column >= 6 && found.message !== '');
    assert.deepEqual(told, []);
    await assert.rejects(engine.query({ text: 'zooms > 2' }), /nothing-there/);
  });

  it('reads only what is new of a log that grows, an unfinished line anew, a replaced log whole', async () => {
    const file = scratch.write('growing.jsonl', lines(0, 50) + boardLine(made(50)));
    const { rows } = await opened(file);
    assert.deepEqual(await rows(''), range(51));
    appendFileSync(file, `\n${lines(51, 60)}`);
    assert.deepEqual(
      await rows('zooms == 0'),
      range(60).filter((index) => made(index).zooms === 0),
    );
    writeFileSync(file, lines(5, 20));
    assert.deepEqual(
      await rows('zooms == 0'),
      range(15).filter((index) => made(index + 5).zooms === 0),
    );
  });

  it('is kept between sessions, and goes on from there', async () => {
    const cache = path.join(scratch.path, 'cache');
    const file = scratch.write('kept.jsonl', lines(0, 600));
    const first = await opened(file, cache);
    const expected = await first.rows('zooms == 3', { sort: { field: 'reward', descending: true } });
    appendFileSync(file, lines(600, 604));
    const second = await opened(file, cache);
    assert.deepEqual(
      (await second.rows('zooms == 3', { sort: { field: 'reward', descending: true } })).filter(
        (index) => index < 600,
      ),
      expected,
    );
    assert.equal((await second.rows('')).length, 604);
  });

  it('drops a query for a newer one, and answers for the last result alone', async () => {
    const { engine } = await opened(scratch.write('newer.jsonl', lines(0, 300)));
    const older = engine.query({ text: 'zooms > 1' });
    const newer = engine.query({ text: 'zooms > 2', selected: 7 });
    await assert.rejects(older, { code: 'cancelled' });
    const found = (await newer) as Found;
    const matching = range(300).filter((index) => made(index).zooms > 2);
    assert.equal(found.count, matching.length);
    assert.equal(found.position, matching.includes(7) ? matching.indexOf(7) : undefined);
    assert.equal(await engine.positionOf(found.result, matching[3] ?? -1), 3);
    await engine.query({ text: '' });
    await assert.rejects(engine.slice(found.result, 0, 1), { code: 'missing' });
  });

  it('stops reading when told to, answers from what was read, and goes on at the next query', async () => {
    const { engine, rows } = await opened(scratch.write('stopped.jsonl', lines(0, 5000)));
    const asked = engine.query({ text: 'zooms >= 0' });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await engine.stopReading();
    const found = (await asked) as Found;
    assert.equal(found.complete, false);
    assert.ok(found.scanned < 5000 && found.count === found.scanned, JSON.stringify(found));
    assert.equal((await rows('zooms >= 0')).length, 5000);
  });
});
