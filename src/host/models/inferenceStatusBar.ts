import * as vscode from 'vscode';
import { DisposableOwner } from '../../common/disposable';
import { COMMANDS } from '../contributions';
import type { InferenceService } from './inferenceService';
import { statusText } from './inferenceState';

/** Shows the local model in the status bar while there is one, or when one failed. */
export class InferenceStatusBar extends DisposableOwner {
  private item: vscode.StatusBarItem | undefined;

  constructor(private readonly inference: InferenceService) {
    super();
    this.own(inference.onDidChange(() => this.update()));
  }

  private update(): void {
    const status = statusText(this.inference.state);
    if (!status) {
      this.item?.hide();
      return;
    }
    this.item ??= this.create();
    this.item.text = status.text;
    this.item.tooltip = status.tooltip;
    this.item.backgroundColor = status.warning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    this.item.show();
  }

  private create(): vscode.StatusBarItem {
    const item = this.own(vscode.window.createStatusBarItem('model', vscode.StatusBarAlignment.Right, 100));
    item.name = 'iMCoT Model';
    item.command = COMMANDS.modelActions;
    return item;
  }
}
