// For tests inside the editor: dialogs that a test answers, since nobody sits before them.
import path from 'node:path';
import * as vscode from 'vscode';

/** What is answered. */
export interface DialogAnswers {
  /** Label of the row to pick. */
  readonly pick: string;
  /** Absolute path of the file to save. */
  readonly save: string;
  /** Takes the messages that are shown. */
  readonly said?: string[];
}

/** Does something while every dialog is answered, as if a person did. */
export async function answering<T>(
  { pick, save, said = [] }: DialogAnswers,
  work: () => Thenable<T>,
): Promise<T> {
  const { showQuickPick, showSaveDialog, showErrorMessage, showInformationMessage } = vscode.window;
  const saying = (words: string): Promise<undefined> => {
    said.push(words);
    return Promise.resolve(undefined);
  };
  Object.assign(vscode.window, {
    showQuickPick: (items: readonly vscode.QuickPickItem[]) =>
      Promise.resolve(items.find(({ label }) => label === pick)),
    showSaveDialog: () => Promise.resolve(vscode.Uri.file(path.resolve(save))),
    showErrorMessage: saying,
    showInformationMessage: saying,
  });
  try {
    return await work();
  } finally {
    Object.assign(vscode.window, { showQuickPick, showSaveDialog, showErrorMessage, showInformationMessage });
  }
}
