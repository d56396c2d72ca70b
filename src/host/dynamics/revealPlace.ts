import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { PointPlace } from '../../dynamics/dynamicsApi';
import { lineOfByte, MAX_TEXT_BYTES } from '../trajectories/recordText';

/** Shows any file of any size at bytes of it. */
const LOG_FILE_VIEWER = 'imcot.openLogFile';
/** Files that no text editor shows anything of. */
const NO_TEXT = /\.(?:db|parquet|wandb)$|events\.out\.tfevents\./i;

/**
 * Opens a log at the bytes of a point.
 * @throws ImcotError where the file has none of its own for it, or can't be shown
 */
export async function revealPlace({ file, start, end }: PointPlace): Promise<void> {
  const name = path.basename(file);
  if (start === 0 && end === 0)
    throw new ImcotError('missing', `${name} is a database: its points have no bytes of their own.`);
  if ((await vscode.commands.getCommands(true)).includes(LOG_FILE_VIEWER)) {
    await vscode.commands.executeCommand(LOG_FILE_VIEWER, vscode.Uri.file(file), { start, end });
    return;
  }
  const where = `The point stands at bytes ${start} to ${end} of ${name}`;
  if (NO_TEXT.test(name)) throw new ImcotError('input', `${where}, which no text editor shows.`);
  if ((await stat(file)).size > MAX_TEXT_BYTES)
    throw new ImcotError('limit', `${where}, which is too large for a text editor.`);
  const line = await lineOfByte(file, start);
  const selection = new vscode.Range(line, 0, line + 1, 0);
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), 'default', { selection });
}
