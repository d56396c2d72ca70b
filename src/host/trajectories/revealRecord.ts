import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { lineOfByte, MAX_TEXT_BYTES, showCommand } from './recordText';
import type { RecordPlace } from './trajectorySession';

/**
 * Opens the file of a record as text with the record's line selected. Where the file is too large for a text editor,
 * says at which byte the record stands and offers the command that prints it.
 */
export async function revealRecord({ file, index, bytes }: RecordPlace): Promise<void> {
  const { size } = await stat(file);
  if (size > MAX_TEXT_BYTES) {
    void offerCommand(file, index, bytes.start, size);
    return;
  }
  const line = await lineOfByte(file, bytes.start);
  const selection = new vscode.Range(line, 0, line + 1, 0);
  // By command and not by openTextDocument: the text is for the person alone and need not reach this process.
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), 'default', { selection });
}

async function offerCommand(file: string, index: number, start: number, size: number): Promise<void> {
  const command = showCommand(file, index, process.platform === 'win32');
  const megabytes = Math.round(size / (1024 * 1024)).toLocaleString('en');
  const chosen = await vscode.window.showInformationMessage(
    `Record ${index} begins at byte ${start.toLocaleString('en')} of ${path.basename(file)}. With ${megabytes} MB the file is ` +
      `too large for a text editor; in a terminal, "${command}" prints the record.`,
    'Copy Command',
  );
  if (chosen !== undefined) await vscode.env.clipboard.writeText(command);
}
