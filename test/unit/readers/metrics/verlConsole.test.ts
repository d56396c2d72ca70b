import assert from 'node:assert/strict';
import { parseStepLine, pythonNumber } from '../../../../src/readers/metrics/stepLine';
import { verlConsoleReader } from '../../../../src/readers/metrics/verlConsole';
import { metricRows, readMetrics, sniffMetrics } from '../../../support/readMetrics';

const CYAN = (text: string): string => `\x1b[36m${text}\x1b[0m `;
const values = (line: string, isCut = false): unknown => {
  const found = parseStepLine(line, isCut);
  return found && [found.step, Object.fromEntries(found.values)];
};

describe('a console line of verl', () => {
  it('is read in both generations of the logger', () => {
    assert.deepEqual(values('step:12 - critic/score/mean:0.430 - actor/lr:0.000'), [
      12,
      { 'critic/score/mean': 0.43, 'actor/lr': 0 },
    ]);
    assert.deepEqual(
      values('step:3 - a:np.float64(0.5) - b:np.int32(2) - c:np.float32(0.0011017431) - d:7'),
      [3, { a: 0.5, b: 2, c: 0.0011017431, d: 7 }],
    );
  });

  it('keeps numbers that are not finite, and truth values as 0 and 1', () => {
    assert.deepEqual(values('step:1 - a:np.float64(nan) - b:-inf - c:np.float64(inf) - d:False - e:True'), [
      1,
      { a: NaN, b: -Infinity, c: Infinity, d: 0, e: 1 },
    ]);
  });

  it('is found behind Ray’s prefix and colours, and before its repeat mark', () => {
    const mark = '\x1b[32m [repeated 3x across cluster] (Ray deduplicates logs by default.)\x1b[0m';
    assert.deepEqual(values(`${CYAN('(TaskRunner pid=9)')}step:4 - a:1.5 - b:2${mark}`), [
      4,
      { a: 1.5, b: 2 },
    ]);
    assert.deepEqual(values('(main_task pid=28294) step:4 - a:1.5'), [4, { a: 1.5 }]);
  });

  it('is found right behind a progress bar, which ends no line', () => {
    const bar = '\rTraining Progress:  51%|█████     | 29/57 [00:21<00:03,  7.12it/s]';
    assert.deepEqual(values(`${bar}step:30 - a:1.5 - b:2`), [30, { a: 1.5, b: 2 }]);
    assert.equal(values('global_step:30 - a:1.5'), undefined);
  });

  it('is found among the updates of a progress bar', () => {
    const line = `Training Progress:  50%|█████     | 4/8\rTraining Progress:  62%|██████▎   | 5/8\rstep:5 - a:1 - b:2`;
    assert.deepEqual(values(line), [5, { a: 1, b: 2 }]);
  });

  it('splits at the last colon, and leaves out what is no number', () => {
    assert.deepEqual(values('step:1 - actor/lr(1e-4):0.010 - a:b:2 - text:hello - val/acc/mean@1:0.7'), [
      1,
      { 'actor/lr(1e-4)': 0.01, 'a:b': 2, 'val/acc/mean@1': 0.7 },
    ]);
  });

  it('is not seen where none is', () => {
    for (const line of [
      '',
      'training/global_step:48',
      ' [DEBUG 000] step=3, total=4, n=16, num_active=2',
      'step:1 - nothing here',
      'next step: look at the sign - it says 5',
      'step:x - a:1',
      "{'loss': '2.732e-08', 'epoch': '0.2'}",
    ]) {
      assert.equal(parseStepLine(line), undefined, line);
    }
  });

  it('leaves out the last value of a line that is cut off, since digits may be missing', () => {
    assert.deepEqual(values('step:1 - a:1 - b:0.43', true), [1, { a: 1 }]);
    assert.equal(parseStepLine('step:1 - a:1', true), undefined);
  });

  it('knows Python’s spellings of a number and no others', () => {
    assert.equal(pythonNumber('tensor(0.5, device=cuda)'), 0.5);
    assert.equal(pythonNumber('1.0123455e+06'), 1012345.5);
    assert.equal(pythonNumber('.5'), 0.5);
    for (const word of ['', '-', '0x10', '1,2', 'None', "'1'", '1 2', 'e5'])
      assert.equal(pythonNumber(word), undefined, word);
  });
});

describe('a console log of verl', () => {
  const log = [
    '2026-03-01 WARNING something',
    `${CYAN('(WorkerDict pid=7)')}[DEBUG] SUCCESS ACTION action_string='{"bbox_2d": [1, 2, 3, 4]}'`,
    `${CYAN('(TaskRunner pid=9)')}step:1 - a:0.5 - b:1`,
    'Traceback (most recent call last):',
    `${CYAN('(TaskRunner pid=9)')}step:2 - a:0.25 - b:np.float64(nan)`,
    `${CYAN('(TaskRunner pid=11)')}step:1 - a:7`,
    '',
  ].join('\n');
  const rows = [
    [1, { a: 0.5, b: 1 }],
    [2, { a: 0.25, b: NaN }],
    [1, { a: 7 }],
  ];

  it('gives its rows in file order, restarts unmerged, with their bytes', async () => {
    const runs = await readMetrics(verlConsoleReader, log);
    assert.deepEqual(metricRows(runs.runs[0]), rows);
    const [run] = runs.runs;
    const bytes = Buffer.from(log);
    for (let row = 0; row < 3; row++) {
      const line = bytes.subarray(run?.starts.at(row), run?.ends.at(row)).toString();
      assert.ok(line.startsWith('\x1b[36m(TaskRunner pid='), line);
      assert.match(line, /step:\d - a:[\d.]+/);
      assert.ok(!line.includes('\n'));
    }
    assert.deepEqual(runs.damages, []);
  });

  it('gives the same rows however the bytes arrive', async () => {
    for (const piece of [1, 2, 3, 7, 64]) {
      assert.deepEqual(metricRows((await readMetrics(verlConsoleReader, log, { piece })).runs[0]), rows);
    }
  });

  it('cut at any byte: nothing is thrown, whole lines are read, no value is invented', async () => {
    const bytes = Buffer.from(log);
    for (let cut = 0; cut < bytes.length; cut++) {
      const found = metricRows(
        (await readMetrics(verlConsoleReader, bytes.subarray(0, cut) as Uint8Array)).runs[0],
      );
      const whole = bytes
        .subarray(0, cut)
        .toString()
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.includes('step:')).length;
      assert.ok(found.length >= whole, `${cut}: ${found.length} of ${whole}`);
      for (const [index, [step, told]] of found.entries()) {
        assert.equal(step, rows[index]?.[0]);
        for (const [key, value] of Object.entries(told)) {
          assert.ok(Object.is(value, (rows[index]?.[1] as Record<string, number>)[key]), `${cut}: ${key}`);
        }
      }
    }
  });

  it('keeps the line that is still being written until its end comes', async () => {
    const open = await readMetrics(verlConsoleReader, 'step:1 - a:1\nstep:2 - a:2', { finish: false });
    assert.equal(open.runs[0]?.rowCount, 1);
  });

  it('is told from other files', () => {
    assert.ok(sniffMetrics(verlConsoleReader, 'train.log', log) > 0.8);
    assert.ok(
      sniffMetrics(verlConsoleReader, 'train.log', '(TaskRunner pid=3) starting\n') > 0,
      'the first step is not there yet',
    );
    assert.equal(sniffMetrics(verlConsoleReader, 'notes.txt', 'step 1: buy milk\nstep 2: drink it\n'), 0);
  });
});
