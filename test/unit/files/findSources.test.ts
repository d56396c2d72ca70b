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
