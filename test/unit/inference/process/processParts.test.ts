import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { childEnvironment } from '../../../../src/inference/onnx/process/childEnvironment';
import { describeEnd } from '../../../../src/inference/onnx/process/endReason';
import { LatestOnly } from '../../../../src/inference/onnx/process/latestOnly';
import { ProcessOutput } from '../../../../src/inference/onnx/process/processOutput';
import { SilenceWatch } from '../../../../src/inference/onnx/process/silenceWatch';
import { keepingLogger } from './support/processes';

describe('why a process ended', () => {
  const cases: [code: number | null, signal: NodeJS.Signals | null, output: string, sentence: RegExp][] = [
    [null, 'SIGKILL', '', /killed \(SIGKILL\), often for lack of memory\. Choose a lower precision/],
    [null, 'SIGSEGV', '', /it crashed \(SIGSEGV\)\. The next request starts it again/],
    [
      null,
      'SIGABRT',
      'terminate called\n  what():  std::bad_alloc\n',
      /ran out of memory \(crashed \(SIGABRT\)\)/,
    ],
    [null, 'SIGABRT', 'FATAL ERROR: Reached heap limit\n', /JavaScript heap was full/],
    [null, 'SIGABRT', 'one\nFatal: device lost\ntwo\n', /crashed \(SIGABRT\); it said "Fatal: device lost"/],
    [null, 'SIGTERM', '', /was ended by SIGTERM/],
    [0xc0000005, null, '', /it crashed \(access violation\)/],
    // The same number as Node gives it, signed.
    [-1073740791, null, '', /it crashed \(abort\)/],
    [3, null, '', /ended with exit code 3\./],
    [0, null, '', /ended with exit code 0\./],
    [
      1,
      null,
      'Error: dlopen(x.node): code signature not valid',
      /did not sign.*imcot\.inference\.nodeExecutable/,
    ],
  ];
  for (const [code, signal, output, sentence] of cases) {
    it(`${signal ?? code} "${output.split('\n')[0]}"`, () => {
      const { message } = describeEnd('qwen', 'running', { code, signal, output });
      assert.match(message, /^The process of qwen ended while running: /);
      assert.match(message, sentence);
    });
  }
});

describe('the environment of a process', () => {
  it('has nothing of the editor and all of the rest', () => {
    const own = {
      PATH: '/bin',
      LD_LIBRARY_PATH: '/cuda',
      VSCODE_IPC_HOOK: 'x',
      ELECTRON_RUN_AS_NODE: '1',
      NODE_OPTIONS: '--inspect',
      NODE_EXTRA_CA_CERTS: '/certs',
    };
    const kept = { PATH: '/bin', LD_LIBRARY_PATH: '/cuda', NODE_EXTRA_CA_CERTS: '/certs' };
    assert.deepEqual(childEnvironment(own, false), kept);
    assert.deepEqual(childEnvironment(own, true, { A: 'b' }), { ...kept, ELECTRON_RUN_AS_NODE: '1', A: 'b' });
  });
});

describe('the output of a process', () => {
  it('comes as whole lines without colours, cut when they are long', () => {
    const logger = keepingLogger();
    const output = new ProcessOutput(logger);
    for (const chunk of ['a\u001b[1;3', '1mb\u001b[0m\r\n\nc\u00e9', `${'x'.repeat(5000)}\n`, 'rest']) {
      output.push(Buffer.from(chunk));
    }
    output.end();
    assert.deepEqual(
      logger.lines.map((line) => line.slice('model process: '.length)),
      ['ab', `cé${'x'.repeat(498)}`, 'rest'],
    );
    assert.ok(output.tail.endsWith('rest\n'));
    assert.ok(output.tail.length <= 4000);
  });

  it('is let in again after a while, with the count of what was left out', () => {
    const logger = keepingLogger();
    let now = 0;
    const output = new ProcessOutput(logger, () => now);
    output.push(Buffer.from('x\n'.repeat(100)));
    assert.equal(logger.lines.length, 40);
    now = 11_000;
    output.push(Buffer.from('y\n'));
    assert.deepEqual(logger.lines.slice(40), [
      'model process: 60 more lines are left out.',
      'model process: y',
    ]);
  });
});

describe('the watch for silence', () => {
  it('speaks once, after the limit as it is then', async () => {
    const heard: number[] = [];
    let limit = 1000;
    const watch = new SilenceWatch(
      () => limit,
      10,
      (silentMs) => heard.push(silentMs),
    );
    await delay(100);
    assert.deepEqual(heard, []);
    limit = 50;
    await delay(100);
    assert.equal(heard.length, 1);
    watch.dispose();
  });

  it('counts a thread that was held as one tick', async () => {
    const heard: number[] = [];
    const watch = new SilenceWatch(
      () => 200,
      10,
      (silentMs) => heard.push(silentMs),
    );
    for (const end = Date.now() + 400; Date.now() < end;);
    await delay(20);
    assert.deepEqual(heard, []);
    watch.dispose();
  });
});

describe('progress', () => {
  it('skips to the latest while the one before is under way', async () => {
    const sent: number[] = [];
    let release: (() => void) | undefined;
    const latest = new LatestOnly<number>((value) => {
      sent.push(value);
      return new Promise((resolve) => (release = resolve));
    });
    for (const value of [1, 2, 3]) latest.push(value);
    assert.deepEqual(sent, [1]);
    release?.();
    await delay(0);
    assert.deepEqual(sent, [1, 3]);
  });
});
