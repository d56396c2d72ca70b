import type * as vscode from 'vscode';
import path from 'node:path';

/** Environment variable that the `imcot` launchers take their JavaScript runtime from. */
export const NODE_VARIABLE = 'IMCOT_NODE';

/**
 * Puts `imcot` on the PATH of the integrated terminal: the folder of the launchers in front, and beside it the program
 * that runs them, which is the extension host's own (an editor's executable acts as plain Node for the launchers, so no
 * Node needs to be installed).
 */
export function contributeTerminalPath(context: vscode.ExtensionContext): void {
  const environment = context.environmentVariableCollection;
  // The collection outlives the extension host: an older version's folder must not stay in front.
  environment.clear();
  environment.description = 'Adds the `imcot` command to the terminal.';
  const folder = path.join(context.extensionPath, 'dist', 'bin');
  // A shell's start-up files often set PATH anew, so the change is made again once they have run.
  const options = { applyAtProcessCreation: true, applyAtShellIntegration: true };
  environment.prepend('PATH', folder + path.delimiter, options);
  environment.replace(NODE_VARIABLE, process.execPath);
}
