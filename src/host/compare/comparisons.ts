import type * as vscode from 'vscode';
import { WORKSPACE_STATE } from '../contributions';
import { OpenedPanels } from '../dynamics/openedPanels';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import { registerCompareCommands } from './compareCommands';
import type { ComparePanelsServices } from './comparePanels';
import { ComparePanels } from './comparePanels';

/** The panels that compare logs, with their command. */
export function createComparisons(
  context: vscode.ExtensionContext,
  services: Omit<ComparePanelsServices, 'trajectories' | 'panels'>,
  trajectories: TrajectoryEditorProvider,
): ComparePanels {
  const panels = new ComparePanels({
    ...services,
    trajectories,
    panels: new OpenedPanels(context.workspaceState, WORKSPACE_STATE.openedComparisons),
  });
  context.subscriptions.push(panels, registerCompareCommands(panels, trajectories, services.logger));
  return panels;
}
