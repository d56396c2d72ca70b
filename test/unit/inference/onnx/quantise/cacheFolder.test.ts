import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildSync } from 'esbuild';
import { cacheError } from '../../../../../src/inference/onnx/quantise/cacheErrors';
import { cacheEntries, clearCache } from '../../../../../src/inference/onnx/quantise/cacheFolder';
import { expectedBytes } from '../../../../../src/inference/onnx/quantise/layout';
import { openQuantised } from '../../../../../src/inference/onnx/quantise/quantisedWeights';
import { CacheFixture } from './support/cacheFixture';

const named = (id: string) => ({ identity: async (): Promise<string> => id });

describe('the cache of quantised weights', () => {
  let fixture: CacheFixture;
  const children: ChildProcess[] = [];
  const scripts = mkdtempSync(path.join(tmpdir(), 'imcot-quantise-script-'));
  const script = path.join(scripts, 'quantise.js');
  before(() => {
    // A bundle starts in a tenth of the time that the sources take.
    const entryPoints = [path.join(__dirname, 'support/quantiseScript.ts')];
    buildSync({
      entryPoints,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      outfile: script,
    });
  });
  after(() => rmSync(scripts, { recursive: true, force: true }));
  beforeEach(() => {
    fixture = new CacheFixture();
  });
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child);
    fixture.remove();
  });

  /** Starts a process that quantises; resolves with it and its lines so far when it has begun. */
  async function start(...args: string[]): Promise<{ child: ChildProcess; lines: string[] }> {
    const source = path.join(fixture.root, `source-${String(children.length)}`);
    mkdirSync(source, { recursive: true });
    const child = spawn(process.execPath, [script, source, fixture.cache, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines: string[] = [];
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => lines.push(...text.trim().split('\n')));
    while (lines.length === 0 && child.exitCode === null) await delay(5);
    return { child, lines };
  }

  async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  it('survives a kill at any moment: what is there afterwards is whole or is removed', async function () {
    this.timeout(60_000);
    const big = { hidden: 512, intermediate: 1024, vocabulary: 4096 };
    const checkpoint = fixture.checkpoint(big);
    const reference = fixture.options({ ...named('big'), cacheFolder: path.join(fixture.root, 'reference') });
    const began = performance.now();
    const whole = await openQuantised(checkpoint, reference);
    const duration = performance.now() - began;
    let unfinished = 0;
    for (let round = 0; round < 10; round++) {
      const { child } = await start('big');
      await delay(Math.random() * duration * 1.2);
      await kill(child);
      if (fixture.names.some((name) => name.startsWith('.making-'))) unfinished++;
      const after = await openQuantised(checkpoint, fixture.options({ ...named('big'), verify: true }));
      assert.deepEqual(fixture.names, [path.basename(whole.folder)]);
      assert.equal(statSync(path.join(after.folder, after.file)).size, expectedBytes(checkpoint, 4));
      await after.release();
      assert.equal((await clearCache(fixture.cache)).removed, 1);
    }
    assert.ok(unfinished > 0, 'no process was killed while it worked');
  });

  it('has one process make what several want at the same time', async function () {
    this.timeout(60_000);
    const all = await Promise.all([start('big'), start('big'), start('big')]);
    for (const { child } of all) if (child.exitCode === null) await once(child, 'exit');
    const made = all.map(({ lines }) => (JSON.parse(lines.at(-1)!) as { fresh: boolean }).fresh);
    assert.deepEqual(made.filter(Boolean).length, 1, JSON.stringify(made));
    assert.equal(fixture.names.length, 1);
  });

  it('has one call make what several of the same process want', async () => {
    const checkpoint = fixture.checkpoint();
    const opened = await Promise.all([1, 2, 3].map(() => openQuantised(checkpoint, fixture.options())));
    assert.equal(opened.filter(({ fresh }) => fresh).length, 1);
  });

  it('takes over from a process that is killed while others wait', async function () {
    this.timeout(60_000);
    const { child } = await start('big');
    while (!existsSync(fixture.cache) || fixture.names.length === 0) await delay(1);
    child.kill('SIGSTOP');
    const big = { hidden: 512, intermediate: 1024, vocabulary: 4096 };
    const seen: number[] = [];
    const waiting = openQuantised(
      fixture.checkpoint(big),
      fixture.options({ ...named('big'), onProgress: (done) => seen.push(done) }),
    );
    await delay(150);
    await kill(child);
    assert.equal((await waiting).fresh, true);
    assert.equal(seen.at(-1), expectedBytes(fixture.checkpoint(big), 4));
  });

  it('removes what was used longest ago when there is too much, and nothing that is not its own', async () => {
    const checkpoint = fixture.checkpoint();
    const one = expectedBytes(checkpoint, 4);
    const open = async (id: string): Promise<string> => {
      const maxCacheBytes = 2.5 * one;
      const opened = await openQuantised(checkpoint, fixture.options({ ...named(id), maxCacheBytes }));
      await opened.release();
      return opened.folder;
    };
    const first = await open('a');
    const theirs = ['notes.txt', '.making-x', `.trash-${'0'.repeat(32)}-int4-b32-v1`];
    for (const name of theirs) writeFileSync(path.join(fixture.cache, name), 'mine');
    mkdirSync(path.join(fixture.cache, 'models'));
    writeFileSync(path.join(fixture.cache, 'models', 'weights.bin'), 'mine');
    const second = await open('b');
    utimesSync(path.join(first, 'manifest.json'), 1000, 1000);
    utimesSync(path.join(second, 'manifest.json'), 2000, 2000);
    // Used again: now the second one was used longest ago.
    await open('a');
    const third = await open('c');
    assert.deepEqual([first, second, third].map(existsSync), [true, false, true]);
    assert.deepEqual(
      fixture.names.filter((name) => ![first, third].includes(path.join(fixture.cache, name))),
      [...theirs, 'models'].sort(),
    );
    assert.deepEqual(readdirSync(path.join(fixture.cache, 'models')), ['weights.bin']);
  });

  it('never removes what a living process has open', async function () {
    this.timeout(60_000);
    const { child, lines } = await start('small', 'stay');
    while (lines.length < 2) await delay(5);
    const checkpoint = fixture.checkpoint();
    const mine = await openQuantised(checkpoint, fixture.options(named('mine')));
    const maxCacheBytes = expectedBytes(checkpoint, 4);
    const small = fixture.options({ ...named('third'), maxCacheBytes });
    await (await openQuantised(checkpoint, small)).release();
    assert.equal(fixture.names.length, 3);
    assert.deepEqual(
      (await cacheEntries(fixture.cache)).map(({ inUse }) => inUse),
      [false, true, true],
    );
    const cleared = await clearCache(fixture.cache);
    assert.deepEqual([cleared.removed, cleared.kept], [1, 2]);
    await kill(child);
    assert.deepEqual((await clearCache(fixture.cache)).kept, 1);
    await mine.release();
    assert.deepEqual((await clearCache(fixture.cache)).kept, 0);
    assert.deepEqual(fixture.names, []);
  });

  it('lists its entries, the last used one first', async () => {
    assert.deepEqual(await cacheEntries(fixture.cache), []);
    const checkpoint = fixture.checkpoint();
    const { folder } = await openQuantised(checkpoint, fixture.options());
    const other = await openQuantised(checkpoint, fixture.options({ bits: 8 }));
    utimesSync(path.join(folder, 'manifest.json'), 1000, 1000);
    const entries = await cacheEntries(fixture.cache);
    assert.deepEqual(
      entries.map((entry) => [entry.folder, entry.model, entry.bits, entry.inUse]),
      [
        [other.folder, 'small', 8, true],
        [folder, 'small', 4, true],
      ],
    );
    assert.equal(entries[1]!.used, 1_000_000);
    assert.ok(entries[1]!.bytes > expectedBytes(checkpoint, 4));
  });

  it('takes no other process with the same number for the owner', async function () {
    // Starts of processes are known on Linux only.
    if (process.platform !== 'linux') this.skip();
    const { folder, release } = await openQuantised(fixture.checkpoint(), fixture.options());
    const lease = readdirSync(folder).find((name) => name.startsWith('lease-'))!;
    await release();
    const [, host, pid] = lease.split('-');
    writeFileSync(path.join(folder, `lease-${host!}-${pid!}-1.00000000`), '');
    assert.equal((await cacheEntries(fixture.cache))[0]!.inUse, false);
    // Nothing is known of another machine's processes: they count until a week has passed.
    const foreign = path.join(folder, `lease-00000000-${pid!}-1.00000000`);
    writeFileSync(foreign, '');
    assert.equal((await cacheEntries(fixture.cache))[0]!.inUse, true);
    utimesSync(foreign, 1000, 1000);
    assert.equal((await cacheEntries(fixture.cache))[0]!.inUse, false);
  });

  it('says in a sentence that nothing can be written, or that the disk filled up meanwhile', () => {
    const thrown = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });
    for (const code of ['EROFS', 'EACCES', 'ENOENT']) {
      const readOnly = cacheError(thrown(code), '/cache', 5e9);
      assert.equal(readOnly.code, 'denied');
      assert.match(readOnly.message, /Nothing can be written to the cache folder \/cache\. Choose another/);
    }
    const full = cacheError(thrown('ENOSPC'), '/cache', 5e9);
    assert.equal(full.code, 'limit');
    assert.match(full.message, /The disk of \/cache is full: the quantised weights need 5\.0 GB\./);
  });
});
