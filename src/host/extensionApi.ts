import type { InferenceService } from './models/inferenceService';
import type { ModelCatalogue } from './models/modelCatalogue';
import type { Dynamics } from './dynamics/dynamics';
import type { LogFileEditor } from './logFile/logFileEditor';
import type { Rollouts } from './rollouts/rollouts';
import type { TrajectoryEditor } from './trajectories/trajectoryEditor';
import type { ModelTree } from './models/modelTree';

/** What other code of this window may ask of the extension; the integration tests do. */
export interface ExtensionApi {
  /** The open trajectory editors, in the order of opening. */
  readonly editors: () => readonly TrajectoryEditor[];
  /** The open curves. */
  readonly dynamics: Dynamics;
  /** The open log-file viewers, in the order of opening. */
  readonly logFiles: () => readonly LogFileEditor[];
  /** The local model of this window. */
  readonly inference: InferenceService;
  /** The models that a person can choose. */
  readonly models: ModelCatalogue;
  /** The tree that shows them. */
  readonly modelTree: Pick<ModelTree, 'getChildren' | 'getTreeItem'>;
  /** The rollouts that go on. */
  readonly rollouts: Rollouts;
}
