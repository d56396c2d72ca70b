import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableOwner } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { CompareTarget } from '../../compare/compareApi';
import type { Side } from '../../protocol/compareView';
import { WEBVIEW_PANELS } from '../contributions';
import type { OpenedPanels } from '../dynamics/openedPanels';
import { localPath, openLogFile } from '../trajectories/openLogFile';
import { OpenedSource } from '../trajectories/openedSource';
import { revealRecord } from '../trajectories/revealRecord';
import type { TrajectoryEditorProvider, TrajectoryEditorServices } from '../trajectories/trajectoryEditor';
import { TrajectorySession } from '../trajectories/trajectorySession';
import { checkMayRead } from '../trust';
import { loadPage } from '../webviewPage';
import type { ComparedUris } from './comparedLogs';
import { filesOf, namesOf, titleOf } from './comparedLogs';
import { ComparePage } from './comparePage';
import { CompareSession } from './compareSession';

/** What the panels are made with: as the trajectory editors, and what those are needed for. */
export interface ComparePanelsServices extends Omit<TrajectoryEditorServices, 'showInCurves'> {
  readonly trajectories: TrajectoryEditorProvider;
  readonly panels: OpenedPanels;
}

/** Panels that show two logs side by side, and survive a reload of the window. */
export class ComparePanels extends DisposableOwner implements vscode.WebviewPanelSerializer {
  private readonly pages = new Set<ComparePage>();

  constructor(private readonly services: ComparePanelsServices) {
    super();
    this.own(vscode.window.registerWebviewPanelSerializer(WEBVIEW_PANELS.compare, this));
    this.own(
      services.places.onDidChange(() => {
        for (const page of this.pages) page.imagesChanged();
      }),
    );
    // Whatever was refused for want of trust can be read now.
    this.own(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const { session } of this.pages) if (session.view.status === 'error') void session.again();
      }),
    );
  }

  /** Every panel that is open, in the order of opening. */
  get editors(): readonly ComparePage[] {
    return [...this.pages];
  }

  /**
   * Shows two logs side by side, in the panel that has them already where there is one.
   * @throws ImcotError `usage` for a log and itself; `input` for logs that are not on this machine
   */
  async show(uris: ComparedUris): Promise<ComparePage> {
    const [a, b] = [filesOf(uris.a), filesOf(uris.b)];
    if (a.join('\n') === b.join('\n'))
      throw new ImcotError(
        'usage',
        `${path.basename(a[0] ?? '')} would be compared with itself. Choose another log.`,
      );
    const { panels } = this.services;
    const id = panels.idOf(keysOf(uris));
    const known = this.editors.find((page) => panels.idOf(keysOf(page.uris)) === id);
    if (known) {
      known.panel.reveal(known.panel.viewColumn);
      return known;
    }
    // Before the panel is there: the state of its page is worth nothing without it.
    await panels.remember(keysOf(uris));
    const { Active } = vscode.ViewColumn;
    return this.fill(vscode.window.createWebviewPanel(WEBVIEW_PANELS.compare, titleOf(uris), Active), uris);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const [a, b] = this.services.panels.pathsOf(state) ?? [];
    if (a !== undefined && b !== undefined)
      this.fill(panel, { a: vscode.Uri.parse(a), b: vscode.Uri.parse(b) });
    // Nothing tells what it was: rather no panel than an empty one.
    else panel.dispose();
  }

  private fill(panel: vscode.WebviewPanel, uris: ComparedUris): ComparePage {
    const { extensionUri, places, trajectories, panels, logger } = this.services;
    const session = new CompareSession({
      names: namesOf(uris),
      workerPath: vscode.Uri.joinPath(extensionUri, 'dist', 'compareWorker.js').fsPath,
      target: () => this.target(uris),
    });
    const page: ComparePage = new ComparePage({
      panel,
      uris,
      session,
      logs: { a: this.logOf(panel, uris.a), b: this.logOf(panel, uris.b) },
      trajectories,
      chooseImageFolder: () => places.choose(),
      logger,
      onDispose: () => this.pages.delete(page),
    });
    this.pages.add(page);
    panel.title = titleOf(uris);
    loadPage(panel.webview, {
      extensionUri,
      name: 'compare',
      title: panel.title,
      opened: panels.idOf(keysOf(uris)),
    });
    return page;
  }

  /** The rollouts of one log, opened when the first is looked at. */
  private logOf(panel: vscode.WebviewPanel, uri: vscode.Uri): TrajectorySession {
    const { files, images, places, logger } = this.services;
    const opened = new OpenedSource(() => openLogFile(uri, files));
    panel.onDidDispose(() => opened.dispose());
    const none = (): Promise<never> =>
      Promise.reject(new ImcotError('internal', 'Curves are shown from the trajectory editor.'));
    const actions = { chooseImageFolder: () => places.choose(), revealRecord, showInCurves: none };
    return new TrajectorySession(opened, images.of(localPath(uri)), actions, logger);
  }

  private async target(uris: ComparedUris): Promise<CompareTarget> {
    const target: Record<Side, readonly string[]> = { a: filesOf(uris.a), b: filesOf(uris.b) };
    const trust = this.services.files.trust();
    for (const file of [...target.a, ...target.b]) await checkMayRead(file, trust);
    return target;
  }

  override dispose(): void {
    super.dispose();
    for (const page of this.editors) page.dispose();
  }
}

const keysOf = ({ a, b }: ComparedUris): readonly string[] => [a.toString(), b.toString()];
