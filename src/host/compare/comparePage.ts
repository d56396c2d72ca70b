import type * as vscode from 'vscode';
import { DisposableOwner, toDisposable } from '../../common/disposable';
import { errorMessage } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { Channel } from '../../common/rpc';
import type { CompareHostApi, ComparePageApi, CompareView, Side } from '../../protocol/compareView';
import { coalesce } from '../coalesce';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import { checkIndex } from '../trajectories/pageRequests';
import type { TrajectorySession } from '../trajectories/trajectorySession';
import { shownToPerson } from '../webviewPage';
import { webviewPort } from '../webviewPort';
import type { ComparedUris } from './comparedLogs';
import { checkSide } from './compareRequests';
import type { CompareSession } from './compareSession';
import { showInEditor } from './showInEditor';

/** Shortest time between two reports of progress to a page, in milliseconds. */
const VIEW_INTERVAL = 100;

/** What a page is made with. */
export interface ComparePageOptions {
  readonly panel: vscode.WebviewPanel;
  readonly uris: ComparedUris;
  /** Owned by the page. */
  readonly session: CompareSession;
  /** What is known of the rollouts of each log; owned by the page. */
  readonly logs: Readonly<Record<Side, TrajectorySession>>;
  readonly trajectories: TrajectoryEditorProvider;
  chooseImageFolder(): Promise<boolean>;
  readonly logger: Logger;
  onDispose(): void;
}

/** A panel that shows two logs side by side: what is told to its page, and what it asks. */
export class ComparePage extends DisposableOwner {
  private readonly channel: Channel<ComparePageApi>;

  constructor(private readonly options: ComparePageOptions) {
    super();
    const { panel, session, logs, logger, onDispose } = options;
    this.own(toDisposable(onDispose));
    for (const owned of [session, logs.a, logs.b]) this.own(owned);
    this.channel = this.own(new Channel<ComparePageApi>(webviewPort(panel.webview), this.methods(logger)));
    const report = this.own(
      coalesce(VIEW_INTERVAL, (view: CompareView) => this.tell(() => this.channel.remote.changed(view))),
    );
    this.own(session.onDidChange((view) => report.push(view)));
    // A page that is shown again is loaded anew and asks; one that was only covered is told.
    const seen = panel.onDidChangeViewState(() => report.push(session.view));
    const closed = panel.onDidDispose(() => this.dispose());
    this.own(
      toDisposable(() => {
        seen.dispose();
        closed.dispose();
      }),
    );
  }

  get panel(): vscode.WebviewPanel {
    return this.options.panel;
  }

  get uris(): ComparedUris {
    return this.options.uris;
  }

  get session(): CompareSession {
    return this.options.session;
  }

  /** The rollouts of each log. */
  get logs(): Readonly<Record<Side, TrajectorySession>> {
    return this.options.logs;
  }

  /** Images may be found elsewhere now. */
  imagesChanged(): void {
    for (const log of Object.values(this.options.logs)) log.forgetImages();
    this.tell(() => this.channel.remote.imagesChanged());
  }

  /** Shows a rollout in the trajectory editor, beside this panel unless its log is open already. */
  async open(side: Side, index: number): Promise<void> {
    const uri = this.uris[checkSide(side)];
    const record = checkIndex(index);
    await showInEditor(this.options.trajectories, uri, record);
  }

  /** What is posted to a hidden page is lost, and its answer would be waited for as long as the panel is open. */
  private tell(call: () => Promise<void>): void {
    if (this.isDisposed || !this.panel.visible) return;
    call().catch((thrown: unknown) =>
      this.options.logger.debug(`The page did not answer: ${errorMessage(thrown)}`),
    );
  }

  /** The methods that a page may call, and no others: the channel takes any name that the object has. */
  private methods(logger: Logger): CompareHostApi {
    const { session, logs, chooseImageFolder } = this.options;
    const shown = <T>(work: Promise<T>): Promise<T> => shownToPerson(work, logger);
    return {
      ready: async () => session.view,
      again: () => session.again(),
      stop: () => session.stop(),
      query: (query) => session.query(query),
      rows: (result, start, end) => session.rows(result, start, end),
      trajectory: async (side, index) => logs[checkSide(side)].trajectory(index),
      image: async (side, index, id, maxSide) => logs[checkSide(side)].image(index, id, maxSide),
      imageRegion: async (side, index, id, region, maxSide) =>
        logs[checkSide(side)].imageRegion(index, id, region, maxSide),
      open: (side, index) => shown(this.open(side, index)),
      chooseImageFolder: () => shown(chooseImageFolder()),
    };
  }
}
