import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import type { Logger } from '../../common/logger';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import type { WorkspaceTrust } from '../trust';
import { curvesOfLog, nameOfLog } from './curvesOfLog';
import { DynamicsEditors } from './dynamicsEditors';
import type { DynamicsPage } from './dynamicsPage';
import { metricLogsNear } from './metricLogsNear';
import { OpenedPanels } from './openedPanels';
import { RolloutLinks } from './rolloutLinks';

/** The curves of this window: opens them, and finds those of a log of rollouts. */
export class Dynamics implements Disposable {
  constructor(
    private readonly open: DynamicsEditors,
    private readonly links: RolloutLinks,
    private readonly trust: () => WorkspaceTrust,
  ) {}

  /** Every page that is open, in the order of opening. */
  get editors(): readonly DynamicsPage[] {
    return this.open.editors;
  }

  /** Shows the curves of local files or folders. */
  async show(paths: readonly string[]): Promise<DynamicsPage | undefined> {
    return this.open.show(paths);
  }

  /**
   * Shows the curves of the run that wrote a log of rollouts, beside it.
   * @param step is marked on them
   */
  async showCurvesOf(log: string, step?: number): Promise<void> {
    const paths = await curvesOfLog(log, {
      open: (logs) => this.showing(logs),
      linked: (logs) => this.links.sourcesOf(logs),
      near: (name) => metricLogsNear(name, this.trust()),
    });
    const page = await this.open.show(paths, vscode.ViewColumn.Beside);
    if (step !== undefined) page?.showStep(step);
  }

  /** What is open and shows the rollouts of one of these logs. */
  private async showing(logs: readonly string[]): Promise<readonly (readonly string[])[]> {
    const found: (readonly string[])[] = [];
    for (const { document } of this.editors) {
      const { view } = document;
      if (view.status !== 'ready') continue;
      const remote = await document.remote();
      for (const run of view.runs) {
        if (!run.rollouts || !logs.some((log) => path.basename(log) === run.rollouts?.name)) continue;
        const of = await remote.rolloutPaths(run.id);
        if ([nameOfLog(of), ...of].some((file) => logs.includes(file))) found.unshift(document.paths);
      }
    }
    return found;
  }

  dispose(): void {
    this.open.dispose();
  }
}

/** The parts of the curves' editors, put together. */
export function createDynamics(
  context: vscode.ExtensionContext,
  trajectories: TrajectoryEditorProvider,
  trust: () => WorkspaceTrust,
  logger: Logger,
): Dynamics {
  const links = new RolloutLinks(context.workspaceState);
  const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
  const editors = new DynamicsEditors({
    extensionUri: context.extensionUri,
    workerPath: vscode.Uri.joinPath(context.extensionUri, 'dist', 'dynamicsWorker.js').fsPath,
    cacheFolder: path.join(storage, 'curves'),
    links,
    panels: new OpenedPanels(context.workspaceState),
    trajectories,
    trust,
    logger,
  });
  return new Dynamics(editors, links, trust);
}
