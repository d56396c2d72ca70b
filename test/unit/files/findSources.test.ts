import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findSources } from '../../../src/files/findSources';

const chat = `${JSON.stringify({
  messages: [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: 'ho' },
  ],
})}\n`;
const step = (number: number) =>
  `${JSON.stringify({ input: 'user\nq\nassistant\n', output: '<answer>a</answer>', gts: 'a', score: 1, step: number })}\n`;

describe('finding sources', () => {
  let root: string;
  const put = async (name: string, text: string) => {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };

  beforeEach(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'find-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('tells by content what a file is, whatever its name', async () => {
    const file = await put('deep/er/odd.name', chat);
    const { sources, problems } = await findSources([root]);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      sources.map(({ path: found, format, files }) => [found, format, files]),
      [[file, 'chat', [file]]],
    );
  });

  it('takes a folder of step files as one source, in the order of the steps', async () => {
    for (const number of [10, 9, 100]) await put(`dump/${number}.jsonl`, step(number));
    await put('dump/11.jsonl', '{"input": torn\n');
    await put('dump/chat.jsonl', chat);
    const { sources } = await findSources([root]);
    const found = sources.map((source) => [
      path.relative(root, source.path),
      source.files.map((file) => path.basename(file)),
    ]);
    assert.deepEqual(found, [
      ['dump', ['9.jsonl', '10.jsonl', '11.jsonl', '100.jsonl']],
      [path.join('dump', 'chat.jsonl'), ['chat.jsonl']],
    ]);
    assert.equal(sources[0]?.format, 'verl-rollouts');
  });

  describe('tables of rollouts that W&B writes anew as they grow', () => {
    const row = (number: number) => [number, `q ${number}, "[]"`, `<answer>${number}</answer>`, 0.5];
    const table = (...numbers: number[]) =>
      JSON.stringify({ columns: ['step', 'prompt', 'response', 'reward'], data: numbers.map(row) });
    const name = (key: string, number: number) =>
      `media/table/${key}_${number}_${`${number}`.repeat(20).slice(0, 20)}.table.json`;
    const search = async () => {
      const { sources, problems, notices } = await findSources([root]);
      assert.deepEqual(problems, []);
      return { found: sources.map((source) => path.relative(root, source.path)).sort(), notices };
    };

    it('counts the last state of a table', async () => {
      for (const number of [9, 10, 100]) {
        const rows = [1, 2, 3, 4].slice(0, String(number).length + 1);
        await put(name('val/generations', number), table(...rows));
      }
      // Of two states of one step the longer one came last.
      await put(name('val/generations', 100).replace('10010', 'fffff'), table(1, 2, 3, 4, 5));
      const { found, notices } = await search();
      const last = name('val/generations', 100).replace('10010', 'fffff');
      assert.deepEqual(found, [path.normalize(last)]);
      assert.deepEqual(notices, [
        `3 earlier tables are left out: ${path.join(root, last)} holds all their rows.`,
      ]);
    });

    it('counts every table that has rows of its own', async () => {
      const names = [name('rollouts', 1), name('rollouts', 2), name('rollouts', 3), name('other', 4)];
      await put(names[0] ?? '', table(1, 2));
      await put(names[1] ?? '', table(1, 3, 2));
      await put(names[2] ?? '', table(1, 3));
      await put(names[3] ?? '', table(1, 3, 2, 4));
      const { found, notices } = await search();
      assert.deepEqual(found, names.map((one) => path.normalize(one)).sort());
      assert.deepEqual(notices, []);
    });

    it('counts a table that was cut off, and one whose last row only begins like another', async () => {
      const whole = table(1, 2);
      await put(name('cut', 1), whole.slice(0, -2));
      await put(name('cut', 2), table(1, 2, 3));
      await put(name('shorter', 1), whole);
      await put(name('shorter', 2), whole.replace(/0\.5\]\]\}$/, '0.5, 1], [3, "q", "r", 1]]}'));
      assert.equal((await search()).found.length, 4);
    });

    it('finds what was left out where it is named', async () => {
      const first = await put(name('val/generations', 1), table(1));
      await put(name('val/generations', 2), table(1, 2));
      assert.deepEqual(
        (await findSources([first])).sources.map((source) => source.path),
        [first],
      );
    });
  });

  it('names a folder the same with and without a slash at its end', async () => {
    await put('dump/1.jsonl', step(1));
    const dump = path.join(root, 'dump');
    for (const named of [dump, `${dump}${path.sep}`]) {
      assert.deepEqual(
        (await findSources([named])).sources.map((source) => source.path),
        [dump],
      );
    }
  });

  it('counts a step file once that is named beside its folder', async () => {
    const file = await put('dump/9.jsonl', step(9));
    const rest = await put('dump/10.jsonl', step(10));
    const dump = path.join(root, 'dump');
    for (const [named, expected] of [
      [
        [file, dump],
        [[file], [rest]],
      ],
      [[dump, file], [[file, rest]]],
      [
        [rest, file, dump],
        [[rest], [file]],
      ],
    ] as const) {
      const { sources } = await findSources(named);
      assert.deepEqual(
        sources.map(({ files }) => files),
        expected,
      );
    }
  });

  it('says of a name that is no UTF-8 why it can not be opened', async function () {
    if (process.platform !== 'linux') this.skip();
    const name = Buffer.from(`${root}/a\xff.jsonl`, 'latin1');
    await writeFile(name, chat);
    const { sources, problems } = await findSources([root]);
    assert.deepEqual(sources, []);
    assert.match(problems.map(({ reason }) => reason).join(), /its name is not UTF-8/);
  });

  it('takes a step file by itself when it is named', async () => {
    const file = await put('9.jsonl', step(9));
    await put('10.jsonl', step(10));
    assert.deepEqual(
      (await findSources([file])).sources.map((source) => source.files),
      [[file]],
    );
  });

  it('passes over what is no log in a folder, and complains where it was named', async () => {
    const file = await put('notes.txt', 'just words\n');
    assert.deepEqual(await findSources([root]), { sources: [], problems: [], notices: [] });
    const { problems } = await findSources([file, path.join(root, 'nothing')]);
    assert.deepEqual(
      problems.map(({ path: found }) => path.basename(found)),
      ['notes.txt', 'nothing'],
    );
    for (const { reason } of problems) assert.match(reason, /\w+ .*\.$/);
  });

  it('finds what several paths share once', async () => {
    const file = await put('a/chat.jsonl', chat);
    const { sources } = await findSources([file, root, path.join(root, 'a', '..', 'a')]);
    assert.deepEqual(
      sources.map((source) => source.path),
      [file],
    );
  });

  it('follows a link that was named, and none that it meets', async function () {
    if (process.platform === 'win32') this.skip();
    await put('real/chat.jsonl', chat);
    await mkdir(path.join(root, 'met'));
    const link = path.join(root, 'met', 'link');
    await symlink(path.join(root, 'real'), link);
    assert.equal((await findSources([path.join(root, 'met')])).sources.length, 0);
    assert.equal((await findSources([link])).sources.length, 1);
  });

  it('tells of a file in a folder that may not be read', async function () {
    if (process.platform === 'win32' || process.getuid?.() === 0) this.skip();
    await chmod(await put('a.jsonl', chat), 0);
    const { problems } = await findSources([root]);
    assert.equal(problems.length, 1);
  });
});
