import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, read, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { OpenFile } from '../../../src/files/fileSource';
import { FileSource } from '../../../src/files/fileSource';
import type { LogSource } from '../../../src/files/logSource';
import { openTrajectorySource, type OpenOptions } from '../../../src/files/openSource';
import { propertySeed } from '../../support/property';
import { numbered, seededRandom, shortOf, tinyReader, useFolder } from './support/tinyLog';

const readFd = promisify(read);

async function idsOf(source: LogSource): Promise<string[]> {
  return (await source.records(0, source.state.records)).map(shortOf);
}

const upTo = (count: number, from = 0): string[] =>
  Array.from({ length: count - from }, (_, i) => String(from + i));

describe('a log that is being written', () => {
  const inFolder = useFolder();
  let file = '';
  let source: LogSource | undefined;
  const open = async (more: Partial<OpenOptions> = {}, path = file): Promise<LogSource> => {
    source = await openTrajectorySource(path, { index: 'inProcess', readers: [tinyReader], ...more });
    await source.indexed();
    return source;
  };
  beforeEach(() => {
    file = inFolder('log.jsonl');
    writeFileSync(file, numbered(0, 1));
  });
  afterEach(() => source?.dispose());

  it('loses and doubles no record in 1,000 appends of any length', async () => {
    const seed = propertySeed();
    process.stdout.write(`[seed ${seed}]`);
    const below = seededRandom(seed);
    const bytes = new Uint8Array(Buffer.from(numbered(1, 3000, 'é'), 'utf8') as Uint8Array);
    // A record is whole with its closing brace: the line feed may come later.
    const whole = (end: number): number =>
      bytes.subarray(0, end).reduce((sum, byte) => sum + (byte === 125 ? 1 : 0), 1);
    const live = await open();
    let written = 0;
    let seen = 1;
    for (let turn = 0; turn < 1000 && written < bytes.length; turn++) {
      const size = below(4) === 0 ? 1 + below(3) : 1 + below(120);
      appendFileSync(file, bytes.subarray(written, written + size));
      written = Math.min(bytes.length, written + size);
      await live.refresh();
      const { records, incompleteTail } = live.state;
      assert.equal(records, whole(written), `after ${written} bytes`);
      assert.ok(records >= seen);
      if (records > seen) assert.equal(shortOf(await live.record(records - 1)), String(records - 1));
      seen = records;
      const torn = bytes.subarray(0, written).lastIndexOf(10) + 1;
      if (bytes[written - 1] !== 125 && incompleteTail > 0) assert.equal(incompleteTail, written - torn);
    }
    assert.equal(live.state.generation, 0);
    assert.deepEqual(await idsOf(live), upTo(seen));
  }).timeout(60_000);

  it('starts a new generation for each rotation and truncation among random appends', async () => {
    const seed = propertySeed();
    process.stdout.write(`[seed ${seed}]`);
    const below = seededRandom(seed);
    const live = await open();
    let expected = ['0'];
    let next = 1;
    let generation = 0;
    for (let turn = 0; turn < 200; turn++) {
      const more = 1 + below(20);
      const text = numbered(next, next + more, 'y'.repeat(below(60)));
      const ids = upTo(next + more, next);
      const kind = below(10);
      if (kind < 7) {
        appendFileSync(file, text);
        expected = [...expected, ...ids];
      } else {
        generation++;
        expected = ids;
        if (kind === 7) writeFileSync(file, text);
        else {
          if (kind === 8) rmSync(file);
          writeFileSync(inFolder('new'), text);
          renameSync(inFolder('new'), file);
        }
      }
      next += more;
      await live.refresh();
      assert.deepEqual(await idsOf(live), expected, `turn ${turn}, kind ${kind}`);
      assert.equal(live.state.generation, generation, `turn ${turn}, kind ${kind}`);
      assert.equal(live.state.complete, true);
    }
  }).timeout(60_000);

  it('sees a file that was written anew in place and is longer than before', async () => {
    writeFileSync(file, numbered(0, 50));
    const live = await open();
    writeFileSync(file, numbered(1000, 1100));
    await live.refresh();
    assert.equal(live.state.generation, 1);
    assert.deepEqual(await idsOf(live), upTo(1100, 1000));
  });

  it('keeps what it read of a file that is gone, says so, and goes on when it is back', async () => {
    const live = await open();
    rmSync(file);
    await live.refresh();
    assert.match(live.state.failure ?? '', /no longer there/);
    assert.deepEqual(await idsOf(live), ['0']);
    writeFileSync(file, numbered(5, 7));
    await live.refresh();
    assert.equal(live.state.failure, undefined);
    assert.deepEqual(await idsOf(live), ['5', '6']);
  });

  it('notices growth and new step files by itself', async () => {
    mkdirSync(inFolder('steps'));
    writeFileSync(inFolder('steps/1.jsonl'), numbered(10, 12));
    const live = await open({ follow: true }, inFolder('steps'));
    const reaches = (records: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (live.state.records === records && live.state.complete) resolve();
        };
        live.onDidChange(look);
        look();
      });
    appendFileSync(inFolder('steps/1.jsonl'), numbered(12, 13));
    await reaches(3);
    writeFileSync(inFolder('steps/2.jsonl'), '{"n":20');
    appendFileSync(inFolder('steps/2.jsonl'), '}\n{"n":21}\n');
    await reaches(5);
    assert.deepEqual(await idsOf(live), ['10', '11', '12', '20', '21']);
    assert.equal(live.state.generation, 0);
    writeFileSync(inFolder('steps/0.jsonl'), numbered(0, 1));
    await reaches(6);
    assert.equal(live.state.generation, 1);
    assert.equal(shortOf(await live.record(0)), '0');
  });

  it('goes on with a kept index and indexes only what is new', async () => {
    writeFileSync(file, numbered(0, 60_000, 'x'.repeat(100)));
    const sidecarFolder = inFolder('kept');
    const first = await open({ sidecarFolder });
    first.dispose();
    appendFileSync(file, numbered(60_000, 60_010));
    let read = 0;
    const counting = async (path: string): Promise<OpenFile> => {
      const real = await FileSource.open(path);
      const readInto = real.readInto.bind(real);
      real.readInto = async (target, offset) => {
        const got = await readInto(target, offset);
        read += got;
        return got;
      };
      return real;
    };
    const second = await open({ sidecarFolder, openFile: counting });
    assert.equal(second.state.records, 60_010);
    assert.ok(read < 2 * 2 ** 20, `${read} bytes were read`);
    assert.equal(shortOf(await second.record(60_009)), '60009');
    assert.equal(shortOf(await second.record(31_234)), '31234');
  });
});

describe('a file that can not be read well', () => {
  const inFolder = useFolder();
  const sources: LogSource[] = [];
  afterEach(() => sources.splice(0).forEach((source) => source.dispose()));

  type Fault = (position: number, length: number) => number | Error | undefined;
  async function openFaulty(file: string, fault: Fault): Promise<LogSource> {
    const openFile = (path: string): Promise<OpenFile> =>
      FileSource.open(path, (fd, target, at, length, position) => {
        const outcome = fault(position, length);
        if (outcome instanceof Error) return Promise.reject(outcome);
        return readFd(fd, target, at, Math.min(length, outcome ?? length), position);
      });
    const source = await openTrajectorySource(file, { index: 'inProcess', readers: [tinyReader], openFile });
    sources.push(source);
    return source;
  }
  const ioError = (): Error => Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
  const written = (count: number): string => {
    writeFileSync(inFolder('log.jsonl'), numbered(0, count, 'x'.repeat(200)));
    return inFolder('log.jsonl');
  };

  it('is read whole although every read comes back short', async () => {
    const below = seededRandom(7);
    const source = await openFaulty(written(2000), () => 1 + below(3000));
    await source.indexed();
    assert.deepEqual(await idsOf(source), upTo(2000));
  });

  it('keeps its readable records when the disk fails behind them, and goes on when it recovers', async () => {
    let broken = true;
    const source = await openFaulty(written(20_000), (position, length) =>
      broken && position + length > 3_000_000 ? ioError() : undefined,
    );
    await assert.rejects(source.indexed(), /input\/output error/);
    assert.match(source.state.failure ?? '', /log\.jsonl could not be read.*input\/output error/);
    assert.equal(shortOf(await source.record(100)), '100');
    await assert.rejects(source.record(19_999), /input\/output error/);
    broken = false;
    await source.refresh();
    assert.equal(source.state.failure, undefined);
    assert.equal(shortOf(await source.record(19_999)), '19999');
  });

  it('makes a bad row of a record that can not be read, and asks again next time', async () => {
    let broken = false;
    const source = await openFaulty(written(5000), () => (broken ? ioError() : undefined));
    await source.indexed();
    broken = true;
    const bad = await source.record(3000);
    assert.ok(bad.status === 'bad' && /input\/output error/.test(bad.reason));
    broken = false;
    assert.equal(shortOf(await source.record(3000)), '3000');
  });

  it('is cut off between the look at its size and the reading', async () => {
    const file = written(5000);
    const source = await openFaulty(file, () => undefined);
    await source.indexed();
    truncateSync(file, 1000);
    const bad = await source.record(4000);
    assert.ok(bad.status === 'bad' && /shorter/.test(bad.reason));
    await source.refresh();
    assert.equal(source.state.generation, 1);
    assert.deepEqual(await idsOf(source), upTo(4));
    assert.ok(source.state.incompleteTail > 0);
  });

  it('is written anew while it is being indexed', async () => {
    const file = written(20_000);
    let done = false;
    const source = await openFaulty(file, (position) => {
      if (!done && position > 2_000_000) {
        done = true;
        writeFileSync(file, numbered(50_000, 70_000, 'z'.repeat(200)));
      }
      return undefined;
    });
    await source.indexed();
    assert.equal(source.state.generation, 1);
    assert.deepEqual(await idsOf(source), upTo(70_000, 50_000));
  });
});
