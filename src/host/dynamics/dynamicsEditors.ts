import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableOwner } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import type { DynamicsTarget } from '../../dynamics/dynamicsApi';
import { startDynamics } from '../../dynamics/dynamicsClient';
import { CUSTOM_EDITORS, WEBVIEW_PANELS } from '../contributions';
import { retryWhenChanged } from '../trajectories/fileChange';
import { localPath } from '../trajectories/openLogFile';
import type { RetryOpening } from '../trajectories/openedSource';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import type { WorkspaceTrust } from '../trust';
import { checkMayRead } from '../trust';
import { loadPage } from '../webviewPage';
import type { CurvesDocumentOptions } from './curvesDocument';
import { CurvesDocument } from './curvesDocument';
import { DynamicsPage } from './dynamicsPage';
import type { DynamicsActions } from './dynamicsSession';
import type { OpenedPanels } from './openedPanels';
import { revealPlace } from './revealPlace';
import { chooseRollouts, openRollouts } from './rolloutActions';
import type { RolloutLinks } from './rolloutLinks';
import { savePicture, saveTable } from './saveFiles';

/** What the editors are made with. */
export interface DynamicsServices {
  readonly extensionUri: vscode.Uri;
  /** The built `dynamicsWorker.js`. */
  readonly workerPath: string;
  /** Where curves that were worked out are kept. */
  readonly cacheFolder: string;
  readonly links: RolloutLinks;
  readonly panels: OpenedPanels;
  readonly trajectories: TrajectoryEditorProvider;
  readonly trust: () => WorkspaceTrust;
  readonly logger: Logger;
}

/** What is on another file system is refused whatever becomes of it. */
const NO_RETRY: RetryOpening = { beginning: () => undefined, failed: () => undefined };

/** Curves that are open as the editor of a file. */
export class DynamicsDocument extends CurvesDocument implements vscode.CustomDocument {
  constructor(
    readonly uri: vscode.Uri,
    options: CurvesDocumentOptions,
  ) {
    super(options);
  }
}

/** Opens metrics as curves: a file in a custom editor, folders and several files in a panel that survives a reload. */
export class DynamicsEditors
  extends DisposableOwner
  implements vscode.CustomReadonlyEditorProvider<DynamicsDocument>, vscode.WebviewPanelSerializer
{
  private readonly documents = new Set<CurvesDocument>();
  private readonly pages = new Set<DynamicsPage>();

  constructor(private readonly services: DynamicsServices) {
    super();
    // Whatever was refused, or left out, for want of trust can be read now.
    this.own(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const document of this.documents) document.reload();
      }),
    );
    this.own(
      vscode.window.registerCustomEditorProvider(CUSTOM_EDITORS.dynamics, this, {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
    this.own(vscode.window.registerWebviewPanelSerializer(WEBVIEW_PANELS.dynamics, this));
  }

  /** Every page that is open, in the order of opening. */
  get editors(): readonly DynamicsPage[] {
    return [...this.pages];
  }

  openCustomDocument(uri: vscode.Uri): DynamicsDocument {
    const file = localPath(uri);
    const options = file === undefined ? this.refusal(uri) : this.options([file]);
    const document = new DynamicsDocument(uri, options);
    return this.keep(document);
  }

  resolveCustomEditor(document: DynamicsDocument, panel: vscode.WebviewPanel): void {
    this.load(document, panel, path.posix.basename(document.uri.path));
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const paths = this.services.panels.pathsOf(state);
    if (paths) this.fill(panel, paths);
    // Nothing tells what it was: rather no panel than an empty one.
    else panel.dispose();
  }

  /**
   * Shows curves, in the editor that has them already where there is one.
   * @param paths local files or folders
   */
  async show(
    paths: readonly string[],
    viewColumn = vscode.ViewColumn.Active,
  ): Promise<DynamicsPage | undefined> {
    const [first] = paths;
    if (first === undefined) return undefined;
    const known = this.pageOf(paths);
    if (known) known.panel.reveal(known.panel.viewColumn);
    else if (paths.length === 1 && !(await isFolder(first))) {
      const options = { viewColumn, preview: false };
      await vscode.commands.executeCommand(
        'vscode.openWith',
        vscode.Uri.file(first),
        CUSTOM_EDITORS.dynamics,
        options,
      );
    } else await this.openPanel(paths, viewColumn);
    return this.pageOf(paths);
  }

  private pageOf(paths: readonly string[]): DynamicsPage | undefined {
    const { panels } = this.services;
    const id = panels.idOf(paths);
    return this.editors.find(({ document }) => panels.idOf(document.paths) === id);
  }

  private async openPanel(paths: readonly string[], column: vscode.ViewColumn): Promise<void> {
    // Before the panel is there: the state of its page is worth nothing without it.
    await this.services.panels.remember(paths);
    this.fill(vscode.window.createWebviewPanel(WEBVIEW_PANELS.dynamics, titleOf(paths), column), paths);
  }

  private fill(panel: vscode.WebviewPanel, paths: readonly string[]): void {
    const document = this.keep(new CurvesDocument(this.options(paths)));
    panel.title = titleOf(paths);
    const closing = panel.onDidDispose(() => {
      closing.dispose();
      document.dispose();
    });
    this.load(document, panel, panel.title, this.services.panels.idOf(paths));
  }

  private keep<T extends CurvesDocument>(document: T): T {
    this.documents.add(document);
    return document;
  }

  private load(document: CurvesDocument, panel: vscode.WebviewPanel, title: string, opened?: string): void {
    const { extensionUri, logger } = this.services;
    const onDispose = (): void => void this.pages.delete(page);
    const actions = this.actions(document.paths);
    const page = new DynamicsPage({ panel, document, actions, logger, onDispose });
    this.pages.add(page);
    loadPage(panel.webview, {
      extensionUri,
      name: 'dynamics',
      title,
      ...(opened !== undefined && { opened }),
    });
  }

  private actions(paths: readonly string[]): DynamicsActions {
    const { links, trust, trajectories } = this.services;
    const [opened = ''] = paths;
    return {
      chooseRollouts: (source) => chooseRollouts(source, links, trust()),
      openRollouts: (step, records) => openRollouts(trajectories, step, records),
      reveal: revealPlace,
      savePicture: (kind, bytes) => savePicture(opened, kind, bytes),
      saveTable: (read) => saveTable(opened, read),
    };
  }

  private options(paths: readonly string[]): CurvesDocumentOptions {
    const { workerPath, logger } = this.services;
    const [first = ''] = paths;
    return {
      paths,
      target: () => this.target(paths),
      start: () => startDynamics({ workerPath, logger }),
      retry: retryWhenChanged(first),
      onDispose: (document) => this.documents.delete(document),
      logger,
    };
  }

  private refusal(uri: vscode.Uri): CurvesDocumentOptions {
    const refuse = (): Promise<never> =>
      Promise.reject(
        new ImcotError(
          'input',
          `Curves are drawn of files on this machine: through "${uri.scheme}:" they can't be followed. Open the file ` +
            'where it is, for example over Remote - SSH, or save a copy.',
        ),
      );
    return { ...this.options([]), target: refuse, paths: [], retry: NO_RETRY };
  }

  private async target(paths: readonly string[]): Promise<DynamicsTarget> {
    const { links, cacheFolder } = this.services;
    const trust = this.services.trust();
    for (const target of paths) await checkMayRead(target, trust);
    const readable: Record<string, string> = {};
    for (const [source, log] of links.all) {
      const isAllowed = await checkMayRead(log, trust).then(
        () => true,
        () => false,
      );
      if (isAllowed) readable[source] = log;
    }
    return {
      paths,
      cacheFolder,
      links: readable,
      follow: true,
      ...(!trust.trusted && { within: trust.folders }),
    };
  }

  override dispose(): void {
    super.dispose();
    for (const page of this.editors) page.dispose();
    for (const document of [...this.documents]) document.dispose();
  }
}

async function isFolder(target: string): Promise<boolean> {
  return stat(target).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** 'run1', or 'run1 and 2 more'. */
function titleOf(paths: readonly string[]): string {
  const [first = ''] = paths;
  const more = paths.length - 1;
  return `${path.basename(first)}${more > 0 ? ` and ${more} more` : ''}`;
}
