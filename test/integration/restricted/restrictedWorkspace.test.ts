import assert from 'node:assert/strict';
import childProcess from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { extensionUnderTest, grantTrust, projectPath, waitFor, workspacePath } from '../../host/inside';
import {
  activatedExtension,
  closeEditors,
  openTrajectories,
  readySource,
  sessionOf,
  trajectoryOf,
} from '../support/editors';
import { lineWithImage, writePicture } from '../support/samples';

const REAL = (): string => projectPath('test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl');
const LONG_AGO = new Date('2001-01-01T00:00:00Z');

/** When the file was last read. Set long before its last change, even sparing file systems renew it at a read. */
const lastRead = (file: string): number => statSync(file).atimeMs;

/** A program that something in this process started, and from where in the code. */
interface Started {
  readonly words: string;
  readonly stack: string;
}

/** Notes every start of a program from now on; gives the way back. */
function noteStarts(started: Started[]): () => void {
  const undo: (() => void)[] = [];
  for (const name of [
    'spawn',
    'spawnSync',
    'fork',
    'exec',
    'execSync',
    'execFile',
    'execFileSync',
  ] as const) {
    const real = childProcess[name] as (...all: unknown[]) => unknown;
    const noting = (...args: unknown[]): unknown => {
      // Without the first two lines: the message, and this very function.
      const stack = new Error().stack?.split('\n').slice(2).join('\n') ?? '';
      started.push({ words: `${name} ${String(args[0])}`, stack });
      return real(...args);
    };
    Object.assign(childProcess, { [name]: noting });
    undo.push(() => Object.assign(childProcess, { [name]: real }));
  }
  return () => {
    for (const step of undo) step();
  };
}

describe('a restricted workspace', () => {
  let outside: string;
  let log: string;
  let linkedLog: string;
  const started: Started[] = [];
  let stopNoting: () => void;
  /** Whether this file system notes reads; without that the tests below would prove nothing. */
  let notesReads = false;

  before(async () => {
    outside = mkdtempSync(path.join(tmpdir(), 'outside-'));
    const picture = (name: string): string => path.join(outside, name);
    for (const name of ['linked.png', 'configured.png', 'named.png', 'control.png']) {
      await writePicture(picture(name), 120, 1000);
    }
    copyFileSync(REAL(), path.join(outside, 'log.jsonl'));
    await writePicture(workspacePath('inside.png'), 120, 1000);
    mkdirSync(workspacePath('.vscode'), { recursive: true });
    writeFileSync(
      workspacePath('.vscode', 'settings.json'),
      JSON.stringify({ 'imcot.imageRoots': [outside] }),
    );
    symlinkSync(picture('linked.png'), workspacePath('linked.png'));
    linkedLog = workspacePath('linked.jsonl');
    symlinkSync(path.join(outside, 'log.jsonl'), linkedLog);
    log = workspacePath('log.jsonl');
    const images = [
      'inside.png',
      'linked.png',
      'configured.png',
      picture('named.png'),
      '../../../../etc/hostname',
    ];
    writeFileSync(log, `${images.map((image) => lineWithImage(REAL(), image)).join('\n')}\n`);
    for (const name of ['linked.png', 'configured.png', 'named.png', 'control.png', 'log.jsonl']) {
      utimesSync(picture(name), LONG_AGO, statSync(picture(name)).mtime);
    }
    readFileSync(picture('control.png'));
    notesReads = lastRead(picture('control.png')) > LONG_AGO.getTime();
    stopNoting = noteStarts(started);
  });

  after(async () => {
    stopNoting();
    await closeEditors();
    rmSync(outside, { recursive: true, force: true });
  });

  const untouched = (): string[] =>
    ['linked.png', 'configured.png', 'named.png', 'log.jsonl'].filter(
      (name) => lastRead(path.join(outside, name)) > LONG_AGO.getTime(),
    );

  it('has the extension run, with limits', async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    await extensionUnderTest().activate();
    assert.equal(extensionUnderTest().isActive, true);
  });

  it('reads the log and the image beside it', async () => {
    const session = await openTrajectories(log);
    assert.equal((await readySource(session)).records, 5);
    const [original] = (await trajectoryOf(session, 0)).originals;
    assert.equal(original?.state, 'available', original?.message);
    const picture = await session.image(0, 'original:0', 500);
    assert.deepEqual(picture.size, { width: 60, height: 500 });
  });

  it('reads no image outside the folder: not by link, by setting, by absolute path, or upwards', async () => {
    const session = await sessionOf(log);
    for (const index of [1, 2, 3, 4]) {
      const view = await trajectoryOf(session, index);
      const [original] = view.originals;
      assert.ok(original, `record ${index} names an image`);
      assert.notEqual(original.state, 'available', `record ${index}: ${original.label}`);
      assert.ok(original.message, `record ${index} says why`);
      await assert.rejects(session.image(index, 'original:0', 500));
      await assert.rejects(session.image(index, 'observation:0:0', 500));
    }
    assert.ok(
      notesReads,
      'this file system does not note reads, so nothing is proven: use another temporary folder',
    );
    assert.deepEqual(untouched(), []);
  });

  it('does not read a log that only looks as if it were in the folder', async () => {
    const session = await openTrajectories(linkedLog);
    const view = await session.ready();
    assert.ok(view.status === 'error', JSON.stringify(view));
    assert.match(view.message, /not trusted/);
    assert.deepEqual(untouched(), []);
  });

  it('lets nobody choose a folder of images', async () => {
    await assert.rejects((await sessionOf(log)).chooseImageFolder(), { code: 'denied' });
  });

  it('runs no model', async () => {
    const { inference } = await activatedExtension();
    const checkpoint = projectPath('test/golden/qwen2_5_vl/checkpoint');
    await assert.rejects(inference.acquire(checkpoint), { code: 'denied', message: /not trusted/ });
    assert.equal(inference.state.status, 'none');
  });

  it('loads no model of the catalogue and asks no server', async () => {
    const { models } = await activatedExtension();
    const checkpoint = projectPath('test/golden/qwen2_5_vl/checkpoint');
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      for (const entry of [
        { kind: 'folder', id: 'folder', label: 'checkpoint', folder: checkpoint },
        { kind: 'server', id: 'server', label: 'box', address },
      ] as const) {
        await assert.rejects(models.open(entry), { code: 'denied', message: /not trusted/ });
        await assert.rejects(models.load(entry), { code: 'denied' });
        assert.equal(models.stateOf(entry).status, 'none');
      }
      assert.equal(requests, 0);
    } finally {
      server.close();
    }
  });

  it('runs no rollout, asks nothing, and makes no folder', async () => {
    const { rollouts } = await activatedExtension();
    const commands = ['imcot.runRollout', 'imcot.runAgain', 'imcot.runQuestions', 'imcot.openDemo'];
    for (const command of commands) {
      const argument = { image: workspacePath('inside.png'), question: 'What?', questions: workspacePath() };
      assert.equal(await vscode.commands.executeCommand(command, argument), undefined, command);
    }
    assert.throws(() => rollouts.checkTrust(), {
      code: 'denied',
      message: /not trusted.*Trust the workspace/,
    });
    assert.deepEqual(rollouts.files, []);
    assert.equal(existsSync(workspacePath('.imcot')), false);
  });

  it('has started no program', () => {
    // The editor itself starts some in this very process, so what counts is whose code it was.
    const fromFolder = (folder: string): string[] =>
      started.filter(({ stack }) => stack.includes(projectPath(folder))).map(({ words }) => words);
    childProcess.execFileSync(process.execPath, ['--version']);
    assert.deepEqual(fromFolder('out'), [`execFileSync ${process.execPath}`], 'a start is noticed');
    assert.deepEqual(fromFolder('dist'), []);
  });

  it('looks everything up anew once trust is granted', async () => {
    await grantTrust();
    const session = await sessionOf(log);
    for (const index of [1, 2, 3]) {
      await waitFor(`the image of record ${index}`, async () => {
        const [original] = (await trajectoryOf(session, index)).originals;
        return original?.state === 'available';
      });
      assert.deepEqual((await session.image(index, 'original:0', 500)).size, { width: 60, height: 500 });
    }
    const linked = await sessionOf(linkedLog);
    assert.equal((await readySource(linked)).records, 115);
  });

  it('still keeps a log from naming files outside every root', async () => {
    const [original] = (await trajectoryOf(await sessionOf(log), 4)).originals;
    assert.notEqual(original?.state, 'available');
  });
});
