import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ImcotError } from '../../../src/common/errors';
import { findSources } from '../../../src/files/findSources';
import type { LogSource } from '../../../src/files/logSource';
import { openTrajectorySource } from '../../../src/files/openSource';
import { streamRecords } from '../../../src/files/streamRecords';
import type { RecordResult } from '../../../src/readers/reader';
import { goldenBytes, goldenLog } from '../../support/goldenLogs';
import { useFolder } from './support/tinyLog';

const STEP_2 = goldenLog('trl', 'text', 'completions_00002.parquet');
const STEP_7 = goldenLog('trl', 'text', 'completions_00007.parquet');

const BYTES_2 = goldenBytes('trl', 'text', 'completions_00002.parquet');
const BYTES_7 = goldenBytes('trl', 'text', 'completions_00007.parquet');

/** What a record is, in short: its step, or why there is none. */
const shortOf = (result: RecordResult): string =>
  result.status === 'ok' ? String(result.trajectory.step) : result.reason;

async function streamed(target: string): Promise<string[]> {
  const found: string[] = [];
  for await (const result of streamRecords(target)) found.push(shortOf(result));
  return found;
}

describe('logs that are tables', () => {
  const inFolder = useFolder();
  const opened: LogSource[] = [];
  const open = async (target: string): Promise<LogSource> => {
    const source = await openTrajectorySource(target, { index: 'inProcess' });
    opened.push(source);
    return source;
  };
  const all = async (source: LogSource): Promise<string[]> => {
    await source.indexed();
    return (await source.records(0, source.state.records)).map(shortOf);
  };
  afterEach(() => {
    for (const source of opened.splice(0)) source.dispose();
  });

  /** A folder of two steps, as TRL leaves it. */
  const run = (): string => {
    const folder = inFolder('completions');
    mkdirSync(folder);
    copyFileSync(STEP_7, path.join(folder, 'completions_00007.parquet'));
    copyFileSync(STEP_2, path.join(folder, 'completions_00002.parquet'));
    return folder;
  };
  const steps = (...counts: readonly (readonly [string, number])[]): string[] =>
    counts.flatMap(([step, count]) => Array.from({ length: count }, () => step));

  it("a folder of TRL's step files is one log in the order of the steps, streamed or opened", async () => {
    const folder = run();
    const { sources, problems } = await findSources([path.dirname(folder)]);
    assert.deepEqual(
      sources.map(({ path: found, format, files }) => [found, format, files.length]),
      [[folder, 'trl-completions', 2]],
    );
    assert.deepEqual(problems, []);
    const wanted = steps(['2', 8], ['7', 8]);
    const source = await open(folder);
    assert.deepEqual(await all(source), wanted);
    assert.deepEqual(await streamed(folder), wanted);
    assert.equal(shortOf(await source.lastRecord()), '7');
    await assert.rejects(source.record(16), /has no record 16/);
  });

  it('a step file that is damaged is one bad record among the others', async () => {
    const folder = run();
    const whole = BYTES_2;
    writeFileSync(path.join(folder, 'completions_00003.parquet'), whole.subarray(0, whole.length / 2));
    const source = await open(folder);
    const found = await all(source);
    assert.deepEqual([...found.slice(0, 8), ...found.slice(9)], steps(['2', 8], ['7', 8]));
    assert.match(found[8] ?? '', /^This Parquet file has no end/);
    assert.deepEqual(await streamed(folder), found);
    const { sources } = await findSources([folder]);
    assert.equal(sources[0]?.files.length, 3);
  });

  it('a step file that is being written becomes its rows when it is whole', async () => {
    const folder = run();
    const whole = BYTES_7;
    const file = path.join(folder, 'completions_00008.parquet');
    writeFileSync(file, whole.subarray(0, 4000));
    const source = await open(folder);
    assert.equal((await all(source)).length, 17);
    appendFileSync(file, whole.subarray(4000));
    await source.refresh();
    const found = await all(source);
    assert.deepEqual(found, steps(['2', 8], ['7', 16]));
    const { generation } = source.state;
    copyFileSync(STEP_2, path.join(folder, 'completions_00009.parquet'));
    await source.refresh();
    assert.deepEqual(await all(source), steps(['2', 8], ['7', 16], ['2', 8]));
    assert.equal(source.state.generation, generation, 'a further step changes no row');
  });

  it('a file that was written anew has other rows', async () => {
    const file = inFolder('completions_00002.parquet');
    copyFileSync(STEP_2, file);
    const source = await open(file);
    assert.deepEqual(await all(source), steps(['2', 8]));
    writeFileSync(file, BYTES_7);
    await source.refresh();
    assert.deepEqual(await all(source), steps(['7', 8]));
    assert.equal(source.state.generation, 1);
    rmSync(file);
    await source.refresh();
    assert.match(source.state.failure ?? '', /no longer there/);
  });

  it('says what is wrong with a table that is no log', async () => {
    const other = open(goldenLog('parquet', 'no_rollouts.parquet'));
    await assert.rejects(other, (error) => {
      assert.ok(error instanceof ImcotError && error.code === 'input');
      assert.match(error.message, /Parquet file, yet its columns \("city", "price"\)/);
      return true;
    });
    const cut = inFolder('cut.parquet');
    writeFileSync(cut, BYTES_2.subarray(0, 3000));
    await assert.rejects(open(cut), /cut\.parquet: This Parquet file has no end/);
    await assert.rejects(streamed(cut), /has no end/);
  });

  describe('of lines', () => {
    const table = (step: number, rows: number): string => {
      const column = (of: (row: number) => unknown): unknown[] =>
        Array.from({ length: rows }, (_, row) => of(row));
      return JSON.stringify({
        step: column(() => String(step)),
        prompt: column(() => 'Q'),
        completion: column((row) => `<answer>${row}</answer>`),
        advantages: column(() => 0),
      });
    };

    it('each row is a record; damaged lines are one bad record each', async () => {
      const file = inFolder('completions.jsonl');
      writeFileSync(file, `${table(1, 3)}\n{"step": ["2"\n\n[]\n${table(2, 2)}\n`);
      const source = await open(file);
      const found = await all(source);
      assert.deepEqual([...found.slice(0, 3), ...found.slice(5)], ['1', '1', '1', '2', '2']);
      assert.match(found[3] ?? '', /damaged/);
      assert.match(found[4] ?? '', /holds a list/);
      assert.deepEqual(await streamed(file), found);
    });

    it('grows by the rows of each line, whole lines without their end included', async () => {
      const file = inFolder('completions.jsonl');
      writeFileSync(file, `${table(1, 3)}\n`);
      const source = await open(file);
      assert.equal((await all(source)).length, 3);
      const next = table(2, 4);
      appendFileSync(file, next.slice(0, 20));
      await source.refresh();
      assert.equal(source.state.records, 3);
      assert.equal(source.state.incompleteTail, 20);
      appendFileSync(file, next.slice(20));
      await source.refresh();
      assert.deepEqual(await all(source), ['1', '1', '1', '2', '2', '2', '2']);
      appendFileSync(file, `\n${table(3, 1)}\n`);
      await source.refresh();
      assert.deepEqual(await all(source), ['1', '1', '1', '2', '2', '2', '2', '3']);
      const answers = (await source.records(3, 7)).map((result) =>
        result.status === 'ok' ? result.trajectory.turns[0]?.raw : '',
      );
      assert.deepEqual(
        answers,
        [0, 1, 2, 3].map((row) => `<answer>${row}</answer>`),
      );
    });
  });
});
