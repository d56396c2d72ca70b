import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { errorMessage } from '../../../src/common/errors';
import { FileSource } from '../../../src/files/fileSource';
import type { RawLogState } from '../../../src/files/rawLog';
import { RawLog } from '../../../src/files/rawLog';
import { RawSearch } from '../../../src/files/rawSearch';
import { ScratchFolder } from '../../support/scratchFolder';
import { PROJECT_ROOT } from '../../support/sources';

const text = (log: RawLog, offset: number, before = 0, count = 1): Promise<string[]> =>
  log.rows(offset, before, count).then(({ rows }) => rows.map(({ bytes }) => Buffer.from(bytes).toString()));

/** Resolves when the log's state is as wanted; its tests' own time limit ends the waiting. */
function until(log: RawLog, wanted: (state: RawLogState) => boolean): Promise<void> {
  return new Promise((resolve) => {
    if (wanted(log.state)) return resolve();
    const listening = log.onDidChange((state) => {
      if (!wanted(state)) return;
      listening.dispose();
      resolve();
    });
  });
}

const counted = (log: RawLog): Promise<void> => until(log, ({ counted: end, size }) => end === size);

describe('a raw log', () => {
  let folder: ScratchFolder;
  let workerPath = '';
  const logs: RawLog[] = [];

  before(async () => {
    folder = new ScratchFolder();
    workerPath = path.join(folder.path, 'logWorker.js');
    await build({
      entryPoints: [path.join(PROJECT_ROOT, 'src/files/rawLinesWorker.ts')],
      bundle: true,
      platform: 'node',
      external: ['@sqlite.org/sqlite-wasm'],
      outfile: workerPath,
      logLevel: 'error',
    });
  });
  afterEach(() => {
    for (const log of logs.splice(0)) log.dispose();
  });
  after(() => folder.remove());

  async function open(file: string): Promise<RawLog> {
    const log = await RawLog.open(file, { open: (name) => FileSource.open(name), workerPath });
    logs.push(log);
    return log;
  }

  it('knows the number of every line, blank ones included, and where each begins', async () => {
    const lines = Array.from({ length: 5000 }, (_, at) => (at % 3 === 0 ? '' : `line ${at}`));
    const log = await open(folder.write('lines.log', lines.join('\n')));
    await counted(log);
    let start = 0;
    for (const [number, line] of lines.entries()) {
      if (number % 97 === 0 || number > 4990) {
        assert.equal(await log.lineOf(start), number);
        assert.equal(await log.startOf(number), start);
      }
      start += line.length + 1;
    }
    assert.equal(await log.startOf(5000), undefined);
    assert.equal(log.state.feeds, 4999);
  });

  it('of some MB is counted in a thread, while its rows can be read', async () => {
    const line = `${'x'.repeat(99)}\n`;
    const log = await open(folder.write('large.log', line.repeat(120_000)));
    assert.deepEqual(await text(log, 11_999_999), [line.slice(0, -1)]);
    await counted(log);
    assert.equal(log.state.feeds, 120_000);
    assert.equal(await log.lineOf(11_999_950), 119_999);
    assert.equal(await log.startOf(100_001), 10_000_100);
  });

  it('grows over 200 appends of any bytes with no line lost', async () => {
    const file = folder.write('growing.log', '');
    const log = await open(file);
    let content = '';
    for (let round = 0; round < 200; round++) {
      const piece = ['a', '\n', 'bc\n', '\r\n', 'é'][round % 5] ?? '';
      appendFileSync(file, piece);
      content += piece;
      await log.look();
      await counted(log);
      assert.equal(log.state.feeds, content.split('\n').length - 1);
    }
    assert.equal(log.state.generation, 1);
    const lines = content.split('\n').map((line) => line.replace(/\r$/, ''));
    assert.deepEqual(await text(log, 0, 0, 1000), lines.at(-1) === '' ? lines.slice(0, -1) : lines);
  });

  it('begins anew when it is truncated, written anew at the same length, or replaced', async () => {
    const file = folder.write('rotated.log', 'first\nsecond\n');
    const log = await open(file);
    await counted(log);
    truncateSync(file, 6);
    await log.look();
    assert.equal(log.state.generation, 2);
    writeFileSync(file, 'third\n');
    await log.look();
    assert.equal(log.state.generation, 3);
    writeFileSync(`${file}.new`, 'fourth\nfifth\n');
    renameSync(`${file}.new`, file);
    await log.look();
    assert.equal(log.state.generation, 4);
    await counted(log);
    assert.equal(log.state.feeds, 2);
    assert.deepEqual(await text(log, 0, 0, 9), ['fourth', 'fifth']);
    rmSync(file);
    await log.look();
    assert.match(log.state.failure ?? '', /There is no file/);
    writeFileSync(file, 'again\n');
    await log.look();
    assert.equal(log.state.failure, undefined);
    assert.deepEqual(await text(log, 0), ['again']);
  });

  it('is looked through from a place on and then from its beginning, in a thread', async () => {
    const lines = Array.from({ length: 200_000 }, (_, at) => `step:${at} - reward:${at % 10}`).join('\n');
    const log = await open(folder.write('search.log', lines));
    const middle = lines.indexOf('step:100000 ');
    const plain = { matchCase: true, wholeWord: false, regex: false };
    const search = new RawSearch(log, { text: 'reward:7', ...plain }, middle);
    const first = await new Promise<number>((resolve) => {
      search.onDidChange(({ count }) => {
        if (count > 0) resolve(search.nearest(middle, true)?.start ?? -1);
      });
    });
    assert.equal(first, lines.indexOf('reward:7', middle));
    await search.ended;
    const { status, count, kept, scanned, total } = search.state;
    assert.deepEqual(
      { status, count, kept, scanned },
      { status: 'done', count: 20_000, kept: 20_000, scanned: total },
    );
    assert.deepEqual(search.nearest(0, true), {
      start: lines.indexOf('reward:7'),
      end: lines.indexOf('reward:7') + 8,
      index: 0,
    });
    search.dispose();
    const stopped = new RawSearch(log, { text: 'reward', ...plain }, 0);
    stopped.stop();
    await stopped.ended;
    assert.equal(stopped.state.status, 'stopped');
  });

  it('outlives an expression that would run for ever', async () => {
    const log = await open(folder.write('evil.log', `fine aaa\n${'a'.repeat(60)}!\n`));
    const evil = { text: '^(a+)+$', matchCase: true, wholeWord: false, regex: true };
    const search = new RawSearch(log, evil, 0, 300);
    await search.ended;
    assert.equal(search.state.status, 'failed');
    assert.match(search.state.reason ?? '', /takes too long .* from byte 0 on/);
    assert.deepEqual(await text(log, 0), ['fine aaa']);
  });

  it('knows the steps of a console log and of lines of JSON, and of nothing else', async () => {
    const { signal } = new AbortController();
    const console = Array.from(
      { length: 60 },
      (_, at) => `noise\nstep:${at} - actor/loss:0.5 - reward:1.0\n`,
    ).join('');
    const verl = await open(folder.write('verl.log', console));
    const rows = await verl.steps(signal);
    const at = rows?.steps.indexOf(46) ?? -1;
    assert.equal(rows?.starts[at], console.indexOf('step:46 '));
    const json = Array.from({ length: 50 }, (_, step) => JSON.stringify({ step, loss: 1 / (step + 1) })).join(
      '\n',
    );
    const jsonl = await open(folder.write('metrics.jsonl', json));
    assert.equal((await jsonl.steps(signal))?.steps.length, 50);
    const prose = await open(folder.write('prose.log', 'nothing to see\n'.repeat(10)));
    assert.equal(await prose.steps(signal), undefined);
  });

  it('says what is wrong when the program of its thread is missing', async () => {
    const log = await RawLog.open(folder.write('lost.log', 'x'.repeat(5_000_000)), {
      open: (name) => FileSource.open(name),
      workerPath: path.join(folder.path, 'nowhere.js'),
    });
    logs.push(log);
    await until(log, ({ failure }) => failure !== undefined);
    assert.match(errorMessage(new Error(log.state.failure)), /nowhere\.js\. Install it again/);
  });
});
