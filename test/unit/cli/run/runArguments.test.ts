import assert from 'node:assert/strict';
import { parseVerbArguments } from '../../../../src/cli/arguments';
import { runVerb } from '../../../../src/cli/commands/run';
import { readRunArguments } from '../../../../src/cli/run/runArguments';
import { defaultCacheFolder } from '../../../../src/cli/run/cacheFolder';
import { imcot } from '../support/imcot';

const read = (...words: string[]) => readRunArguments(runVerb.spec, parseVerbArguments(runVerb.spec, words));
const ONE = ['--image', 'a.png', '--question', 'What?'];

describe('words of imcot run', () => {
  it('have the defaults that the documents name', () => {
    const local = { provider: 'auto', precision: 'auto', threads: 0 };
    assert.deepEqual(read(...ONE), {
      asked: { kind: 'one', image: 'a.png', question: 'What?' },
      perQuestion: 1,
      model: { kind: 'demo', local },
      choices: {},
      retryErrors: false,
      json: false,
    });
    assert.deepEqual(read(...ONE, '--model', './demo').model, { kind: 'folder', folder: './demo', local });
  });

  it('all reach the settings', () => {
    const words = [
      '--questions',
      'q.csv',
      '--n',
      '8',
      '--server',
      'http://h:1',
      '--model',
      'm',
      '--out',
      'o',
    ];
    const more = ['--temperature', '.7', '--seed', '3', '--max-turns', '2', '--max-tokens', '9', '--json'];
    const judge = ['--judge', 'http://j:2', '--judge-model', 'big', '--formula', 'deepeyes-v2'];
    const rest = ['--protocol', 'mini-o3', '--declare', 'a, b', '--retry-errors', '--concurrency', '4'];
    assert.deepEqual(read(...words, ...more, ...judge, ...rest), {
      asked: { kind: 'file', place: 'q.csv' },
      perQuestion: 8,
      model: { kind: 'server', address: 'http://h:1', model: 'm' },
      choices: {
        temperature: 0.7,
        seed: 3,
        maxTurns: 2,
        maxTokens: 9,
        protocol: 'mini-o3',
        declare: ['a', 'b'],
      },
      judge: { address: 'http://j:2', model: 'big' },
      formula: 'deepeyes-v2',
      concurrency: 4,
      out: 'o',
      retryErrors: true,
      json: true,
    });
    const local = ['--provider', 'cpu', '--precision', 'int4', '--threads', '2', '--cache', 'c'];
    const { model, choices, asked } = read(...ONE, '--answer', 'A', '--no-tools', ...local);
    assert.deepEqual(
      [model, choices, asked],
      [
        { kind: 'demo', local: { provider: 'cpu', precision: 'int4', threads: 2, cacheFolder: 'c' } },
        { tools: false },
        { kind: 'one', image: 'a.png', question: 'What?', answer: 'A' },
      ],
    );
  });

  it('that are off are told in one sentence, before anything is opened', async () => {
    for (const [words, expected] of [
      [[], /needs --image with --question, or --questions/],
      [['--image', 'a'], /needs --question/],
      [['--question', 'a'], /needs --image/],
      [['--questions', 'q', '--image', 'a'], /--image can't stand with --questions/],
      [['--questions', 'q', '--answer', 'a'], /--answer can't stand with --questions/],
      [['a.png', 'What?'], /takes no path: a picture goes behind --image/],
      [[...ONE, '--temprature', '1'], /Did you mean --temperature\?/],
      [[...ONE, '--temperature', 'hot'], /--temperature needs a number of at least 0, but got "hot"/],
      [[...ONE, '--temperature=-1'], /--temperature needs a number/],
      [[...ONE, '--temperature', '1e400'], /--temperature needs a number/],
      [[...ONE, '--n', '0'], /--n needs a whole number of at least 1/],
      [[...ONE, '--max-turns', '0'], /--max-turns needs a whole number of at least 1/],
      [[...ONE, '--seed', '1.5'], /--seed needs a whole number of at least 0/],
      [[...ONE, '--provider', 'gpu'], /--provider is one of auto, cpu, .*"gpu"/],
      [[...ONE, '--server', 'http://h', '--threads', '2'], /--threads can't stand with --server/],
      [[...ONE, '--protocol', 'deepeyes'], /no protocol named "deepeyes"; there are deepeyes-v2/],
      [[...ONE, '--no-tools', '--protocol', 'mini-o3'], /--protocol can't stand with --no-tools/],
      [[...ONE, '--formula', 'mine'], /--formula is one of deepeyes/],
      [[...ONE, '--judge-model', 'm'], /--judge-model needs --judge/],
    ] as const) {
      const { code, out, err } = await imcot(['run', ...words]);
      assert.deepEqual([code, out], [2, ''], words.join(' '));
      assert.match(err, expected);
      assert.equal(err.split('\n').length, 2, 'one sentence');
    }
  });
});

describe('the folder of quantised weights', () => {
  it("is in the user's cache, by each system's own rules", () => {
    assert.equal(defaultCacheFolder('linux', {}, '/home/a'), '/home/a/.cache/imcot/quantised');
    assert.equal(defaultCacheFolder('linux', { XDG_CACHE_HOME: '/c' }, '/home/a'), '/c/imcot/quantised');
    assert.equal(defaultCacheFolder('linux', { XDG_CACHE_HOME: 'c' }, '/a'), '/a/.cache/imcot/quantised');
    assert.equal(defaultCacheFolder('linux', { LOCALAPPDATA: '/c' }, '/a'), '/a/.cache/imcot/quantised');
    assert.equal(
      defaultCacheFolder('win32', { LOCALAPPDATA: 'C:\\L' }, 'C:\\Users\\a'),
      'C:\\L\\imcot\\quantised',
    );
    assert.equal(defaultCacheFolder('win32', {}, 'C:\\a'), 'C:\\a\\AppData\\Local\\imcot\\quantised');
  });
});
