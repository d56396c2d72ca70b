import * as vscode from 'vscode';

/**
 * The resource that a menu passes to a command: an address, or a row of the tree of runs, which stands for a file or a
 * folder on this machine.
 */
export function resourceOf(given: unknown): vscode.Uri | undefined {
  if (given instanceof vscode.Uri) return given;
  if (typeof given !== 'object' || given === null) return undefined;
  const { kind, log } = given as { readonly kind?: unknown; readonly log?: { readonly path?: unknown } };
  const isRow = kind === 'log' || kind === 'step';
  return isRow && typeof log?.path === 'string' ? vscode.Uri.file(log.path) : undefined;
}
