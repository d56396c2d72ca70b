import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { imcot, ROOT } from '../support/imcot';
import type { LogLine } from './support/scratch';
import { CHECKPOINT, parseLines, SCENE, Scratch, shown, timeless } from './support/scratch';

/** Random weights never end a turn by themselves. */
const MODEL = ['--model', CHECKPOINT, '--provider', 'cpu', '--threads', '2'];

describe('imcot run on this machine', function () {
  this.timeout(60_000);
  const scratch = new Scratch();
  beforeEach(() => scratch.open());
  afterEach(() => scratch.close());

  const ask = (name: string, ...more: string[]): string[] => {
    const one = ['--image', SCENE, '--question', 'Is it?', '--max-tokens', '12'];
    return ['run', ...one, ...MODEL, '--out', scratch.at(name), ...more];
  };

  it('prints the lines of the file with --json, and the same ones for the same seed', async () => {
    const seeded = ['--json', '--temperature', '0.9', '--seed', '7'];
    const first = await imcot(ask('a.imcot.jsonl', ...seeded));
    assert.equal(first.code, 0, shown(first));
    assert.equal(first.out, await scratch.read('a.imcot.jsonl'));
    const lines = parseLines(first.out);
    // The rest of a character that no token completed is a text without tokens.
    assert.equal(lines.filter(({ tokens }) => tokens !== undefined).length, 12);
    assert.equal(lines.find(({ event }) => event === 'outcome')?.['status'], 'length');
    const again = await imcot(ask('b.imcot.jsonl', ...seeded));
    const other = await imcot(ask('c.imcot.jsonl', '--json', '--temperature', '0.9', '--seed', '8'));
    const [a, b, c] = [first, again, other].map(({ out }) =>
      timeless(out.replace(/[abc]\.images/g, 'images')),
    );
    assert.deepEqual(a, b);
    assert.notDeepEqual(a?.slice(2), c?.slice(2));
  });

  it('writes the same file again at temperature 0, without a seed', async () => {
    const logs: (readonly LogLine[])[] = [];
    for (const name of ['a', 'b']) {
      const run = await imcot(ask(`${name}.imcot.jsonl`, '--temperature', '0', '--answer', 'yes'));
      assert.equal(run.code, 0, shown(run));
      const text = await scratch.read(`${name}.imcot.jsonl`);
      logs.push(timeless(text.replaceAll(`${name}.images`, 'images')));
    }
    const [a, b] = logs;
    assert.deepEqual(a, b);
    assert.equal(a?.filter(({ logProbabilities }) => logProbabilities !== undefined).length, 12);
    const settings = a?.find(({ event }) => event === 'start')?.['settings'] as object;
    assert.ok(!('seed' in settings));
  });

  it('prints what docs/cli.md shows', async () => {
    const text = await readFile(path.join(ROOT, 'docs/cli.md'), 'utf8');
    const [, command = '', documented = ''] =
      /\n\$ imcot (run --image .+)\n([^]*?)\nmodel wrote /.exec(text) ?? [];
    const words = [...command.matchAll(/"([^"]+)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
    const before = process.cwd();
    process.chdir(ROOT);
    try {
      const run = await imcot([...words, '--provider', 'cpu', '--out', scratch.at('a.imcot.jsonl')]);
      assert.equal(run.code, 0, shown(run));
      assert.equal(run.out.slice(0, run.out.indexOf('\nmodel wrote ')), documented);
    } finally {
      process.chdir(before);
    }
  });

  it('writes readable text where nobody looks', async () => {
    const run = await imcot(ask('a.imcot.jsonl'));
    assert.equal(run.code, 0, shown(run));
    // eslint-disable-next-line no-control-regex -- no colours in a pipe
    assert.doesNotMatch(run.out, /\u001b/);
    assert.match(run.out, /^model {9}checkpoint \(CPU/);
    assert.match(run.out, /\nTurn 1\n(text|thought|answer|tool call)\n {2}/);
    assert.match(run.out, /\noutcome {7}length: The turn was cut off/);
    assert.match(run.out, /\nmodel wrote {3}12 tokens in /);
    const shownAgain = await imcot(['show', scratch.at('a.imcot.jsonl')]);
    assert.equal(shownAgain.code, 0, shown(shownAgain));
  });

  it('plays a group and gives each rollout a seed of its own', async () => {
    const run = await imcot(ask('g.imcot.jsonl', '--n', '2', '--seed', '3', '--answer', 'yes'));
    assert.equal(run.code, 0, shown(run));
    assert.match(run.out, /2 of 2 \(1 question x 2\)/);
    const starts = parseLines(await scratch.read('g.imcot.jsonl')).filter(({ event }) => event === 'start');
    const told = starts.map(({ id, group, settings }) => ({ id, group, ...(settings as object) }));
    const [first, second] = told as {
      id: string;
      group: { key: string };
      seed: number;
      temperature: number;
    }[];
    assert.ok(first && second);
    assert.deepEqual([first.temperature, second.temperature], [1, 1]);
    assert.notEqual(first.seed, second.seed);
    assert.equal(first.group.key, second.group.key);
    assert.deepEqual([first.id, second.id], [`${first.group.key}.0`, `${first.group.key}.1`]);
  });

  it('says what is wrong with a model that is none, and leaves no log', async () => {
    const run = await imcot([...ask('a.imcot.jsonl'), '--model', scratch.at('none')]);
    assert.deepEqual([run.code, run.out], [1, ''], shown(run));
    assert.match(run.err, /^imcot: .*none/);
    await assert.rejects(scratch.read('a.imcot.jsonl'), /ENOENT/);
  });

  it('keeps what was said when it is interrupted, as a terminal does it', async function () {
    if (process.platform === 'win32') this.skip();
    const cli = path.join(ROOT, 'dist/cli.js');
    const words = [...ask('a.imcot.jsonl'), '--json', '--max-tokens', '5000'];
    // A group of its own: Ctrl+C reaches the model's process as well.
    const child = spawn(process.execPath, [cli, ...words], {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let interruptedAt = 0;
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString();
      if (interruptedAt > 0 || out.split('"event":"text"').length <= 20) return;
      interruptedAt = performance.now();
      process.kill(-(child.pid ?? NaN), 'SIGINT');
    });
    let err = '';
    child.stderr.on('data', (data: Buffer) => void (err += data.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    const took = performance.now() - interruptedAt;
    assert.equal(code, 130, err);
    assert.ok(took < 2000, `${took} ms`);
    assert.match(err, /stopped; what the model said until then is in the file/);
    const file = await readFile(scratch.at('a.imcot.jsonl'), 'utf8');
    assert.equal(out, file, 'whatever was printed is in the file');
    const lines = parseLines(file);
    assert.equal(lines.at(-1)?.event, 'cancelled');
    assert.ok(lines.filter(({ event }) => event === 'text').length >= 20);
  });
});
