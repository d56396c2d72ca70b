import * as vscode from 'vscode';
import { DisposableOwner } from '../../common/disposable';
import { errorMessage } from '../../common/errors';
import { COMMANDS, CONTEXT_KEYS, VIEWS } from '../contributions';
import { asMarkdownText } from '../foreignText';
import type { RunItem } from './runItem';
import { isLive, runItem } from './runItem';
import type { RunTreeRow } from './runRows';
import { rowsOfGroup, rowsOfStep, runRows } from './runRows';
import type { RunsSearch } from './runsSearch';

const RESTRICTED = 'This workspace is restricted: only its own folders are searched until you trust it.';
/** When rows are drawn again to see what is no longer being written, in milliseconds. */
const LOOK_AGAIN_MS = 30_000;

/** The tree *Runs*: the logs of the workspace by the runs that wrote them. They are searched while the tree is in view. */
export class RunTree extends DisposableOwner implements vscode.TreeDataProvider<RunTreeRow> {
  private readonly changed = this.own(new vscode.EventEmitter<undefined>());
  private readonly view: vscode.TreeView<RunTreeRow>;
  private shown = '';
  private progress: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly search: RunsSearch) {
    super();
    this.view = this.own(
      vscode.window.createTreeView(VIEWS.runs, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.own(search.onDidChange(() => this.update()));
    this.own(this.view.onDidChangeVisibility(({ visible }) => search.show(visible)));
    if (this.view.visible) search.show(true);
    this.updateFrame();
  }

  /** Without a row: the first level, once something is known. */
  async getChildren(row?: RunTreeRow): Promise<RunTreeRow[]> {
    if (row) return this.below(row);
    // Who asks wants to see it; the view tells of that only when it changes.
    this.search.show(true);
    while (!this.search.logs && !this.isDisposed) await this.nextChange();
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.runsListed, true);
    return [...this.rows()];
  }

  private async below(row: RunTreeRow): Promise<RunTreeRow[]> {
    if (row.kind === 'group') return [...rowsOfGroup(row)];
    if (row.kind !== 'step') return 'children' in row ? [...row.children] : [];
    try {
      return [...rowsOfStep(row, await this.search.rolloutsOf(row.log, row.step))];
    } catch (thrown) {
      return [{ kind: 'problem', path: '', reason: errorMessage(thrown) }];
    }
  }

  getTreeItem(row: RunTreeRow): vscode.TreeItem {
    return treeItem(runItem(row, Date.now()), row);
  }

  override dispose(): void {
    clearInterval(this.timer);
    this.progress?.();
    super.dispose();
  }

  private rows(): readonly RunTreeRow[] {
    const { logs, roots } = this.search;
    return logs ? runRows(logs, roots) : [];
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const subscription = this.own(
        this.search.onDidChange(() => {
          subscription.dispose();
          resolve();
        }),
      );
    });
  }

  private update(): void {
    this.updateFrame();
    const now = JSON.stringify([this.rows(), this.live()]);
    if (now === this.shown) return;
    this.shown = now;
    this.changed.fire(undefined);
  }

  private live(): number {
    return (this.search.logs?.logs ?? []).filter((log) => isLive(log, Date.now())).length;
  }

  /** What stands around the rows: message, badge, and the bar that says that something goes on. */
  private updateFrame(): void {
    const { failure, logs } = this.search;
    this.view.message = failure ?? (vscode.workspace.isTrusted ? '' : RESTRICTED);
    const live = this.live();
    const tooltip = live === 1 ? 'A log is being written' : `${live} logs are being written`;
    this.view.badge = live > 0 ? { value: live, tooltip } : undefined;
    const isWorking = logs?.status === 'counting' && failure === undefined;
    if (isWorking && !this.progress) {
      const ended = new Promise<void>((end) => (this.progress = end));
      void vscode.window.withProgress({ location: { viewId: VIEWS.runs } }, () => ended);
    } else if (!isWorking) {
      this.progress?.();
      this.progress = undefined;
    }
    clearInterval(this.timer);
    if (live > 0) this.timer = setInterval(() => this.update(), LOOK_AGAIN_MS).unref();
  }
}

function treeItem(item: RunItem, row: RunTreeRow): vscode.TreeItem {
  const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
  const state = item.isOpen === undefined ? None : item.isOpen ? Expanded : Collapsed;
  const shown = new vscode.TreeItem(item.label, state);
  shown.id = item.id;
  shown.description = item.description;
  shown.iconPath = new vscode.ThemeIcon(
    item.icon.name,
    item.icon.color === undefined ? undefined : new vscode.ThemeColor(item.icon.color),
  );
  shown.contextValue = item.context;
  shown.accessibilityInformation = { label: item.spoken };
  shown.tooltip = tooltipOf(item);
  if (row.kind === 'log' || row.kind === 'step' || row.kind === 'group' || row.kind === 'rollout')
    shown.command = { command: COMMANDS.openRun, title: 'Open', arguments: [row] };
  return shown;
}

/** Names and reasons come from folders and logs: nothing in them is Markdown. */
function tooltipOf({ label, facts }: RunItem): vscode.MarkdownString {
  const lines = facts.map(([title, text]) => (title === '' ? '' : `${title}: `) + asMarkdownText(text));
  return new vscode.MarkdownString([`**${asMarkdownText(label)}**`, ...lines].join('\n\n'));
}
