import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { signalInput, SIGNALS, signalsOf } from '../../../src/analysis/signals/signals';
import { main } from '../../../src/cli/commandLine';
import { streamRecords } from '../../../src/files/streamRecords';
import { signalReports } from '../../../src/rollout/signalReports';
import { imcot, JUDGED, OWN, ROOT, SAMPLES, VSTAR } from './support/imcot';

describe('imcot', () => {
  it('helps', async () => {
    const general = await imcot(['--help']);
    assert.equal(general.code, 0);
    for (const verb of ['list', 'show', 'summarize', 'compare', 'metrics', 'stages', 'run']) {
      assert.match(general.out, new RegExp(`\\b${verb}\\b`));
      const own = await imcot([verb, '--help']);
      assert.equal(own.code, 0);
      assert.match(own.out, new RegExp(`Usage: imcot ${verb} `));
    }
    const none = await imcot([]);
    assert.deepEqual([none.code, none.out], [2, '']);
  });

  it('prints the version of package.json', async () => {
    const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    assert.equal((await imcot(['--version'])).out, `${version}\n`);
  });

  it('refuses unknown words with the nearest one', async () => {
    for (const [argv, expected] of [
      [['lst'], /no verb "lst"\. Did you mean list\?/],
      [['evaluate', 'x'], /no verb "evaluate"\. See/],
      [['--hepl'], /no option "--hepl"\. Did you mean --help\?/],
      [['list', '--jsn', '.'], /Did you mean --json\?/],
      [['list'], /needs a path/],
      [['list', SAMPLES, ''], /An empty text was given for a path/],
      [['list', '-dash.jsonl'], /A path that begins with a dash goes behind --/],
      [['show', OWN, '--index', 'one'], /whole number/],
      [['show', OWN, '--index', '6'], /holds 6 records: --index 0 to 5 can be shown, 6 can't/],
      [['show', SAMPLES], /holds 4 logs, name one of them/],
    ] as const) {
      const { code, out, err } = await imcot(argv);
      assert.deepEqual([code, out], [2, ''], argv.join(' '));
      assert.match(err, expected);
      assert.equal(err.split('\n').length, 2, 'one sentence');
    }
  });

  it('ends with 1 for what is not there or no log', async () => {
    for (const verb of ['list', 'summarize', 'show']) {
      for (const target of [path.join(SAMPLES, 'nothing'), path.join(SAMPLES, 'station.jpg')]) {
        const { code, err } = await imcot([verb, target]);
        assert.equal(code, 1);
        assert.ok(err.includes(path.basename(target)), err);
      }
    }
  });

  it('stops when it is told to', async () => {
    const io = { write: () => undefined, isTerminal: false, colour: false };
    assert.equal(await main(['summarize', SAMPLES], { out: io, err: io, signal: AbortSignal.abort() }), 130);
  });
});

describe('imcot list', () => {
  it('has the names that scripts depend on', async () => {
    const { code, json } = await imcot(['list', '--json', SAMPLES]);
    assert.equal(code, 0);
    const at = (name: string) => path.join(SAMPLES, name);
    const common = { kind: 'trajectories', badRecords: 0 };
    assert.deepEqual(json(), {
      sources: [
        { path: JUDGED, format: 'deepeyes-eval', ...common, records: 7, steps: null },
        {
          path: at('result_direct_attributes_demo.jsonl'),
          format: 'deepeyes-eval',
          ...common,
          records: 7,
          steps: null,
          supersededBy: JUDGED,
        },
        {
          path: at('rollout_data_rank0.jsonl'),
          format: 'rl-logging-board',
          ...common,
          records: 16,
          steps: { count: 2, first: 8, last: 40 },
        },
        { path: OWN, format: 'imcot', ...common, records: 6, steps: null },
      ],
    });
  });

  it('says nothing on standard output but JSON, even when records are bad', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'list-'));
    try {
      const lines = (await readFile(JUDGED, 'utf8')).split('\n');
      lines[2] = '{"broken": ';
      await writeFile(path.join(folder, 'a_acc.jsonl'), lines.join('\n'));
      const { code, json, err } = await imcot(['list', '--json', folder]);
      assert.equal(code, 1);
      const [source] = (json() as { sources: { records: number; badRecords: number }[] }).sources;
      assert.deepEqual([source?.records, source?.badRecords], [6, 1]);
      const offset = Buffer.byteLength(lines.slice(0, 2).join('\n')) + 1;
      assert.ok(err.includes(`byte ${offset}:`), err);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('lists nothing of an empty folder', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'list-'));
    await mkdir(path.join(folder, 'inner'));
    const { code, json, err } = await imcot(['list', '--json', folder]);
    assert.deepEqual([code, json()], [0, { sources: [] }]);
    assert.match(err, /no rollout log/);
    await rm(folder, { recursive: true });
  });
});

describe('imcot summarize', () => {
  it('has the names that scripts depend on', async () => {
    const { code, json } = await imcot([
      'summarize',
      '--json',
      path.join(SAMPLES, 'result_direct_attributes_demo.jsonl'),
      JUDGED,
    ]);
    assert.equal(code, 0);
    const figures = {
      total: 7,
      correct: 5,
      incorrect: 2,
      unjudged: 0,
      accuracy: 5 / 7,
      zoomCount: { mean: 1, histogram: { 0: 1, 1: 5, 2: 1 } },
      iou: { mean: null, rollouts: 0 },
      secondThoughts: { total: 6, named: 1 },
    };
    assert.deepEqual(json(), {
      sources: [
        {
          path: path.join(SAMPLES, 'result_direct_attributes_demo.jsonl'),
          format: 'deepeyes-eval',
          records: 7,
          badRecords: 0,
          supersededBy: JUDGED,
        },
        { path: JUDGED, format: 'deepeyes-eval', records: 7, badRecords: 0 },
      ],
      groups: [{ name: 'direct_attributes', ...figures }],
      overall: {
        ...figures,
        boxes: { total: 7, minSideAtMost30: 3, minSideBelow28: 3, repeated: 1 },
        toolErrors: 0,
        multiZoom: 1,
        noZoom: 1,
        toolAndAnswerTurns: 0,
        missingLabel: 1,
      },
      signals: {
        rightButMissed: { found: 0, unknown: 5 },
        repeatedBox: { found: 1, unknown: 0 },
        wholeImageBox: { found: 0, unknown: 6 },
        rejectedInTraining: { found: 2, unknown: 4 },
        emptyZoom: { found: 2, unknown: 0 },
        longAnswer: { found: 0, unknown: 0 },
        callAndAnswer: { found: 0, unknown: 0 },
      },
    });
  });

  it("gives the authors' own total of a whole evaluation file", async () => {
    const file = path.join(VSTAR, 'result_direct_attributes_tmp_acc.jsonl');
    const { groups } = (await imcot(['summarize', '--json', file])).json() as { groups: object[] };
    const verdicts = { total: 115, correct: 102, incorrect: 13, unjudged: 0, accuracy: 102 / 115 };
    assert.equal(groups.length, 1);
    const zoomCount = { mean: 1, histogram: { 1: 115 } };
    assert.deepEqual(
      { ...groups[0], iou: 0, secondThoughts: 0 },
      { name: 'direct_attributes', ...verdicts, zoomCount, iou: 0, secondThoughts: 0 },
    );
  });

  it('counts odd rollouts as they were counted by hand: a tool that raised, an answer beside a call', async () => {
    const folder = path.join(VSTAR, 'merge_ds1_step48_ds4_step40');
    const files = ['direct_attributes', 'relative_position'].map((split) =>
      path.join(folder, `result_${split}_tmp_acc.jsonl`),
    );
    const { overall } = (await imcot(['summarize', '--json', ...files])).json() as {
      overall: Readonly<Record<string, unknown>>;
    };
    const { iou, secondThoughts: _, ...counted } = overall;
    assert.deepEqual(iou, { mean: null, rollouts: 0 });
    assert.deepEqual(counted, {
      total: 12,
      correct: 8,
      incorrect: 4,
      unjudged: 0,
      accuracy: 8 / 12,
      zoomCount: { mean: 1, histogram: { 0: 1, 1: 10, 2: 1 } },
      boxes: { total: 12, minSideAtMost30: 2, minSideBelow28: 2, repeated: 0 },
      toolErrors: 1,
      multiZoom: 1,
      noZoom: 1,
      toolAndAnswerTurns: 1,
      missingLabel: 12,
    });
  });

  it('totals each signal as it is in every record that is read whole', async () => {
    const FIXTURES = path.join(VSTAR, '..');
    const files = [
      path.join(VSTAR, 'result_direct_attributes_tmp_acc.jsonl'),
      path.join(FIXTURES, 'rl-logging-board', 'released.jsonl'),
      path.join(FIXTURES, 'rl-logging-board', 'early.jsonl'),
      path.join(FIXTURES, 'imcot', 'rollouts.imcot.jsonl'),
    ];
    const { signals } = (await imcot(['summarize', '--json', ...files])).json() as {
      signals: Readonly<Record<string, { readonly found: number; readonly unknown: number }>>;
    };
    const expected = new Map(SIGNALS.map(({ name }) => [name, { found: 0, unknown: 0 }]));
    let records = 0;
    for (const file of files)
      for await (const record of streamRecords(file)) {
        assert.equal(record.status, 'ok');
        records++;
        const { trajectory } = record;
        const values = signalsOf(signalInput(trajectory, signalReports(trajectory)));
        for (const [name, total] of expected) {
          if (values[name] === true) total.found++;
          if (values[name] === undefined) total.unknown++;
        }
      }
    assert.ok(records > 115);
    assert.deepEqual(signals, Object.fromEntries(expected));
    assert.ok((signals['emptyZoom']?.found ?? 0) > 20);
  });

  it('counts an unjudged file where its twin is not given', async () => {
    const { json } = await imcot([
      'summarize',
      '--json',
      path.join(SAMPLES, 'result_direct_attributes_demo.jsonl'),
    ]);
    const { overall } = json() as { overall: { unjudged: number; accuracy: null } };
    assert.deepEqual([overall.unjudged, overall.accuracy], [7, null]);
  });

  it('names a group without a split after its file', async () => {
    const { json } = await imcot(['summarize', '--json', OWN]);
    assert.deepEqual(
      (json() as { groups: { name: string }[] }).groups.map(({ name }) => name),
      ['scenes.imcot.jsonl'],
    );
  });

  it('prints a table with bars', async () => {
    const { out } = await imcot(['summarize', SAMPLES]);
    assert.match(out, /^overall +29 +19 +10 +0 +65\.52 % +1\.00 +0\.235$/m);
    assert.match(out, /^1 +16 +55\.2 % +█+$/m);
    // eslint-disable-next-line no-control-regex -- no colours in a pipe
    assert.doesNotMatch(out, /\u001b/);
  });
});

describe('imcot as a process', () => {
  const start = (...argv: string[]) =>
    spawn(process.execPath, ['--import', 'tsx', path.join(ROOT, 'src/cli/main.ts'), ...argv], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  it('survives a reader that goes away', async function () {
    this.timeout(60000);
    const child = start('show', '--json', path.join(SAMPLES, 'rollout_data_rank0.jsonl'));
    let err = '';
    child.stderr.on('data', (text: Buffer) => void (err += text.toString()));
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.doesNotMatch(err, /EPIPE|Error/);
    assert.notEqual(code, null);
  });

  it('ends with 1 and says so when what it writes is lost', async function () {
    if (process.platform !== 'linux') this.skip();
    this.timeout(60000);
    const full = await open('/dev/full', 'w');
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', path.join(ROOT, 'src/cli/main.ts'), 'summarize', '--json', JUDGED],
      { cwd: ROOT, stdio: ['ignore', full.fd, 'pipe'] },
    );
    let err = '';
    child.stderr?.on('data', (text: Buffer) => void (err += text.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    await full.close();
    assert.equal(code, 1);
    assert.match(err, /writing failed: ENOSPC/);
  });

  it('writes all of a long answer into a pipe', async function () {
    this.timeout(60000);
    const child = start('show', '--json', path.join(SAMPLES, 'rollout_data_rank0.jsonl'), '--index', '15');
    let out = '';
    child.stdout.on('data', (text: Buffer) => void (out += text.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    assert.equal(code, 0);
    assert.ok(out.length > 20000);
    for (const line of out.trimEnd().split('\n')) JSON.parse(line);
  });
});
