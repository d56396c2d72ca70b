import type * as vscode from 'vscode';
import { DisposableOwner, toDisposable } from '../../common/disposable';
import { errorMessage } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { Channel } from '../../common/rpc';
import type { DynamicsHostApi, DynamicsPageApi, DynamicsView } from '../../protocol/dynamicsView';
import { coalesce } from '../coalesce';
import { shownToPerson } from '../webviewPage';
import { webviewPort } from '../webviewPort';
import type { CurvesDocument } from './curvesDocument';
import type { DynamicsActions } from './dynamicsSession';
import { DynamicsSession } from './dynamicsSession';

/** Shortest time between two reports of a document's view to a page, in milliseconds. */
const VIEW_INTERVAL = 250;

/** What a page is made with. */
export interface DynamicsPageOptions {
  readonly panel: vscode.WebviewPanel;
  readonly document: CurvesDocument;
  readonly actions: DynamicsActions;
  readonly logger: Logger;
  onDispose(): void;
}

/** A page over a document, in a panel: what is told to it, and what it asks. */
export class DynamicsPage extends DisposableOwner {
  readonly session: DynamicsSession;
  private readonly channel: Channel<DynamicsPageApi>;
  /** Whether the page that is loaded now has said that it listens. */
  private listens = false;
  /** A step that the page is to show when it listens and there are curves. */
  private step: number | undefined;

  readonly panel: vscode.WebviewPanel;
  readonly document: CurvesDocument;
  private readonly logger: Logger;

  constructor({ panel, document, actions, logger, onDispose }: DynamicsPageOptions) {
    super();
    this.panel = panel;
    this.document = document;
    this.logger = logger;
    this.own(toDisposable(onDispose));
    this.session = new DynamicsSession(document, actions, () => {
      this.listens = true;
      // After the answer, which the page waits for.
      setTimeout(() => this.tellStep(), 0);
    });
    this.channel = this.own(
      new Channel<DynamicsPageApi>(webviewPort(panel.webview), pageMethods(this.session, logger)),
    );
    const report = this.own(
      coalesce(VIEW_INTERVAL, (view: DynamicsView) => {
        this.tell(() => this.channel.remote.changed(view));
        this.tellStep();
      }),
    );
    this.own(document.onDidChange((view) => report.push(view)));
    this.own(
      panel.onDidChangeViewState(() => {
        // A hidden page is gone: what is shown later is loaded anew, and asks. One that was only covered is told.
        if (!panel.visible) this.listens = false;
        else report.push(document.view);
      }),
    );
    const own = panel.onDidDispose(() => this.dispose());
    this.own(toDisposable(() => own.dispose()));
  }

  /** Marks a step on the curves, once there are some. */
  showStep(step: number): void {
    this.step = step;
    this.tellStep();
  }

  private tellStep(): void {
    const { step } = this;
    if (step === undefined || !this.listens || this.document.view.status !== 'ready') return;
    this.tell(async () => {
      this.step = undefined;
      await this.channel.remote.changed(this.document.view);
      await this.channel.remote.showStep(step);
    });
  }

  /** What is posted to a hidden page is lost, and its answer would be waited for as long as the editor is open. */
  private tell(call: () => Promise<void>): void {
    if (this.isDisposed || !this.panel.visible) return;
    call().catch((thrown: unknown) => this.logger.debug(`The page did not answer: ${errorMessage(thrown)}`));
  }
}

/** The methods that a page may call, and no others: the channel takes any name that the object has. */
function pageMethods(session: DynamicsSession, logger: Logger): DynamicsHostApi {
  const shown = <T>(work: Promise<T>): Promise<T> => shownToPerson(work, logger);
  return {
    ready: () => session.ready(),
    curves: (request) => session.curves(request),
    stageCards: (run, boundaries) => session.stageCards(run, boundaries),
    zoomHeat: (run, x, range, columns) => session.zoomHeat(run, x, range, columns),
    table: (curves, start, end) => session.table(curves, start, end),
    stepRollouts: (run, step) => session.stepRollouts(run, step),
    openRollouts: (run, step) => shown(session.openRollouts(run, step)),
    linkRollouts: (run) => shown(session.linkRollouts(run)),
    revealPoint: (curve, step) => shown(session.revealPoint(curve, step)),
    savePicture: (kind, content) => shown(session.savePicture(kind, content)),
    saveTable: (curves) => shown(session.saveTable(curves)),
    reload: () => session.reload(),
  };
}
