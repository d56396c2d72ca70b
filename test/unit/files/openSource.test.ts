import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, openSync, closeSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { ImcotError } from '../../../src/common/errors';
import type { OpenOptions } from '../../../src/files/openSource';
import { openTrajectorySource } from '../../../src/files/openSource';
import type { LogSource } from '../../../src/files/logSource';
import { streamRecords } from '../../../src/files/streamRecords';
import { numbered, shortOf, tinyReader, useFolder } from './support/tinyLog';

const OPTIONS: OpenOptions = { index: 'inProcess', readers: [tinyReader] };

async function allOf(source: LogSource): Promise<string[]> {
  const { records } = await source.indexed();
  return (await source.records(0, records)).map(shortOf);
}

async function streamed(file: string | readonly string[]): Promise<{ ids: string[]; tail: number }> {
  const ids: string[] = [];
  let tail = 0;
  const options = {
    readers: [tinyReader],
    onIncompleteTail: (_file: string, bytes: number) => (tail += bytes),
  };
  for await (const result of streamRecords(file, options)) ids.push(shortOf(result));
  return { ids, tail };
}

const sentence = (code: string, words: RegExp) => (error: unknown) =>
  error instanceof ImcotError && error.code === code && words.test(error.message);

describe('openTrajectorySource', () => {
  const inFolder = useFolder();
  const opened: LogSource[] = [];
  const open = async (
    paths: string | readonly string[],
    more: Partial<OpenOptions> = {},
  ): Promise<LogSource> => {
    const source = await openTrajectorySource(paths, { ...OPTIONS, ...more });
    opened.push(source);
    return source;
  };
  const log = (text: string | Uint8Array, name = 'log.jsonl'): string => {
    writeFileSync(inFolder(name), text);
    return inFolder(name);
  };
  afterEach(() => {
    for (const source of opened.splice(0)) source.dispose();
  });

  it('has the first records before anything is indexed', async () => {
    const source = await open(log(numbered(0, 30_000, 'x'.repeat(100))), {
      index: 'worker',
      workerPath: inFolder('nothing-is-started-yet.js'),
    });
    assert.equal(source.state.complete, false);
    assert.ok(source.state.records > 1000 && source.state.records < 30_000);
    assert.equal(shortOf(await source.record(5)), '5');
    assert.equal(shortOf(await source.lastRecord()), '29999');
  });

  it('reads any record, dense and sparse, and says which there are none', async () => {
    const count = 1_060_000;
    const source = await open(log(numbered(0, count)));
    assert.equal((await source.indexed()).records, count);
    for (const index of [0, 1, 63, 64, 65, 524_287, 1_048_576, count - 65, count - 1]) {
      assert.equal(shortOf(await source.record(index)), String(index));
    }
    assert.deepEqual(
      (await source.records(700_000, 700_200)).map(shortOf),
      Array.from({ length: 200 }, (_, i) => String(700_000 + i)),
    );
    for (const none of [count, -1, 0.5, NaN]) {
      await assert.rejects(source.record(none), sentence('missing', /has no record/));
    }
  });

  const hostile: Readonly<Record<string, readonly [string | Uint8Array, readonly string[], number]>> = {
    'CRLF and empty lines': ['{"n":1}\r\n\r\n\n  \n{"n":2}\r\n', ['1', '2'], 0],
    'a byte order mark': ['\ufeff{"n":1}\n{"n":2}\n', ['1', '2'], 0],
    'NUL runs between and behind': ['{"n":1}\n\0\0\0\0{"n":2}\n\0\0\0', ['1', '2'], 0],
    'a whole last line without its end': ['{"n":1}\n{"n":2}', ['1', '2'], 0],
    'a torn last line': ['{"n":1}\n{"n":2,"p', ['1'], 9],
    'bad lines': ['{"n":1}\n{"n":\n[]\nnot JSON\n{"n":2}\n', ['1', 'bad', 'bad', 'bad', '2'], 0],
    'bytes that are no UTF-8': [
      Buffer.from('{"n":1}\n{"n":2,"p":"\xff\xfe"}\n', 'latin1') as Uint8Array,
      ['1', '2'],
      0,
    ],
    'deep nesting and a prototype key': [
      `{"n":1,"p":${'['.repeat(1e5)}${']'.repeat(1e5)}}\n{"n":2,"__proto__":{"n":7}}\n`,
      ['1', '2'],
      0,
    ],
    NaN: ['{"n":1,"p":NaN}\n{"n":2,"p":-Infinity}\n', ['1', '2'], 0],
  };
  for (const [name, [text, ids, tail]] of Object.entries(hostile)) {
    it(`reads ${name}, from the source and from the stream`, async () => {
      const file = log(text);
      const source = await open(file);
      assert.deepEqual(await allOf(source), ids);
      assert.equal(source.state.incompleteTail, tail);
      assert.deepEqual(await streamed(file), { ids, tail });
      const last = ids.filter((id) => id !== 'bad').at(-1);
      assert.equal(shortOf(await source.lastRecord()), last);
    });
  }

  it('reads a record of 64 MiB and shows what a larger one is', async () => {
    const file = inFolder('huge.jsonl');
    const fd = openSync(file, 'w');
    const fill = 'x'.repeat(64 * 2 ** 20 - '{"n":1,"p":""}'.length);
    writeSync(fd, `{"n":0}\n{"n":1,"p":"${fill}"}\n{"n":2,"p":"${fill}!"}\n{"n":3}\n`);
    closeSync(fd);
    const source = await open(file);
    assert.deepEqual(await allOf(source), ['0', '1', 'bad', '3']);
    const bad = await source.record(2);
    assert.ok(bad.status === 'bad' && /64\.0 MiB.*at most 64 MiB.*begins: \{"n":2,"p":"xxx/.test(bad.reason));
    assert.equal(bad.bytes.end - bad.bytes.start, 64 * 2 ** 20 + 1);
    assert.deepEqual((await streamed(file)).ids, ['0', '1', 'bad', '3']);
  }).timeout(60_000);

  it('says what is wrong with what was named', async () => {
    await assert.rejects(open(inFolder('none.jsonl')), sentence('missing', /There is no file .*none\.jsonl/));
    await assert.rejects(open(log('', 'empty.jsonl')), sentence('input', /empty/));
    await assert.rejects(open(log('hello\nworld\n')), sentence('input', /numbered lines/));
    await assert.rejects(open([]), sentence('usage', /No file/));
    mkdirSync(inFolder('plain'));
    await assert.rejects(open(inFolder('plain')), sentence('input', /folder without step files/));
    await assert.rejects(open('/dev/null'), sentence('input', /not a regular file/));
    await assert.rejects(
      async () => {
        for await (const _ of streamRecords(inFolder('none.jsonl'))) assert.fail('a record');
      },
      sentence('missing', /There is no file/),
    );
  });

  it('says that a file may not be read', async function () {
    if (process.getuid?.() === 0 || process.platform === 'win32') return this.skip();
    chmodSync(log(numbered(0, 2)), 0);
    await assert.rejects(open(inFolder('log.jsonl')), sentence('denied', /does not allow/));
  });

  it('reads step files in the order of their numbers, as one list', async () => {
    mkdirSync(inFolder('steps'));
    for (const step of [10, 9, 2, 100]) {
      writeFileSync(inFolder(`steps/${step}.jsonl`), numbered(step * 10, step * 10 + 3));
    }
    writeFileSync(inFolder('steps/notes.txt'), 'not a step');
    const ids = ['20', '21', '22', '90', '91', '92', '100', '101', '102', '1000', '1001', '1002'];
    const source = await open(inFolder('steps'));
    assert.deepEqual(await allOf(source), ids);
    const seventh = await source.record(6);
    assert.ok(seventh.status === 'ok' && seventh.trajectory.origin.file.endsWith('10.jsonl'));
    assert.equal(seventh.trajectory.origin.index, 6);
    assert.deepEqual((await streamed(inFolder('steps'))).ids, ids);
    assert.equal(shortOf(await source.lastRecord()), '1002');
  });

  it('reads more files than it may keep open', async () => {
    mkdirSync(inFolder('many'));
    for (let step = 0; step < 120; step++)
      writeFileSync(inFolder(`many/${step}.jsonl`), numbered(step, step + 1));
    const source = await open(inFolder('many'));
    assert.deepEqual(
      await allOf(source),
      Array.from({ length: 120 }, (_, i) => String(i)),
    );
    writeFileSync(inFolder('many/7.jsonl'), '');
    truncateSync(inFolder('many/7.jsonl'));
    for (let turn = 0; turn < 5; turn++) await source.refresh();
    assert.equal(source.state.records, 119);
    assert.equal(source.state.generation, 1);
    assert.equal(shortOf(await source.record(7)), '8');
  });

  it('ends waiting calls when it is disposed of', async () => {
    const source = await open(log(numbered(0, 100_000, 'x'.repeat(100))));
    const waiting = [source.record(99_999), source.indexed()];
    const outcomes = Promise.allSettled(waiting);
    source.dispose();
    for (const outcome of await outcomes) assert.equal(outcome.status, 'rejected');
    await assert.rejects(source.record(0), sentence('cancelled', /closed/));
  });
});
