import * as vscode from 'vscode';
import { DisposableOwner } from '../../common/disposable';
import { COMMANDS, CONTEXT_KEYS, VIEWS } from '../contributions';
import { asMarkdownText } from '../foreignText';
import type { CatalogueProblem, ModelCatalogue } from './modelCatalogue';
import type { ModelEntry } from './modelEntry';
import type { ModelItem } from './modelItem';
import { modelItem, problemItem } from './modelItem';

/** A row of the tree: a model, or what is wrong with the settings. */
export type ModelRow = ModelEntry | CatalogueProblem;

/** True for the rows that are models. */
export const isModel = (row: ModelRow): row is ModelEntry => 'kind' in row;

const RESTRICTED = 'This workspace is restricted: no model is run and no server is asked until you trust it.';

/** The tree *Models*: each model of the catalogue with its state. Folders are searched when the tree is first shown. */
export class ModelTree extends DisposableOwner implements vscode.TreeDataProvider<ModelRow> {
  private readonly changed = this.own(new vscode.EventEmitter<ModelRow | undefined>());
  private readonly view: vscode.TreeView<ModelRow>;
  private rows: readonly ModelRow[] = [];
  /** What each row looked like when it was last given to the editor, by its id. */
  private readonly shown = new Map<string, string>();

  readonly onDidChangeTreeData = this.changed.event;

  constructor(private readonly catalogue: ModelCatalogue) {
    super();
    this.view = this.own(vscode.window.createTreeView(VIEWS.models, { treeDataProvider: this }));
    this.own(catalogue.onDidChange((what) => (what === 'list' ? this.refresh() : this.updateRows())));
    this.updateMessage();
  }

  /** Without a row: all of them, found anew. */
  async getChildren(row?: ModelRow): Promise<ModelRow[]> {
    if (row) return [];
    const { entries, problems } = await this.catalogue.scan();
    this.rows = [...entries, ...problems];
    this.shown.clear();
    // Before that an empty tree means nothing, and nobody is to be told that there are no models.
    void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.modelsListed, true);
    return [...this.rows];
  }

  getTreeItem(row: ModelRow): vscode.TreeItem {
    const item = this.itemOf(row);
    this.shown.set(item.id, JSON.stringify(item));
    return treeItem(item, row);
  }

  private refresh(): void {
    this.updateMessage();
    this.changed.fire(undefined);
  }

  /** Draws the rows again that would look otherwise by now. */
  private updateRows(): void {
    for (const row of this.rows) {
      const item = this.itemOf(row);
      const before = this.shown.get(item.id);
      if (before !== undefined && before !== JSON.stringify(item)) this.changed.fire(row);
    }
  }

  private updateMessage(): void {
    this.view.message = vscode.workspace.isTrusted ? '' : RESTRICTED;
  }

  private itemOf(row: ModelRow): ModelItem {
    return isModel(row) ? modelItem(row, this.catalogue.stateOf(row)) : problemItem(row);
  }
}

function treeItem(item: ModelItem, row: ModelRow): vscode.TreeItem {
  const shown = new vscode.TreeItem(item.label);
  shown.id = item.id;
  shown.description = item.description;
  shown.iconPath = new vscode.ThemeIcon(
    item.icon.name,
    item.icon.color === undefined ? undefined : new vscode.ThemeColor(item.icon.color),
  );
  shown.contextValue = item.context;
  shown.accessibilityInformation = { label: item.spoken };
  shown.tooltip = tooltipOf(item);
  if (/\.(none|failed)$/.test(item.context)) {
    const server = item.context.startsWith('server');
    const command = server ? COMMANDS.connectServer : COMMANDS.loadModel;
    shown.command = { command, title: server ? 'Connect' : 'Load Model', arguments: [row] };
  }
  return shown;
}

/** Names and reasons come from folders and servers: nothing in them is Markdown. */
function tooltipOf({ label, facts }: ModelItem): vscode.MarkdownString {
  const lines = facts.map(([title, text]) => (title === '' ? '' : `${title}: `) + asMarkdownText(text));
  return new vscode.MarkdownString([`**${asMarkdownText(label)}**`, ...lines].join('\n\n'));
}
