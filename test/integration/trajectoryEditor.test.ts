import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { extensionUnderTest, projectPath, waitFor, workspacePath } from '../host/inside';
import {
  activatedExtension,
  closeEditors,
  openTrajectories,
  readySource,
  sessionOf,
  trajectoryOf,
} from './support/editors';

const FIXTURE = 'result_direct_attributes_tmp_acc.jsonl';
const fixture = (): string => projectPath('test', 'fixtures', 'deepeyes-vstar', FIXTURE);

describe('the trajectory editor', () => {
  afterEach(closeEditors);

  it('lists the 115 rollouts of a DeepEyes evaluation and shows each', async () => {
    const file = workspacePath(FIXTURE);
    copyFileSync(fixture(), file);
    const session = await openTrajectories(file);
    const source = await readySource(session);
    assert.equal(source.records, 115);
    assert.equal(source.name, FIXTURE);
    const rows = await session.rows(0, 1000);
    assert.equal(rows.length, 115);
    assert.ok(rows.every((row) => row.status === 'ok'));
    assert.equal(rows.filter((row) => row.status === 'ok' && row.correct === true).length, 102);
    const first = await trajectoryOf(session, 0);
    assert.equal(first.question, "What is the color of the man's cap?");
    const calls = first.turns.flatMap((turn) => turn.parts).filter((part) => part.kind === 'toolCall');
    assert.deepEqual(calls[0]?.call.box, { x1: 20, y1: 902, x2: 42, y2: 914 });
  });

  it('never makes a text document of the log', async () => {
    const file = workspacePath('alone.jsonl');
    copyFileSync(fixture(), file);
    await readySource(await openTrajectories(file));
    assert.ok(vscode.workspace.textDocuments.every((document) => document.uri.fsPath !== file));
  });

  it('is what *.imcot.jsonl opens in, and an offer for *.jsonl', async () => {
    const own = workspacePath('run.imcot.jsonl');
    copyFileSync(fixture(), own);
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(own));
    await sessionOf(own);
    const other = workspacePath('other.jsonl');
    copyFileSync(fixture(), other);
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(other));
    await waitFor('a text editor', () => vscode.window.activeTextEditor?.document.uri.fsPath === other);
    await vscode.commands.executeCommand('imcot.openAsTrajectories');
    assert.equal((await readySource(await sessionOf(other))).records, 115);
  });

  it('takes the place of a text editor, unless that has unsaved changes', async () => {
    const tabsOf = (file: string): vscode.Tab[] =>
      vscode.window.tabGroups.all
        .flatMap((group) => group.tabs)
        .filter(({ input }) => (input as { uri?: vscode.Uri } | undefined)?.uri?.fsPath === file);
    const openAsText = async (file: string): Promise<vscode.TextEditor> => {
      copyFileSync(fixture(), file);
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(file));
      return waitFor('a text editor', () => {
        const editor = vscode.window.activeTextEditor;
        return editor?.document.uri.fsPath === file && editor;
      });
    };
    const clean = workspacePath('clean.jsonl');
    await openAsText(clean);
    await vscode.commands.executeCommand('imcot.openAsTrajectories');
    await readySource(await sessionOf(clean));
    await waitFor('one tab', () => tabsOf(clean).length === 1);
    assert.ok(tabsOf(clean)[0]?.input instanceof vscode.TabInputCustom);
    const changed = workspacePath('changed.jsonl');
    const { document, edit } = await openAsText(changed);
    await edit((builder) => builder.insert(new vscode.Position(0, 0), '\n'));
    await waitFor('unsaved changes', () => tabsOf(changed)[0]?.isDirty);
    await vscode.commands.executeCommand('imcot.openAsTrajectories', vscode.Uri.file(changed));
    await readySource(await sessionOf(changed));
    const kinds = tabsOf(changed).map(({ input }) => input instanceof vscode.TabInputCustom);
    assert.deepEqual(kinds.sort(), [false, true]);
    await document.save();
  });

  it('shares one source between two editors of a file', async () => {
    const file = workspacePath('twice.jsonl');
    copyFileSync(fixture(), file);
    await readySource(await openTrajectories(file));
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    const { editors } = await activatedExtension();
    const both = await waitFor('a second editor', () => {
      const found = editors().filter((editor) => editor.uri.fsPath === file);
      return found.length === 2 && found;
    });
    const rows = await Promise.all(both.map(({ session }) => session.rows(0, 3)));
    assert.deepEqual(rows[0], rows[1]);
  });

  it('keeps a record that cannot be read as a row with its reason and place', async () => {
    const lines = readFileSync(fixture(), 'utf8').trimEnd().split('\n').slice(0, 3);
    const broken = '{"image": "a.jpg", "question": "cut o';
    const file = workspacePath('broken.jsonl');
    writeFileSync(file, [lines[0], broken, lines[1], lines[2], ''].join('\n'));
    const session = await openTrajectories(file);
    assert.equal((await readySource(session)).records, 4);
    const rows = await session.rows(0, 10);
    assert.deepEqual(
      rows.map((row) => row.status),
      ['ok', 'bad', 'ok', 'ok'],
    );
    const bad = rows[1];
    assert.ok(bad?.status === 'bad');
    assert.equal(bad.offset, Buffer.byteLength(lines[0] ?? '') + 1);
    assert.equal(bad.bytes, broken.length);
    assert.ok(bad.reason.length > 20, bad.reason);
  });

  it('says what it expected where a file is of another kind', async () => {
    const file = workspacePath('prose.jsonl');
    writeFileSync(file, 'This is a letter.\nIt is no log.\n');
    const view = await (await openTrajectories(file)).ready();
    assert.ok(view.status === 'error', `opened as ${JSON.stringify(view)}`);
    assert.match(view.message, /prose\.jsonl/);
  });

  it('has no record after the last one', async () => {
    const file = workspacePath('end.jsonl');
    copyFileSync(fixture(), file);
    const session = await openTrajectories(file);
    await readySource(session);
    await assert.rejects(session.trajectory(115), { code: 'missing' });
    await assert.rejects(session.image(0, 'observation:99:0', 100), { code: 'missing' });
  });

  it('follows a file that grows', async () => {
    const lines = readFileSync(fixture(), 'utf8').trimEnd().split('\n');
    const file = workspacePath('growing.jsonl');
    writeFileSync(file, `${lines.slice(0, 5).join('\n')}\n`);
    const session = await openTrajectories(file);
    assert.equal((await readySource(session)).records, 5);
    writeFileSync(file, `${lines.slice(5, 9).join('\n')}\n`, { flag: 'a' });
    await waitFor('four more records', async () => (await readySource(session)).records === 9, 15_000);
    assert.equal((await session.rows(0, 20)).length, 9);
  });

  it('opens the file at the record', async () => {
    const file = workspacePath('reveal.jsonl');
    copyFileSync(fixture(), file);
    const session = await openTrajectories(file);
    await readySource(session);
    await session.trajectory(41);
    await vscode.commands.executeCommand('imcot.revealRecord');
    const editor = await waitFor('the text editor', () => {
      const active = vscode.window.activeTextEditor;
      return active?.document.uri.fsPath === file && !active.selection.isEmpty && active;
    });
    assert.equal(editor.selection.start.line, 41);
    assert.equal(editor.selection.start.character, 0);
  });
});

describe('the manifest', () => {
  it('has every command registered', async () => {
    await activatedExtension();
    const { contributes } = extensionUnderTest().packageJSON as {
      contributes: { commands: { command: string; title: string }[] };
    };
    const registered = await vscode.commands.getCommands(true);
    for (const { command, title } of contributes.commands) {
      assert.ok(registered.includes(command), command);
      assert.doesNotMatch(title, /%/, `${command} has no title`);
    }
  });
});
