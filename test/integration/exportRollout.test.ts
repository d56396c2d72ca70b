import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import * as vscode from 'vscode';
import { projectPath, waitFor, workspacePath } from '../host/inside';
import { answering } from './support/dialogs';
import { closeEditors, openTrajectories, readySource, trajectoryOf } from './support/editors';
import { lineWithImage, writePicture } from './support/samples';

const REAL = (): string => projectPath('test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl');

describe('export of the rollout that is shown', () => {
  let log: string;
  const target = (name: string): string => workspacePath('exported', name);

  before(async () => {
    await mkdir(workspacePath('exported'), { recursive: true });
    log = workspacePath('exported', 'log.jsonl');
    await writePicture(workspacePath('exported', 'photo.png'), 1500, 1200);
    writeFileSync(log, `${lineWithImage(REAL(), 'photo.png')}\n`);
    const session = await openTrajectories(log);
    await readySource(session);
    await trajectoryOf(session, 0);
  });
  after(async () => {
    await closeEditors();
    rmSync(workspacePath('exported'), { recursive: true, force: true });
  });

  const exported = async (kind: string, name: string): Promise<void> => {
    await answering({ pick: kind, save: target(name) }, () =>
      vscode.commands.executeCommand('imcot.exportRollout'),
    );
  };

  it('as HTML is one page with its pictures inside', async () => {
    await exported('HTML page', 'page.html');
    const html = readFileSync(target('page.html'), 'utf8');
    assert.match(html, /What is the color of the man&#39;s cap\?|What is the color of the man's cap\?/);
    const pictures = [...html.matchAll(/"data:(image\/[a-z]+);base64,([^"]+)"/g)];
    assert.equal(pictures.length, 2, 'the photograph and the crop');
    const sizes = await Promise.all(
      pictures.map(async ([, , data = '']) => {
        const { width, height } = await sharp(Buffer.from(data, 'base64')).metadata();
        return [width, height];
      }),
    );
    assert.deepEqual(sizes, [
      [1500, 1200],
      [22, 12],
    ]);
  });

  it('as Markdown has its pictures in a folder beside it', async () => {
    await exported('Markdown', 'text.md');
    const links = [...readFileSync(target('text.md'), 'utf8').matchAll(/!\[[^\]]*\]\(<([^>]+)>\)/g)];
    assert.equal(links.length, 2);
    for (const [, link = ''] of links) {
      assert.match(link, /^text\.images\//);
      assert.ok((await sharp(target(link)).metadata()).width);
    }
    assert.equal(readdirSync(target('text.images')).length, 2);
  });

  it('as a log opens again, with the photograph, in a folder of its own as well', async () => {
    await exported('iMCoT log', 'alone.imcot.jsonl');
    const opened = await openTrajectories(target('alone.imcot.jsonl'));
    assert.equal((await readySource(opened)).records, 1);
    const view = await trajectoryOf(opened, 0);
    assert.equal(view.question, "What is the color of the man's cap?");
    assert.deepEqual(
      view.originals.map(({ state, size }) => ({ state, size })),
      [{ state: 'available', size: { width: 1500, height: 1200 } }],
    );
    const crops = view.turns.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.kind === 'observation' ? part.images : [])),
    );
    assert.deepEqual(
      crops.map(({ state }) => state),
      ['available'],
    );
    await closeEditors();
    await trajectoryOf(await openTrajectories(log), 0);
  });

  it('never takes the place of the log, and leaves nothing half where it can not be written', async () => {
    const before = readFileSync(log);
    const rest = readdirSync(workspacePath('exported')).sort();
    const said: string[] = [];
    await answering({ pick: 'iMCoT log', save: log, said }, () =>
      vscode.commands.executeCommand('imcot.exportRollout'),
    );
    await waitFor('a sentence', () => said.some((words) => /choose another name/.test(words)));
    assert.deepEqual(readFileSync(log), before);
    for (const [kind, name] of [
      ['HTML page', 'page.html'],
      ['Markdown', 'text.md'],
      ['iMCoT log', 'alone.imcot.jsonl'],
    ] as const) {
      said.length = 0;
      await answering({ pick: kind, save: path.join(target('none'), name), said }, () =>
        vscode.commands.executeCommand('imcot.exportRollout'),
      );
      await waitFor(`a sentence on ${name}`, () => said.some((words) => words.includes(name)));
    }
    assert.deepEqual(readdirSync(workspacePath('exported')).sort(), rest);
  });
});
