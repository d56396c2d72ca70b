import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { DisposableOwner } from '../../common/disposable';
import { errorMessage, ImcotError } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Logger } from '../../common/logger';
import type { RemoteApi } from '../../common/rpc';
import { Channel } from '../../common/rpc';
import type { TrajectorySource } from '../../readers/trajectorySource';
import type { RowFilter } from '../../protocol/listView';
import type { TrajectoryHostApi, TrajectoryPageApi } from '../../protocol/trajectoryView';
import { CUSTOM_EDITORS, SETTINGS } from '../contributions';
import type { ImageAccess } from '../images/imageAccess';
import type { LogImages } from '../images/logImages';
import { saveCrop } from '../images/saveCrop';
import type { LogFileSettings } from './openLogFile';
import { ListRows } from './listRows';
import { localPath, openLogFile } from './openLogFile';
import { revealRecord } from './revealRecord';
import { filesOfQuery } from './filesOfLog';
import { checkMayRead } from '../trust';
import { coalesce } from '../coalesce';
import { TrajectoryDocument } from './trajectoryDocument';
import type { SessionActions } from './trajectorySession';
import { TrajectorySession } from './trajectorySession';
import { loadPage, shownToPerson } from '../webviewPage';
import { webviewPort } from '../webviewPort';
import type { WorkspaceImages } from '../images/workspaceImages';

/** Shortest time between two reports of a source's state to a page, in milliseconds. */
const STATE_INTERVAL = 100;

/** One open editor: the page's session, and the resource that it shows. */
export interface TrajectoryEditor {
  readonly uri: vscode.Uri;
  readonly session: TrajectorySession;
  /** Where it stands; undefined while it is not in view. */
  readonly column: vscode.ViewColumn | undefined;
  /** The log behind it; rejects when it could not be opened. */
  readonly source: Promise<TrajectorySource>;
  /** The images of the log, as far as they may be read. */
  readonly images: ImageAccess;
  /** Selects a record on the page; one that is hidden, or still being loaded, does it as soon as it listens. */
  show(index: number): void;
  /** Narrows the list to some records; a hidden page does it when it is shown. */
  showOnly(filter: RowFilter): void;
}

/** What the editors are made with. */
export interface TrajectoryEditorServices {
  readonly extensionUri: vscode.Uri;
  readonly files: LogFileSettings;
  readonly places: WorkspaceImages;
  readonly images: LogImages;
  readonly logger: Logger;
  /** Shows a step of a log of rollouts, a local path, on the curves of its training run. */
  showInCurves(log: string, step: number): Promise<void>;
}

/** Opens logs as trajectories. Read-only; one source per document, one session per editor. */
export class TrajectoryEditorProvider
  extends DisposableOwner
  implements vscode.CustomReadonlyEditorProvider<TrajectoryDocument>
{
  private readonly documents = new Set<TrajectoryDocument>();
  private readonly open = new Map<vscode.WebviewPanel, TrajectoryEditor & Disposable>();
  private readonly closed = this.own(new Emitter<vscode.Uri>());

  /** The last editor of a log was closed. */
  readonly onDidClose: Event<vscode.Uri> = this.closed.event;

  constructor(private readonly services: TrajectoryEditorServices) {
    super();
    // Whatever was refused for want of trust can be opened now.
    this.own(vscode.workspace.onDidGrantWorkspaceTrust(() => this.reopenRefused()));
    this.own(
      vscode.window.registerCustomEditorProvider(CUSTOM_EDITORS.trajectory, this, {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
  }

  /** Every editor that is open, in the order of opening. */
  get editors(): readonly TrajectoryEditor[] {
    return [...this.open.values()];
  }

  /** The editor that a person is in. */
  get active(): TrajectoryEditor | undefined {
    for (const [panel, editor] of this.open) if (panel.active) return editor;
    return undefined;
  }

  openCustomDocument(uri: vscode.Uri): TrajectoryDocument {
    const document: TrajectoryDocument = new TrajectoryDocument(
      uri,
      localPath(uri),
      () => openLogFile(uri, this.services.files),
      () => {
        this.documents.delete(document);
        this.closed.fire(uri);
      },
    );
    this.documents.add(document);
    return document;
  }

  resolveCustomEditor(document: TrajectoryDocument, panel: vscode.WebviewPanel): void {
    const { extensionUri, images, places, logger } = this.services;
    const { webview } = panel;
    const access = images.of(document.file);
    const session = new TrajectorySession(document, access, this.actionsOf(document), logger);
    const list = this.listOf(document, session);
    const methods = pageMethods(session, list, logger, document.file, () => goThere());
    const channel = new Channel<TrajectoryPageApi>(webviewPort(webview), methods);
    // What is posted to a hidden page is lost, and its answer would be waited for as long as the editor is open.
    const tell = (call: () => Promise<void>): void => {
      if (session.isDisposed || !panel.visible) return;
      call().catch((thrown: unknown) => logger.debug(`The page did not answer: ${errorMessage(thrown)}`));
    };
    const goThere = (): void => {
      if (session.wantedRecord !== undefined) tell(() => goToWanted(session, channel.remote));
    };
    const report = coalesce(STATE_INTERVAL, (state: Parameters<TrajectoryPageApi['sourceChanged']>[0]) =>
      tell(() => channel.remote.sourceChanged(state)),
    );
    const owned = [
      session,
      channel,
      report,
      list,
      list.onReading((reading) => tell(() => channel.remote.listReading(reading))),
      session.onDidChangeSource((state) => report.push(state)),
      places.onDidChange(() => {
        session.forgetImages();
        tell(() => channel.remote.imagesChanged());
      }),
      // A page that is shown again is loaded anew and asks for the state; one that was only covered is told.
      panel.onDidChangeViewState(() => {
        if (panel.visible) void session.ready().then((state) => report.push(state));
      }),
    ];
    const dispose = (): void => {
      this.open.delete(panel);
      for (const disposable of owned) disposable.dispose();
    };
    this.open.set(panel, {
      uri: document.uri,
      session,
      images: access,
      get column() {
        return panel.viewColumn;
      },
      get source() {
        return document.source;
      },
      show: (index) => {
        session.wantShown(index);
        goThere();
      },
      showOnly: (filter) => {
        session.showOnly(filter);
        tell(() => channel.remote.showOnly(filter));
      },
      dispose,
    });
    panel.onDidDispose(dispose);
    loadPage(webview, { extensionUri, name: 'trajectory', title: path.posix.basename(document.uri.path) });
  }

  private actionsOf(document: TrajectoryDocument): SessionActions {
    return {
      chooseImageFolder: () => this.services.places.choose(),
      revealRecord,
      showInCurves: (step: number) => this.showInCurves(document, step),
      defaultFormula: () =>
        vscode.workspace.getConfiguration(undefined, document.uri).get<string>(SETTINGS.rewardFormula),
    };
  }

  /** The list's table is read by the paths that the source was opened by. */
  private listOf(document: TrajectoryDocument, session: TrajectorySession): ListRows {
    const { files, logger, extensionUri } = this.services;
    return new ListRows({
      workerPath: vscode.Uri.joinPath(extensionUri, 'dist', 'rowsWorker.js').fsPath,
      cacheFolder: path.join(files.storage, 'index'),
      logger,
      paths: async () => {
        const { name } = await document.source;
        if (document.file === undefined) return [name];
        const paths = filesOfQuery(document.file, document.uri.query);
        await Promise.all(paths.map((file) => checkMayRead(file, files.trust())));
        return paths;
      },
      rowsIn: (ranges) => session.rowsIn(ranges),
      formula: () => session.formulaName,
      view: (index) => session.viewBeside(index),
    });
  }

  private async showInCurves({ file, uri }: TrajectoryDocument, step: number): Promise<void> {
    if (file === undefined)
      throw new ImcotError(
        'input',
        `Curves are drawn of files on this machine, and ${uri.toString()} is not.`,
      );
    await this.services.showInCurves(file, step);
  }

  private reopenRefused(): void {
    for (const document of this.documents) document.source.catch(() => document.reopen());
  }

  override dispose(): void {
    super.dispose();
    for (const editor of [...this.open.values()]) editor.dispose();
    for (const document of [...this.documents]) document.dispose();
  }
}

/** Leads a page that listens to the record that somebody wants to see on it. */
async function goToWanted(session: TrajectorySession, page: RemoteApi<TrajectoryPageApi>): Promise<void> {
  const index = session.wantedRecord;
  if (index === undefined) return;
  // The page can only select what it knows of, which may not be all of a file that is being indexed.
  await session.viewBeside(index).catch(() => session.wentTo(index));
  await page.sourceChanged(await session.ready());
  await page.show(index);
  session.wentTo(index);
}

/**
 * The methods that a page may call, and no others: the channel takes any name that the object has.
 * @param listens called when the page asks for a record: what it was told before, it may not have heard
 */
function pageMethods(
  session: TrajectorySession,
  list: ListRows,
  logger: Logger,
  file: string | undefined,
  listens: () => void,
): TrajectoryHostApi {
  const shown = <T>(work: Promise<T>): Promise<T> => shownToPerson(work, logger);
  return {
    ready: () => session.ready(),
    useFormula: (name) => session.useFormula(name),
    rows: (start, end) => session.rows(start, end),
    rowsIn: (ranges) => session.rowsIn(ranges),
    filter: () => session.filter(),
    clearFilter: () => session.clearFilter(),
    trajectory: (index) => {
      const asked = session.trajectory(index);
      listens();
      return asked;
    },
    image: (index, imageId, maxSide) => session.image(index, imageId, maxSide),
    imageRegion: (index, imageId, region, maxSide) => session.imageRegion(index, imageId, region, maxSide),
    seenImage: (index, imageId) => session.seenImage(index, imageId),
    saveImage: (index, imageId) =>
      shown(session.seenImage(index, imageId).then(({ name, bytes }) => saveCrop(file, name, bytes))),
    chooseImageFolder: () => shown(session.chooseImageFolder()),
    revealRecord: (index) => shown(session.revealRecord(index)),
    showInCurves: (index) => shown(session.showInCurves(index)),
    listQuery: (query) => list.listQuery(query),
    listRows: (result, start, end) => list.listRows(result, start, end),
    listPositionOf: (result, index) => list.listPositionOf(result, index),
    listValues: (field) => list.listValues(field),
    siblings: (index) => list.siblings(index),
    siblingBoxes: (index) => list.siblingBoxes(index),
    stopReading: () => list.stopReading(),
  };
}
