import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { LineIndex } from '../../../src/common/lineIndex';
import { FileSource } from '../../../src/files/fileSource';
import { InProcessIndexer } from '../../../src/files/indexClient';
import { SidecarStore } from '../../../src/files/sidecar';
import { numbered, useFolder } from './support/tinyLog';

async function indexed(file: FileSource): Promise<LineIndex> {
  const index = new LineIndex();
  const add = ({ starts, end }: { starts: Float64Array; end: number }): void => index.append(starts, end);
  await new InProcessIndexer().index(file, 0, add, new AbortController().signal);
  return index;
}

describe('SidecarStore', () => {
  const inFolder = useFolder();
  let log = '';
  let store: SidecarStore;
  beforeEach(() => {
    log = inFolder('log.jsonl');
    store = new SidecarStore(inFolder('kept'));
    writeFileSync(log, numbered(0, 5000, 'x'.repeat(40)));
  });

  async function withLog<T>(action: (file: FileSource) => Promise<T>, name = log): Promise<T> {
    const file = await FileSource.open(name);
    try {
      return await action(file);
    } finally {
      await file.close();
    }
  }
  const save = (): Promise<boolean> => withLog(async (file) => store.save(file, await indexed(file)));
  const load = (): Promise<LineIndex | undefined> => withLog((file) => store.load(file));
  const keptFiles = (): string[] => readdirSync(inFolder('kept'));

  it('gives the index back, also after the log has grown', async () => {
    assert.equal(await load(), undefined);
    assert.ok(await save());
    const index = await load();
    assert.equal(index?.count, 5000);
    assert.deepEqual(index.serialize(), (await withLog(indexed)).serialize());
    appendFileSync(log, numbered(5000, 5010));
    assert.equal((await load())?.count, 5000);
  });

  const changes: Readonly<Record<string, () => void>> = {
    'a shorter log': () => writeFileSync(log, readFileSync(log, 'utf8').slice(0, -10)),
    'the same length, changed in the middle': () => {
      const text = readFileSync(log, 'utf8');
      writeFileSync(log, `${text.slice(0, 140_000)}#${text.slice(140_001)}`);
      utimesSync(log, 1, 1);
    },
    'longer and another head': () => writeFileSync(log, `{"n":9}\n${readFileSync(log, 'utf8')}`),
    'longer and other bytes before the end': () => {
      const text = readFileSync(log, 'utf8');
      writeFileSync(log, `${text.slice(0, -30)}#${text.slice(-29)}${numbered(5000, 5001)}`);
    },
  };
  for (const [name, change] of Object.entries(changes)) {
    it(`throws the index away for ${name}`, async () => {
      assert.ok(await save());
      change();
      assert.equal(await load(), undefined);
      assert.deepEqual(keptFiles(), []);
    });
  }

  it('never takes a torn or changed file for an index', async () => {
    assert.ok(await save());
    const place = path.join(inFolder('kept'), keptFiles()[0] ?? '');
    const good = new Uint8Array(readFileSync(place) as Uint8Array);
    const before = (await load())?.serialize();
    for (let cut = 0; cut < good.length; cut += Math.max(1, good.length >> 6)) {
      writeFileSync(place, good.subarray(0, cut));
      assert.equal(await load(), undefined, `cut at ${cut}`);
    }
    for (let at = 0; at < good.length; at += Math.max(1, good.length >> 7)) {
      const bad = good.slice();
      bad[at] = (bad[at] as number) ^ 0x55;
      writeFileSync(place, bad);
      const index = await load();
      // A flip in the name of a field nobody reads leaves a good index; anything else must not come back.
      assert.ok(index === undefined || isDeepStrictEqual(index.serialize(), before), `flip at ${at}`);
    }
  });

  it('keeps its folder within its limit and drops what was used longest ago', async () => {
    store = new SidecarStore(inFolder('kept'), 14_000);
    const known = new Set<string>();
    for (const [age, name] of ['a', 'b', 'c'].entries()) {
      const other = inFolder(`${name}.jsonl`);
      writeFileSync(other, numbered(0, 5000, 'x'.repeat(40)));
      await withLog(async (file) => store.save(file, await indexed(file)), other);
      // As if a minute lay between two of them: the clock of a file system may be coarser than this loop is fast.
      for (const kept of keptFiles().filter((file) => !known.has(file))) {
        const used = new Date(Date.now() - (10 - age) * 60_000);
        utimesSync(path.join(inFolder('kept'), kept), used, used);
        known.add(kept);
      }
    }
    assert.equal(keptFiles().length, 2);
    assert.equal(await withLog((file) => store.load(file), inFolder('a.jsonl')), undefined);
    assert.equal((await withLog((file) => store.load(file), inFolder('c.jsonl')))?.count, 5000);
  });

  it('does without a folder that cannot be written', async () => {
    store = new SidecarStore(path.join(log, 'below-a-file'));
    assert.equal(await save(), false);
    assert.equal(await load(), undefined);
  });

  it('leaves a whole index or none when its writer is killed', async () => {
    const writer = path.join(__dirname, 'support/sidecarWriter.ts');
    for (let round = 0; round < 4; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', writer, log, inFolder('kept')], {
        stdio: 'pipe',
      });
      await new Promise<void>((resolve, reject) => {
        child.stdout.once('data', () => setTimeout(resolve, 5 + round * 9));
        child.once('exit', (code) => reject(new Error(`the writer ended with ${code}`)));
      });
      const gone = new Promise((resolve) => {
        child.removeAllListeners('exit');
        child.once('exit', resolve);
      });
      child.kill('SIGKILL');
      await gone;
      const index = await load();
      assert.equal(index?.count, 5000);
    }
  }).timeout(30_000);
});
