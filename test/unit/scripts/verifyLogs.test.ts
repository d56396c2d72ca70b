import assert from 'node:assert/strict';
import { VerifyReport } from '../../../scripts/logs/report';
import { verifyFolder } from '../../../scripts/logs/verifyFolder';
import { curveEvents } from '../../support/curveFiles';
import { goldenBytes, goldenJson } from '../../support/goldenLogs';
import { ScratchFolder } from '../../support/scratchFolder';

const LINES = '{"step": 1, "loss": 0.5, "note": 2}\n{"step": 2, "loss": NaN, "note": 3}\n';
const ROWS = [
  { step: 1, values: { loss: 0.5, note: 2 } },
  { step: 2, values: { loss: 'NaN', note: 3 } },
];
/** 0.1 as a single float, which is what an event file holds of it. */
const SINGLE = Math.fround(0.1);

describe('verify:logs', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  async function verify(expected: object, onlyMetrics = false): Promise<{ code: number; text: string }> {
    folder.write('logs/expected.json', JSON.stringify({ writers: { us: '1' }, files: expected }));
    const lines: string[] = [];
    const report = new VerifyReport((line) => lines.push(line));
    for await (const verified of verifyFolder(folder.path, onlyMetrics)) report.add(verified);
    return { code: report.finish(), text: lines.join('\n') };
  }

  it('compares every value that is named', async () => {
    folder.write('logs/a/metrics.jsonl', LINES);
    const { code, text } = await verify({ 'a/metrics.jsonl': { rows: ROWS } });
    assert.equal(code, 0, text);
    assert.match(text, /metrics\.jsonl \(metrics-jsonl\): named 6, compared 6, excepted 0, mismatched 0$/m);
    assert.match(text, /6 values compared, 0 mismatched, 0 neither compared nor excepted, 0 files not read/);
  });

  for (const [what, rows, sign] of [
    [
      'a value in its last bit',
      [{ step: 1, values: { loss: 0.5000000000000001, note: 2 } }, ROWS[1]],
      'MISMATCH',
    ],
    ['a step', [{ step: 3, values: { loss: 0.5, note: 2 } }, ROWS[1]], 'MISMATCH'],
    ['the sign of an infinity', [ROWS[0], { step: 2, values: { loss: '-Infinity', note: 3 } }], 'MISMATCH'],
    [
      'a value that is not there',
      [ROWS[0], { ...ROWS[1], values: { ...ROWS[1]?.values, x: 1 } }],
      'MISMATCH',
    ],
    ['a row that is not there', [...ROWS, { step: 3, values: { loss: 1 } }], 'MISMATCH'],
    ['a value that nobody named', [ROWS[0], { step: 2, values: { loss: 'NaN' } }], 'not named by expected'],
    ['a row that nobody named', [ROWS[0]], 'not named by expected'],
  ] as const) {
    it(`ends with 1 for ${what}`, async () => {
      folder.write('logs/metrics.jsonl', LINES);
      const { code, text } = await verify({ 'metrics.jsonl': { rows } });
      assert.equal(code, 1, text);
      assert.ok(text.includes(sign), text);
    });
  }

  it('ends with 1 for what nothing reads, is not compared, or when nothing is', async () => {
    folder.write('logs/metrics.jsonl', LINES);
    folder.write('logs/words.txt', 'words\n');
    const unread = await verify({ 'metrics.jsonl': { rows: ROWS }, 'words.txt': { rows: ROWS } });
    assert.match(unread.text, /words\.txt: NOT READ, 6 values/);
    assert.match((await verify({ 'absent.txt': { rows: ROWS } })).text, /there is no such file/);
    const untouched = await verify({ 'metrics.jsonl': { rows: ROWS, unheard: { of: 1 } } });
    assert.match(untouched.text, /UNTOUCHED unheard > of/);
    assert.deepEqual([unread.code, untouched.code, (await verify({})).code], [1, 1, 1]);
  });

  it('takes no word for values that are named beside the reason why a writer was skipped', async () => {
    folder.write('logs/metrics.jsonl', LINES);
    const metrics = { 'metrics.jsonl': { rows: ROWS } };
    const skipped = await verify({ ...metrics, writer: { skipped: "No module named 'writer'" } });
    assert.equal(skipped.code, 0, skipped.text);
    assert.match(skipped.text, /writer \(-\): named 1, compared 0, excepted 1 \(writerSkipped 1\)/);
    const claimed = await verify({ ...metrics, writer: { skipped: 'why', rows: ROWS } });
    assert.match(claimed.text, /writer: NOT READ, 7 values/);
    assert.equal((await verify({ writer: { skipped: 'why' } })).code, 1, 'nothing was compared');
  });

  it('asks for no name of what the machine was doing, but for that of every metric', async () => {
    folder.write('logs/study.db', goldenBytes('trackio', 'systemMetrics.db'));
    const [first, second] = [0.5, 0.25].map((loss, at) => ({ step: at + 1, values: { loss } }));
    const good = await verify({ 'study.db': { rows: [first, second], metric_rows_in_db: 2 } });
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, /named 5, compared 5, excepted 0, mismatched 0; 1 more given \(systemMetrics\)/);
    const less = await verify({ 'study.db': { rows: [first], metric_rows_in_db: 2 } });
    assert.match(less.text, /loss = 0\.25: given by the reader and not named/);
  });

  it('compares rollouts, and leaves them out where only metrics are asked for', async () => {
    const row = { input: 'user\nhi\nassistant\n', output: '<answer>a</answer>', score: 1, gts: 'a', step: 7 };
    folder.write('logs/dump/7.jsonl', `${JSON.stringify(row)}\n`);
    folder.write('logs/metrics.jsonl', LINES);
    const metrics = { 'metrics.jsonl': { rows: ROWS } };
    const rows = (score: number): object => ({ rows: [{ score, gts: 'a', zooms: 0 }] });
    const good = await verify({ ...metrics, 'dump/7.jsonl': rows(1) });
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, /7\.jsonl \(verl-rollouts\): named 3, compared 3, excepted 0, mismatched 0$/m);
    assert.equal((await verify({ ...metrics, 'dump/7.jsonl': rows(2) })).code, 1);
    const more = { rows: [{ score: 1 }, { score: 1 }] };
    assert.match((await verify({ 'dump/7.jsonl': more })).text, /record 1: not there/);
    const unheard = await verify({ 'dump/7.jsonl': { rows: [{ score: 1, unheard: 2 }] } });
    assert.match(unheard.text, /UNTOUCHED rows > 0 > unheard/);
    const left = await verify({ ...metrics, 'dump/7.jsonl': rows(2) }, true);
    assert.equal(left.code, 0, left.text);
    assert.match(left.text, /1 files of rollouts were left out/);
  });

  it('compares an archive with its members, and a table with its footer and pictures', async () => {
    const name = 'inspect/running.eval';
    folder.write(`logs/${name}`, goldenBytes('inspect', 'vstar-zoom.eval'));
    const entry = (goldenJson('inspect', 'expected.json') as { files: Record<string, unknown> }).files[
      'vstar-zoom.eval'
    ];
    const good = await verify({ [name]: entry });
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, /running\.eval \(inspect-eval\): named \d+, compared \d+, excepted 0/);
    const text = JSON.stringify(entry);
    for (const [from, to] of [
      ['"epoch":1', '"epoch":2'],
      ['"includes":"C"', '"includes":"I"'],
      ['[10,10,120,110]', '[10,10,120,111]'],
      ['"text":"crop:"', '"text":"crop"'],
    ] as const) {
      assert.ok(text.includes(from), from);
      const bad = await verify({ [name]: JSON.parse(text.replace(from, to)) as object });
      assert.equal(bad.code, 1, to);
    }
  });

  it('compares event files with what single floats hold', async () => {
    folder.write('logs/events.out.tfevents.1.host', curveEvents([{ key: 'a', values: [0.1, NaN] }]));
    const rows = (first: number): object[] => [
      { step: 0, wall: 1e9, file_version: 'brain.Event:2' },
      { step: 0, wall: 1e9, values: { a: { simple_value: first } } },
      { step: 1, wall: 1e9 + 1, values: { a: { simple_value: 'NaN' } } },
    ];
    const name = 'events.out.tfevents.1.host';
    const good = await verify({ [name]: { rows: rows(SINGLE) } });
    assert.equal(good.code, 0, good.text);
    assert.match(good.text, /named 9, compared 7, excepted 2 \(eventWithoutSummary 2\)/);
    assert.equal((await verify({ [name]: { rows: rows(0.1) } })).code, 1);
  });

  it("allows verl's three decimals, and no more", async () => {
    folder.write('logs/run.log', 'step:1 - a/x:0.124 - lr:0.000\nstep:2 - a/x:0.500 - lr:0.000\n');
    const rows = (x: number): object[] => [
      { step: 1, values: { 'a/x': x, lr: 1e-6 } },
      { step: 2, values: { 'a/x': 0.5, lr: 1e-6 } },
    ];
    assert.equal((await verify({ 'run.log': { rows: rows(0.1236) } })).code, 0);
    assert.equal((await verify({ 'run.log': { rows: rows(0.1246) } })).code, 1);
  });
});
