import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { DisposableOwner } from '../../common/disposable';
import { errorMessage, ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { Channel } from '../../common/rpc';
import { openTrajectorySource } from '../../files/openSource';
import type { ByteRange, LogFileHostApi, LogFilePageApi } from '../../protocol/logFileView';
import { coalesce } from '../coalesce';
import { COMMANDS, CUSTOM_EDITORS } from '../contributions';
import { openChecked } from '../trajectories/openChecked';
import { localPath } from '../trajectories/openLogFile';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import type { WorkspaceTrust } from '../trust';
import { loadPage, shownToPerson } from '../webviewPage';
import { webviewPort } from '../webviewPort';
import { LogFileDocument } from './logFileDocument';
import type { LogFileActions } from './logFileSession';
import { LogFileSession } from './logFileSession';
import { openLog } from './openedLog';
import { RecordPlaces } from './recordPlaces';

/** Shortest time between two reports to a page, in milliseconds. */
const REPORT_INTERVAL = 100;
/** How long a viewer that was just asked for is waited for, in milliseconds. */
const OPEN_MS = 10_000;

/** What the viewers are made with. */
export interface LogFileServices {
  readonly extensionUri: vscode.Uri;
  /** The extension's own storage. */
  readonly storage: string;
  readonly trust: () => WorkspaceTrust;
  readonly trajectories: TrajectoryEditorProvider;
  /** Shows a step of a metric file, a local path, on its curves. */
  showStep(file: string, step: number): Promise<void>;
  readonly logger: Logger;
}

/** One open viewer. */
export interface LogFileEditor {
  readonly uri: vscode.Uri;
  readonly session: LogFileSession;
  /** Goes to bytes and marks them; a page that is still loading does it when it is there. */
  reveal(range: ByteRange): void;
}

/** Shows files as they are, of any size. Read-only; one log per document, one session per viewer. */
export class LogFileEditorProvider
  extends DisposableOwner
  implements vscode.CustomReadonlyEditorProvider<LogFileDocument>
{
  private readonly documents = new Set<LogFileDocument>();
  private readonly open = new Map<vscode.WebviewPanel, LogFileEditor & Disposable>();

  constructor(private readonly services: LogFileServices) {
    super();
    this.own(
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const document of this.documents) document.source.catch(() => document.reopen());
      }),
    );
    this.own(
      vscode.window.registerCustomEditorProvider(CUSTOM_EDITORS.logFile, this, {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
  }

  /** Every viewer that is open, in the order of opening. */
  get editors(): readonly LogFileEditor[] {
    return [...this.open.values()];
  }

  /** Opens a file, or the viewer that shows it already, at some bytes. */
  async show(uri: vscode.Uri, range?: ByteRange): Promise<LogFileEditor> {
    await vscode.commands.executeCommand('vscode.openWith', uri, CUSTOM_EDITORS.logFile);
    const editor = await this.find(uri);
    if (range) editor.reveal(range);
    return editor;
  }

  /** The viewer of a file, the active one first; the editor may not have made it yet. */
  private async find(uri: vscode.Uri): Promise<LogFileEditor> {
    for (const start = Date.now(); Date.now() - start < OPEN_MS;) {
      const found = [...this.open].filter(([, editor]) => editor.uri.toString() === uri.toString());
      const chosen = found.find(([panel]) => panel.active) ?? found.at(-1);
      if (chosen) return chosen[1];
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new ImcotError('internal', `${uri.fsPath} was not opened.`);
  }

  openCustomDocument(uri: vscode.Uri): LogFileDocument {
    const { trust, logger, extensionUri } = this.services;
    const file = localPath(uri);
    const document: LogFileDocument = new LogFileDocument(
      uri,
      file,
      () =>
        openLog(file, {
          open: (name) => openChecked(name, trust),
          workerPath: vscode.Uri.joinPath(extensionUri, 'dist', 'logWorker.js').fsPath,
          logger,
        }),
      () => this.documents.delete(document),
    );
    this.documents.add(document);
    return document;
  }

  resolveCustomEditor(document: LogFileDocument, panel: vscode.WebviewPanel): void {
    const { extensionUri, logger } = this.services;
    const name = path.posix.basename(document.uri.path);
    const behind = {
      name,
      onDidReopen: document.onDidReopen,
      get opened() {
        return document.source;
      },
    };
    const session = new LogFileSession(behind, this.actionsOf(document));
    const channel = new Channel<LogFilePageApi>(webviewPort(panel.webview), pageMethods(session, logger));
    // What is posted to a hidden page is lost; when it is shown again it is loaded anew and asks.
    const tell = (call: () => Promise<void>): void => {
      if (session.isDisposed || !panel.visible) return;
      call().catch((thrown: unknown) => logger.debug(`The page did not answer: ${errorMessage(thrown)}`));
    };
    const report = coalesce(REPORT_INTERVAL, (view: Parameters<LogFilePageApi['changed']>[0]) =>
      tell(() => channel.remote.changed(view)),
    );
    const found = coalesce(REPORT_INTERVAL, (view: Parameters<LogFilePageApi['searched']>[0]) =>
      tell(() => channel.remote.searched(view)),
    );
    const owned: Disposable[] = [
      session,
      channel,
      report,
      found,
      session.onDidChange((view) => report.push(view)),
      session.onDidSearch((view) => found.push(view)),
    ];
    const dispose = (): void => {
      this.open.delete(panel);
      for (const disposable of owned) disposable.dispose();
    };
    this.open.set(panel, {
      uri: document.uri,
      session,
      reveal: (range) => {
        session.wantReveal(range);
        tell(async () => {
          await channel.remote.reveal(range);
          session.revealed(range);
        });
      },
      dispose,
    });
    panel.onDidDispose(dispose);
    loadPage(panel.webview, { extensionUri, name: 'logFile', title: name });
  }

  private actionsOf({ uri, file }: LogFileDocument): LogFileActions {
    const { trajectories, storage, trust, logger, extensionUri, showStep } = this.services;
    return {
      copy: async (text) => vscode.env.clipboard.writeText(text),
      openRecord: async (index) => {
        await vscode.commands.executeCommand('vscode.openWith', uri, CUSTOM_EDITORS.trajectory);
        const isIt = (editor: { readonly uri: vscode.Uri }): boolean =>
          editor.uri.toString() === uri.toString();
        trajectories.editors.find(isIt)?.show(index);
      },
      showStep: async (step) => {
        if (file !== undefined) await showStep(file, step);
      },
      openOther: async (editor) => {
        if (editor === 'trajectories')
          await vscode.commands.executeCommand('vscode.openWith', uri, CUSTOM_EDITORS.trajectory);
        else await vscode.commands.executeCommand(COMMANDS.showDynamics, uri);
      },
      records: () =>
        new RecordPlaces(() =>
          openTrajectorySource([file ?? uri.fsPath], {
            index: 'worker',
            workerPath: vscode.Uri.joinPath(extensionUri, 'dist', 'indexWorker.js').fsPath,
            // The trajectory editor's own, so that what it has indexed serves here.
            sidecarFolder: path.join(storage, 'index'),
            logger,
            openFile: (name) => openChecked(name, trust),
          }),
        ),
    };
  }

  override dispose(): void {
    super.dispose();
    for (const editor of [...this.open.values()]) editor.dispose();
    for (const document of [...this.documents]) document.dispose();
  }
}

/** The methods that a page may call, and no others: the channel takes any name that the object has. */
function pageMethods(session: LogFileSession, logger: Logger): LogFileHostApi {
  const shown = <T>(work: Promise<T>): Promise<T> => shownToPerson(work, logger);
  return {
    ready: () => session.ready(),
    rows: (offset, before, count) => session.rows(offset, before, count),
    text: (start, end) => session.text(start, end),
    search: (query, from) => session.search(query, from),
    stopSearch: () => session.stopSearch(),
    clearSearch: () => session.clearSearch(),
    nearest: (offset, forward) => session.nearest(offset, forward),
    matches: (start, end) => session.matches(start, end),
    goTo: (target) => session.goTo(target),
    copy: (start, end) => shown(session.copy(start, end)),
    openRecord: (start) => shown(session.openRecord(start)),
    showStep: (start) => shown(session.showStep(start)),
    openOther: (editor) => shown(session.openOther(editor)),
  };
}
