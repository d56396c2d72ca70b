import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { ImageLookup } from '../../../src/imaging/imageLookup';
import { checkLoggedPath } from '../../../src/imaging/loggedPath';

describe('ImageLookup', () => {
  let base: string;
  let logFile: string;
  const at = (...parts: string[]): string => path.join(base, ...parts);
  const put = (...parts: string[]): string => {
    mkdirSync(path.dirname(at(...parts)), { recursive: true });
    writeFileSync(at(...parts), 'picture');
    return at(...parts);
  };
  const find = (logged: string, roots: readonly string[] = []) =>
    new ImageLookup({ roots }).find(logged, logFile);
  const expectFound = async (logged: string, file: string, roots?: readonly string[]): Promise<void> => {
    assert.deepEqual(await find(logged, roots), { status: 'found', path: file }, logged);
  };

  beforeEach(() => {
    base = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'imcot-lookup-')));
    logFile = put('run', 'result_direct_attributes.jsonl');
    put('secret', 'secret.jpg');
  });
  afterEach(() => rmSync(base, { recursive: true }));

  it('finds beside the log, below it, and in roots', async () => {
    await expectFound('a.jpg', put('run', 'a.jpg'));
    await expectFound('./images/b.jpg', put('run', 'images', 'b.jpg'));
    await expectFound('c.jpg', put('data', 'c.jpg'), [at('data')]);
    await expectFound('a b/ä%20.jpg', put('run', 'a b', 'ä%20.jpg'));
  });

  it('prefers what stands beside the log', async () => {
    put('data', 'a.jpg');
    await expectFound('a.jpg', put('run', 'a.jpg'), [at('data')]);
  });

  it('finds by the end of a path that was written elsewhere', async () => {
    const file = put('data', 'direct_attributes', 'sa_1.jpg');
    await expectFound('/mnt/cluster/vstar/direct_attributes/sa_1.jpg', file, [at('data')]);
    await expectFound('../../vstar/direct_attributes/sa_1.jpg', file, [at('data')]);
    await expectFound(file, file, [at('data')]);
  });

  it("finds a bare name one or two folders deeper, in the split that the log's name tells first", async () => {
    const direct = put('data', 'direct_attributes', 'sa_1.jpg');
    put('data', 'relative_position', 'sa_1.jpg');
    await expectFound('sa_1.jpg', direct, [at('data')]);
    const deep = put('data', 'vstar', 'direct_attributes', 'sa_2.jpg');
    await expectFound('sa_2.jpg', deep, [at('data')]);
    put('data', 'one', 'two', 'three', 'sa_3.jpg');
    assert.equal((await find('sa_3.jpg', [at('data')])).status, 'missing');
  });

  it('takes none of several files with the name, and says so', async () => {
    put('data', 'x', 'same.jpg');
    put('data', 'y', 'same.jpg');
    const result = await find('same.jpg', [at('data')]);
    assert.equal(result.status, 'missing');
    assert.ok(
      result.status === 'missing' && /Several files.*x\/same\.jpg.*y\/same\.jpg/.test(result.note ?? ''),
    );
  });

  it('a letter of a word in the path of a log is no hint to a folder of that name', async () => {
    put('data', 'u', 'same.jpg');
    put('data', 'y', 'same.jpg');
    // "u" stands in "run" and in "result_direct_attributes".
    assert.equal((await find('same.jpg', [at('data')])).status, 'missing');
    const hinted = put('data', 'run', 'same.jpg');
    await expectFound('same.jpg', hinted, [at('data')]);
  });

  it('finds the picture under another ending, the logged one first', async () => {
    const png = put('run', 'a.png');
    await expectFound('a.jpg', png);
    await expectFound('a.jpg', put('run', 'a.jpg'));
    await expectFound('a', at('run', 'a.jpg'));
  });

  it('says what it tried when nothing is there', async () => {
    const result = await find('images/a.jpg', [at('data')]);
    assert.ok(result.status === 'missing');
    assert.ok(result.tried.includes(at('run', 'images', 'a.jpg')), String(result.tried));
    assert.ok(result.tried.includes(at('run', 'a.jpg')));
    assert.ok(result.tried.length <= 20);
  });

  it('sees a folder that is made later', async () => {
    let now = 0;
    const lookup = new ImageLookup({ roots: [], now: () => now });
    assert.equal((await lookup.find('late.jpg', logFile)).status, 'missing');
    const file = put('run', 'new', 'late.jpg');
    now = 6000;
    assert.deepEqual(await lookup.find('late.jpg', logFile), { status: 'found', path: file });
  });

  it('follows links inside the roots and none that lead out', async function () {
    if (process.platform === 'win32') this.skip();
    const file = put('run', 'real', 'a.jpg');
    symlinkSync(at('run', 'real'), at('run', 'alias'));
    await expectFound('alias/a.jpg', file);
    symlinkSync(at('secret'), at('run', 'out'));
    symlinkSync(at('secret', 'secret.jpg'), at('run', 'link.jpg'));
    for (const logged of ['out/secret.jpg', 'link.jpg', at('run', 'link.jpg')]) {
      const result = await find(logged);
      assert.ok(
        result.status === 'denied' && /link leads out/.test(result.reason),
        `${logged} ${result.status}`,
      );
    }
    await expectFound('link.jpg', at('secret', 'secret.jpg'), [at('secret')]);
  });

  it('takes a root that is a link itself, under both of its names', async function () {
    if (process.platform === 'win32') this.skip();
    symlinkSync(at('secret'), at('alias'));
    await expectFound('secret.jpg', at('secret', 'secret.jpg'), [at('alias')]);
    await expectFound(at('alias', 'secret.jpg'), at('secret', 'secret.jpg'), [at('alias')]);
    await expectFound(at('secret', 'secret.jpg'), at('secret', 'secret.jpg'), [at('alias')]);
  });

  it('denies what leads out of the roots', async () => {
    const hostile = [
      '../secret/secret.jpg',
      at('secret', 'secret.jpg'),
      '/etc/passwd',
      'x/../../secret/secret.jpg',
    ];
    for (const logged of hostile) {
      const result = await find(logged);
      assert.ok(result.status === 'denied' && /leads out/.test(result.reason), `${logged}: ${result.status}`);
    }
    // A folder that merely begins like an allowed one is another folder.
    put('run2', 'near.jpg');
    assert.equal((await find('../run2/near.jpg')).status, 'denied');
  });

  it('denies what means something else on another system', async () => {
    const hostile = [
      '..\\secret\\secret.jpg',
      '..\\..\\x',
      'a\\b.jpg',
      '\\\\host\\share\\a.jpg',
      '//host/share/a.jpg',
      'C:\\Windows\\win.ini',
      'C:/Windows/win.ini',
      'c:a.jpg',
      'file:///etc/passwd',
      'FILE:/etc/passwd',
      'http://host/a.jpg',
      'https:a.jpg',
      'data:image/png;base64,AAAA',
      'vscode-resource:/x',
      'javascript:alert(1)',
      'a.jpg\0.png',
      '\0',
      '',
      '.',
      '..',
      '/',
      'images/',
      'a/..',
      'x'.repeat(5000),
    ];
    for (const logged of hostile) {
      assert.equal((await find(logged)).status, 'denied', JSON.stringify(logged.slice(0, 40)));
    }
  });

  it('takes percent signs, overlong names and odd letters for names that are not there', async () => {
    const odd = [
      '%2e%2e%2fsecret%2fsecret.jpg',
      '..%2fsecret.jpg',
      `${'x'.repeat(300)}.jpg`,
      'a\n.jpg',
      '~/a.jpg',
      '$HOME/a',
    ];
    for (const logged of odd) assert.equal((await find(logged)).status, 'missing', logged.slice(0, 40));
  });

  it('takes only regular files', async function () {
    if (process.platform === 'win32') this.skip();
    execFileSync('mkfifo', [at('run', 'pipe.jpg')]);
    mkdirSync(at('run', 'folder.jpg'));
    for (const logged of ['pipe.jpg', 'folder.jpg']) {
      const result = await find(logged);
      assert.ok(result.status === 'missing' && /not a regular file/.test(result.note ?? ''), logged);
    }
    assert.notEqual((await find('/dev/zero', ['/dev'])).status, 'found');
  });

  it('stays cheap in a huge folder', async () => {
    for (let index = 0; index < 400; index++)
      mkdirSync(at('run', 'many', String(index)), { recursive: true });
    const started = performance.now();
    const result = await find('nowhere.jpg');
    assert.ok(result.status === 'missing');
    assert.match(result.note ?? '', /ended after 2000 paths/);
    assert.ok(performance.now() - started < 5000);
  });

  it('returns nothing outside the roots for any path', async () => {
    put('run', 'a.jpg');
    const part = fc.constantFrom(
      '..',
      '.',
      'a.jpg',
      'secret',
      'secret.jpg',
      'run',
      '',
      base.slice(1),
      'etc',
      'passwd',
    );
    const check = async (parts: string[], absolute: boolean): Promise<void> => {
      const result = await find((absolute ? '/' : '') + parts.join('/'));
      if (result.status === 'found') assert.ok(result.path.startsWith(at('run') + path.sep), result.path);
    };
    await fc.assert(fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.boolean(), check), {
      numRuns: 300,
    });
  });
});

describe('checkLoggedPath', () => {
  it('keeps the parts of a plain path', () => {
    assert.deepEqual(checkLoggedPath('./a//b/../c.jpg', 'linux'), {
      ok: true,
      segments: ['a', 'b', '..', 'c.jpg'],
      absolute: false,
    });
    assert.deepEqual(checkLoggedPath('/a.jpg', 'linux'), { ok: true, segments: ['a.jpg'], absolute: true });
  });

  it('refuses streams behind a file on Windows, where a colon starts them', () => {
    assert.equal(checkLoggedPath('2024/12:30.jpg', 'linux').ok, true);
    assert.equal(checkLoggedPath('2024/12:30.jpg', 'win32').ok, false);
  });
});
