import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import type { Logger } from '../../common/logger';
import type { ByteRange } from '../../protocol/logFileView';
import { registerCommand } from '../commands';
import { COMMANDS } from '../contributions';
import { resourceOf } from '../resourceOf';
import type { LogFileEditorProvider } from './logFileEditor';

/** Registers the command that shows a file as it is. */
export function registerLogFileCommands(viewers: LogFileEditorProvider, logger: Logger): Disposable {
  return registerCommand(
    COMMANDS.openLogFile,
    (resource, place) => openLogFile(viewers, resource, place),
    logger,
  );
}

/** The resource that a menu or a caller passes, else the file of the active tab, else what a person picks. */
async function openLogFile(viewers: LogFileEditorProvider, resource: unknown, place: unknown): Promise<void> {
  const uri = resourceOf(resource) ?? activeFile() ?? (await pick());
  if (uri) await viewers.show(uri, rangeOf(place));
}

/** Bytes that a caller passes; a menu passes a list of resources there. */
function rangeOf(value: unknown): ByteRange | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { start, end } = value as Record<string, unknown>;
  const isPlace = (offset: unknown): offset is number =>
    Number.isSafeInteger(offset) && (offset as number) >= 0;
  return isPlace(start) && isPlace(end) && end >= start ? { start, end } : undefined;
}

function activeFile(): vscode.Uri | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isFile = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  return isFile ? input.uri : undefined;
}

async function pick(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({ openLabel: 'Open', title: 'Log file' });
  return picked?.[0];
}
