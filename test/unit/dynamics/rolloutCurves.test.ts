import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { openRolloutCurves } from '../../../src/dynamics/rolloutCurves';
import type { RolloutCurves, RolloutRun } from '../../../src/dynamics/rolloutRun';
import { fixturePath } from '../../support/rolloutFixtures';
import { boardLine } from '../../support/rolloutLog';
import { ScratchFolder } from '../../support/scratchFolder';

const SIGNAL = new AbortController().signal;
const refresh = (curves: RolloutCurves): Promise<boolean> => curves.refresh(SIGNAL, () => undefined);

async function onePass(...paths: readonly string[]): Promise<RolloutRun> {
  const curves = await openRolloutCurves(paths);
  await refresh(curves);
  return curves.run;
}

/** Rollouts of steps that alternate, with groups of four. */
const line = (at: number, tokens = 6): string =>
  boardLine({
    step: 1 + Math.floor(at / 16) - (at % 5 === 0 && at > 16 ? 1 : 0),
    question: `q${Math.floor(at / 4) % 3}`,
    zooms: at % 3,
    tokens,
    reward: at % 7 === 0 ? 0.8 : 2,
  });
const lines = (count: number, tokens?: number): string[] =>
  Array.from({ length: count }, (_, at) => line(at, tokens));
const textOf = (all: readonly string[]): string => `${all.join('\n')}\n`;

describe('rollout curves of a log', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  it('have the values that were put in, by step', async () => {
    const file = folder.write(
      'dump.jsonl',
      [
        boardLine({ step: 4, question: 'a', zooms: 2, tokens: 5, reward: 2 }),
        boardLine({ step: 4, question: 'a', zooms: 0, tokens: 9, reward: 2 }),
        boardLine({ step: 3, question: 'a', zooms: 1, tokens: 4, reward: 0 }),
        '{"step": 4, "prompt": "no response"}',
      ].join('\n'),
    );
    const run = await onePass(file);
    const at = (key: string) => [...(run.series.get(`rollouts/${key}`)?.values ?? [])];
    assert.deepEqual([...(run.series.get('rollouts/iou')?.steps ?? [])], []);
    assert.deepEqual(at('zoom_count'), [1, 1]);
    assert.deepEqual(at('response_length'), [8, 12]);
    assert.deepEqual(at('observation_length'), [10, 10]);
    assert.deepEqual(at('response_length_with_observations'), [18, 22]);
    assert.deepEqual([...(run.series.get('rollouts/dead_groups')?.steps ?? [])], [4]);
    assert.deepEqual(at('dead_groups'), [1]);
    assert.deepEqual([...(run.series.get('rollouts/dead_groups')?.rows ?? [])], [1]);
    assert.deepEqual(run.zoomDistributions, [
      { step: 3, counts: [0, 1] },
      { step: 4, counts: [1, 0, 1] },
    ]);
    assert.deepEqual(
      run.steps.map(({ step, ranges }) => [step, ranges]),
      [
        [3, [[2, 3]]],
        [4, [[0, 2]]],
      ],
    );
    assert.deepEqual([run.records, run.badRecords], [4, 1]);
  });

  it('are those of one pass, however the log grew', async () => {
    const all = textOf(lines(90));
    const file = folder.write('dump.jsonl', '');
    const whole = await onePass(folder.write('whole.jsonl', all));
    let seed = 7;
    const next = (): number => (seed = (seed * 48271) % 2147483647);
    appendFileSync(file, all.slice(0, 100 + all.indexOf('\n')));
    const curves = await openRolloutCurves([file]);
    assert.equal(await refresh(curves), true);
    for (let at = 100 + all.indexOf('\n'); at < all.length;) {
      // Pieces of any length; every other ends with a whole record that has no line end yet.
      const feed = all.indexOf('\n', at + 1);
      const end = next() % 2 ? feed : Math.min(all.length, at + (next() % 4000));
      appendFileSync(file, all.slice(at, end < at ? all.length : end));
      at = end < at ? all.length : end;
      await refresh(curves);
      const known = (all.slice(0, at).match(/\n/g) ?? []).length + (at === feed ? 1 : 0);
      assert.equal(curves.run.records, known);
    }
    assert.deepEqual(curves.run, whole);
    assert.equal(await refresh(curves), false);
    assert.equal(whole.records, 90);
  });

  it('are read anew when the log was cut, replaced or changed in its middle', async () => {
    const file = folder.write('dump.jsonl', textOf(lines(40)));
    const curves = await openRolloutCurves([file]);
    await refresh(curves);
    const cut = textOf(lines(13)).length;
    truncateSync(file, cut);
    assert.equal(await refresh(curves), true);
    assert.equal(curves.run.records, 13);
    assert.deepEqual(curves.run, await onePass(file));
    const other = textOf(lines(60).map((text) => text.replace('"reward":2', '"reward":0')));
    renameSync(folder.write('new.jsonl', other), file);
    await refresh(curves);
    assert.deepEqual(curves.run, await onePass(file));
    assert.equal(curves.run.records, 60);
    // Of the same length.
    writeFileSync(file, other.replaceAll('"reward":0,', '"reward":2,'));
    await refresh(curves);
    assert.deepEqual(curves.run, await onePass(file));
    writeFileSync(file, '');
    await refresh(curves);
    assert.deepEqual([curves.run.records, curves.run.series.size], [0, 0]);
  });

  it('are read from a folder file by file: only what is new or has changed', async () => {
    const step = (at: number, score: number): string =>
      [0, 1]
        .map(
          (n) =>
            `${JSON.stringify({ input: 'q', output: `<answer>${n}</answer>`, gts: 'a', score, step: at })}\n`,
        )
        .join('');
    for (const at of [1, 2, 10]) folder.write(`rollouts/${at}.jsonl`, step(at, 2));
    const bad: string[] = [];
    const curves = await openRolloutCurves([path.join(folder.path, 'rollouts')], {
      onBad: ({ file }) => bad.push(path.basename(file)),
    });
    await refresh(curves);
    // Heard of again only where a file is read again.
    folder.write('rollouts/2.jsonl', `${step(2, 0)}damaged\n`);
    folder.write('rollouts/9.jsonl', `${step(9, 0.8)}damaged\n`);
    assert.equal(await refresh(curves), true);
    assert.deepEqual(bad, ['2.jsonl', '9.jsonl']);
    assert.deepEqual([...(curves.run.series.get('rollouts/reward')?.values ?? [])], [2, 0, 0.8, 2]);
    assert.deepEqual(
      curves.run.steps.map(({ step: at, ranges }) => [at, ...ranges.flat()]),
      [
        [1, 0, 2],
        [2, 2, 4],
        [9, 5, 7],
        [10, 8, 10],
      ],
    );
    rmSync(path.join(folder.path, 'rollouts/1.jsonl'));
    folder.write('rollouts/11.jsonl', step(11, 2));
    await refresh(curves);
    assert.deepEqual(curves.run, await onePass(path.join(folder.path, 'rollouts')));
    assert.deepEqual(bad.slice(0, 2), ['2.jsonl', '9.jsonl']);
  });

  it('follow an event log, whose rollouts may still be running', async () => {
    const whole = readFileSync(fixturePath('imcot', 'rollouts.imcot.jsonl'), 'utf8');
    const cut = whole.slice(0, whole.indexOf('\n', whole.length / 2) + 1);
    const file = folder.write('rollouts.imcot.jsonl', cut);
    const curves = await openRolloutCurves([file]);
    await refresh(curves);
    assert.deepEqual(curves.run, await onePass(file));
    appendFileSync(file, whole.slice(cut.length));
    await refresh(curves);
    assert.deepEqual(curves.run, await onePass(fixturePath('imcot', 'rollouts.imcot.jsonl')));
    // One call of which the crop's box shares a little with the true box.
    assert.ok((curves.run.series.get('rollouts/iou')?.values[0] ?? 0) > 0);
  });

  it('go on after they were stopped', async () => {
    const file = folder.write('dump.jsonl', textOf(lines(150, 3000)));
    const curves = await openRolloutCurves([file]);
    const stop = new AbortController();
    await assert.rejects(
      curves.refresh(stop.signal, () => stop.abort()),
      /Stopped/,
    );
    const soFar = curves.run.records;
    assert.ok(soFar > 0 && soFar < 150, String(soFar));
    assert.equal(await refresh(curves), true);
    assert.deepEqual(curves.run, await onePass(file));
  });
});

describe('rollout curves that are kept', () => {
  let folder: ScratchFolder;
  let cacheFolder = '';
  beforeEach(() => {
    folder = new ScratchFolder();
    cacheFolder = path.join(folder.path, 'kept');
  });
  afterEach(() => folder.remove());

  const kept = (): string => path.join(cacheFolder, readdirSync(cacheFolder)[0] ?? '');
  const fresh = async (file: string): Promise<RolloutRun> => {
    const curves = await openRolloutCurves([file], { cacheFolder });
    await refresh(curves);
    return curves.run;
  };
  /** Writes another number into what is kept, so that it is seen when it is used. */
  const mark = (withHash: boolean): void => {
    const [head = '', body = ''] = readFileSync(kept(), 'utf8').split('\n', 2);
    const changed = body.replace('"records":120', '"records":777');
    assert.notEqual(changed, body);
    const header = JSON.parse(head) as { body: string };
    if (withHash) header.body = createHash('sha256').update(changed).digest('hex');
    writeFileSync(kept(), `${JSON.stringify(header)}\n${changed}`);
  };

  it('are used while the log is what it was, and added to when it has grown', async () => {
    const file = folder.write('dump.jsonl', textOf(lines(120, 200)));
    const first = await fresh(file);
    assert.deepEqual(await fresh(file), first);
    mark(true);
    assert.equal((await fresh(file)).records, 777);
    appendFileSync(file, textOf([line(120)]));
    assert.equal((await fresh(file)).records, 778);
  });

  it('go on as if nothing had been kept', async () => {
    const file = folder.write('dump.jsonl', textOf(lines(120, 200)));
    await fresh(file);
    appendFileSync(file, textOf(lines(150).slice(120)));
    assert.deepEqual(await fresh(file), await onePass(file));
  });

  it('are thrown away when anything does not fit', async () => {
    const text = textOf(lines(120, 200));
    const file = folder.write('dump.jsonl', text);
    const right = await fresh(file);
    for (const spoil of [
      () => mark(false),
      () => (mark(true), writeFileSync(kept(), readFileSync(kept()).subarray(0, -9) as Uint8Array)),
      () => writeFileSync(kept(), readFileSync(kept(), 'utf8').replace('"version":', '"version":9')),
      () => writeFileSync(kept(), readFileSync(kept(), 'utf8').replace('zoom_count', 'zoom_counts')),
      () => writeFileSync(kept(), ''),
    ]) {
      spoil();
      assert.deepEqual(await fresh(file), right);
    }
    for (const change of [
      () => writeFileSync(file, text.replaceAll('"reward":2,', '"reward":0,')),
      () => writeFileSync(file, text.replaceAll('"reward":2,', '"reward":0,') + textOf(lines(3))),
      () => truncateSync(file, textOf(lines(100, 200)).length),
    ]) {
      writeFileSync(file, text);
      await fresh(file);
      mark(true);
      change();
      assert.deepEqual(await fresh(file), await onePass(file));
    }
  });

  it('survive a process that is killed while it writes', async function () {
    this.timeout(60_000);
    const file = folder.write('dump.jsonl', '');
    for (const wait of [1, 60, 150]) {
      const said = await growAndKill(file, cacheFolder, wait);
      const run = await fresh(file);
      assert.ok(run.records >= said && said > 0);
      assert.deepEqual(run, await onePass(file));
    }
    assert.ok(readdirSync(cacheFolder).some((name) => name.endsWith('.curves')));
  });
});

/** Runs the process that appends and keeps, kills it some time after its second word, and returns its last number. */
function growAndKill(log: string, cacheFolder: string, afterMilliseconds: number): Promise<number> {
  const root = path.join(__dirname, '../../..');
  const script = path.join(root, 'test/support/curvesUntilKilled.ts');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, log, cacheFolder], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (chunk: string) => {
      // Several lines may come at once.
      const before = said.split('\n').length;
      said += chunk;
      if (before < 3 && said.split('\n').length >= 3)
        setTimeout(() => child.kill('SIGKILL'), afterMilliseconds);
    });
    child.on('error', reject);
    child.on('close', (_code, signal) =>
      signal === 'SIGKILL'
        ? resolve(Number(said.trimEnd().split('\n').at(-1)))
        : reject(new Error('The process ended by itself.')),
    );
  });
}
