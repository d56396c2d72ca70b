import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { projectPath, waitFor } from '../host/inside';
import { activatedExtension, closeEditors, readySource, TRAJECTORY_EDITOR } from './support/editors';

const SCHEME = 'imcot-test';

/** A file system of two logs: a real one, and one that claims to be larger than may be read whole. */
class TwoLogs implements vscode.FileSystemProvider {
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;
  readonly read: string[] = [];
  private readonly log = readFileSync(
    projectPath('test/fixtures/deepeyes-vstar/result_direct_attributes_tmp_acc.jsonl'),
  );

  stat(uri: vscode.Uri): vscode.FileStat {
    if (uri.path === '/') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const size = uri.path === '/large.jsonl' ? 200 * 1024 * 1024 : this.log.byteLength;
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    this.read.push(uri.path);
    return new Uint8Array(this.log);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }
  writeFile(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
  rename(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
  delete(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
  createDirectory(): never {
    throw vscode.FileSystemError.NoPermissions();
  }
}

describe('a log on a file system that is not local', () => {
  const files = new TwoLogs();
  let registration: vscode.Disposable;
  before(() => {
    registration = vscode.workspace.registerFileSystemProvider(SCHEME, files, { isReadonly: true });
  });
  after(async () => {
    await closeEditors();
    registration.dispose();
  });

  const open = async (path: string) => {
    const uri = vscode.Uri.from({ scheme: SCHEME, path });
    await vscode.commands.executeCommand('vscode.openWith', uri, TRAJECTORY_EDITOR);
    const { editors } = await activatedExtension();
    return waitFor(
      'the editor',
      () => editors().find((editor) => editor.uri.toString() === uri.toString())?.session,
    );
  };

  it('is read whole and shown like any other', async () => {
    const session = await open('/run.jsonl');
    const source = await readySource(session);
    assert.equal(source.records, 115);
    assert.equal(source.name, 'run.jsonl');
  });

  it('is refused with a sentence when it is too large for that, without being read', async () => {
    const view = await (await open('/large.jsonl')).ready();
    assert.ok(view.status === 'error', JSON.stringify(view));
    assert.match(view.message, /200 MB.*64 MB/s);
    assert.deepEqual(
      files.read.filter((path) => path === '/large.jsonl'),
      [],
    );
  });
});
