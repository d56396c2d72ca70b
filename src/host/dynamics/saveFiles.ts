import path from 'node:path';
import * as vscode from 'vscode';
import { joinBytes } from '../../common/copyBytes';
import { errorCode, errorMessage, ImcotError } from '../../common/errors';
import { MAX_PICTURE } from './dynamicsRequests';
import type { CsvSource } from './saveTable';
import { csvPieces } from './saveTable';
import { writeWhole } from '../wholeFile';

const KINDS: Readonly<Record<'png' | 'svg' | 'csv', Record<string, string[]>>> = {
  png: { PNG: ['png'] },
  svg: { SVG: ['svg'] },
  csv: { CSV: ['csv'] },
};

/** A table that takes longer than this, in milliseconds, is saved with a notification that can stop it. */
const PATIENCE = 400;

/** Asks where to save a picture, and saves it. */
export async function savePicture(opened: string, kind: 'png' | 'svg', bytes: Uint8Array): Promise<boolean> {
  const target = await askWhere(opened, kind);
  if (!target) return false;
  await write(target, async function* () {
    yield bytes;
  });
  return true;
}

/** Asks where to save a table, and saves it piece by piece. */
export async function saveTable(opened: string, read: CsvSource): Promise<boolean> {
  const target = await askWhere(opened, 'csv');
  if (!target) return false;
  const abort = new AbortController();
  let told: (characters: number) => void = () => undefined;
  const saving = write(target, () => csvPieces(read, abort.signal, (characters) => told(characters)));
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), PATIENCE);
  });
  try {
    if ((await Promise.race([saving, patience])) === 'late') {
      const title = `Saving ${path.posix.basename(target.path)}`;
      const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
      await vscode.window.withProgress(options, (progress, token) => {
        token.onCancellationRequested(() => abort.abort());
        told = (characters) => progress.report({ message: `${(characters / 1e6).toFixed(1)} MB` });
        return saving;
      });
    }
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === 'cancelled' && abort.signal.aborted) return false;
    throw thrown;
  } finally {
    clearTimeout(timer);
  }
}

/** @param opened the file or folder that is shown: the name and the place that are offered come from it */
async function askWhere(opened: string, kind: keyof typeof KINDS): Promise<vscode.Uri | undefined> {
  const name = path.basename(opened).replace(/\.(?:log|txt|out|jsonl?|csv|tsv|db|parquet|wandb)$/i, '');
  const defaultUri = vscode.Uri.file(path.join(path.dirname(opened), `${name || 'curves'}.${kind}`));
  return vscode.window.showSaveDialog({ defaultUri, filters: KINDS[kind] });
}

async function write(target: vscode.Uri, pieces: () => AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    if (target.scheme === 'file') await writeWhole(target.fsPath, pieces());
    else await vscode.workspace.fs.writeFile(target, await joined(pieces()));
  } catch (thrown) {
    if (thrown instanceof ImcotError) throw thrown;
    throw new ImcotError('input', `${target.path} was not saved: ${errorMessage(thrown)}`, { cause: thrown });
  }
}

/** Another file system takes a file only whole. */
async function joined(pieces: AsyncIterable<string | Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  const encoder = new TextEncoder();
  let size = 0;
  for await (const piece of pieces) {
    const bytes = typeof piece === 'string' ? encoder.encode(piece) : piece;
    size += bytes.length;
    if (size > MAX_PICTURE)
      throw new ImcotError('limit', 'This is too large to be saved there: choose a folder of this machine.');
    all.push(bytes);
  }
  return joinBytes(all);
}
