import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoadProgress } from '../../../../src/inference/localModelOptions';
import { childEnvironment } from '../../../../src/inference/onnx/process/childEnvironment';
import { describeEnd } from '../../../../src/inference/onnx/process/endReason';
import { ProcessOutput } from '../../../../src/inference/onnx/process/processOutput';
import { ProgressSender } from '../../../../src/inference/onnx/process/progressSender';
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
  it('skips to the latest of the same message while one is under way, and skips no message', async () => {
    const sent: LoadProgress[] = [];
    const release: (() => void)[] = [];
    const sender = new ProgressSender((progress) => {
      sent.push(progress);
      return new Promise((resolve) => release.push(resolve));
    });
    const step = (message: string, fraction: number): LoadProgress => ({
      stage: 'opening',
      message,
      fraction,
    });
    const all = [step('a', 0), step('a', 0.1), step('a', 0.2), step('failed', 0), step('b', 0), step('b', 1)];
    for (const progress of all) sender.push(progress);
    for (let turn = 0; turn < all.length; turn++) {
      release.shift()?.();
      await delay(0);
    }
    assert.deepEqual(
      sent.map(({ message, fraction }) => `${message} ${fraction}`),
      ['a 0', 'a 0.2', 'failed 0', 'b 1'],
    );
  });
});
