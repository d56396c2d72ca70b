import path from 'node:path';
import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { PointPlace } from '../../dynamics/dynamicsApi';
import { COMMANDS } from '../contributions';

/**
 * Opens a log at the bytes of a point.
 * @throws ImcotError `missing` where the file has no bytes of its own for it
 */
export async function revealPlace({ file, start, end }: PointPlace): Promise<void> {
  if (start === 0 && end === 0) {
    const name = path.basename(file);
    throw new ImcotError('missing', `${name} is a database: its points have no bytes of their own.`);
  }
  await vscode.commands.executeCommand(COMMANDS.openLogFile, vscode.Uri.file(file), { start, end });
}
