import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { COMMANDS } from '../contributions';
import { isTextLog, lineOfByte, MAX_TEXT_BYTES, showCommand } from './recordText';
import type { RecordPlace } from './trajectorySession';

/**
 * Opens the file of a record as text with the record's line selected. Where the file is too large for a text editor, the
 * log-file viewer shows it there; where it is no text, the command that prints the record is offered.
 */
export async function revealRecord({ file, index, bytes }: RecordPlace): Promise<void> {
  if (!isTextLog(file)) {
    void offerCommand(file, index, `${path.basename(file)} is a table that no text editor shows`);
    return;
  }
  const { size } = await stat(file);
  if (size > MAX_TEXT_BYTES) {
    await vscode.commands.executeCommand(COMMANDS.openLogFile, vscode.Uri.file(file), bytes);
    return;
  }
  const line = await lineOfByte(file, bytes.start);
  const selection = new vscode.Range(line, 0, line + 1, 0);
  // By command and not by openTextDocument: the text is for the person alone and need not reach this process.
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), 'default', { selection });
}

async function offerCommand(file: string, index: number, reason: string): Promise<void> {
  const command = showCommand(file, index, process.platform === 'win32');
  const chosen = await vscode.window.showInformationMessage(
    `${reason}; in a terminal, "${command}" prints the record.`,
    'Copy Command',
  );
  if (chosen !== undefined) await vscode.env.clipboard.writeText(command);
}
