import type { InferenceService } from './models/inferenceService';
import type { ModelCatalogue } from './models/modelCatalogue';
import type { ComparePanels } from './compare/comparePanels';
import type { Dynamics } from './dynamics/dynamics';
import type { LogFileEditor } from './logFile/logFileEditor';
import type { Rollouts } from './rollouts/rollouts';
import type { TrajectoryEditor } from './trajectories/trajectoryEditor';
import type { ModelTree } from './models/modelTree';
import type { RunsSearch } from './runs/runsSearch';
import type { RunTree } from './runs/runTree';

/** What other code of this window may ask of the extension; the integration tests do. */
export interface ExtensionApi {
  /** The open trajectory editors, in the order of opening. */
  readonly editors: () => readonly TrajectoryEditor[];
  /** The open curves. */
  readonly dynamics: Dynamics;
  /** The open panels of two logs. */
  readonly comparisons: Pick<ComparePanels, 'editors'>;
  /** The open log-file viewers, in the order of opening. */
  readonly logFiles: () => readonly LogFileEditor[];
  /** The local model of this window. */
  readonly inference: InferenceService;
  /** The models that a person can choose. */
  readonly models: ModelCatalogue;
  /** The tree that shows them. */
  readonly modelTree: Pick<ModelTree, 'getChildren' | 'getTreeItem'>;
  /** The logs of the workspace as a tree, and the search for them. */
  readonly runs: { readonly tree: Pick<RunTree, 'getChildren' | 'getTreeItem'>; readonly search: RunsSearch };
  /** The rollouts that go on. */
  readonly rollouts: Rollouts;
}
