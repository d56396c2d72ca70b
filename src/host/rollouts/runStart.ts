import type * as vscode from 'vscode';
import type { Logger } from '../../common/logger';
import { reportError } from '../commands';
import type { DemoScenes } from './demoScenes';
import { DEMO_NOTE } from './demoScenes';
import type { LogImages } from '../images/logImages';
import type { ModelCatalogue } from '../models/modelCatalogue';
import type { ModelEntry } from '../models/modelEntry';
import { pictureName } from './rolloutPicture';
import type { RolloutRequest, Rollouts, StartedRun } from './rollouts';
import type { RunHistory } from './runHistory';
import { notifyOfRun } from './runNotification';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';

/** What the commands that run rollouts act on. */
export interface RunCommandServices {
  readonly context: vscode.ExtensionContext;
  readonly rollouts: Rollouts;
  readonly catalogue: ModelCatalogue;
  readonly editors: TrajectoryEditorProvider;
  readonly images: LogImages;
  readonly logger: Logger;
}

/** `RunCommandServices` with what is made of them once. */
export interface RunServicesOfWindow extends RunCommandServices {
  readonly history: RunHistory;
  readonly scenes: DemoScenes;
}

/**
 * Begins a run, remembers what was asked, and shows how it goes.
 * @throws ImcotError as `Rollouts.start`
 */
export async function startRun(
  { rollouts, history, scenes, logger }: RunServicesOfWindow,
  request: RolloutRequest,
): Promise<StartedRun> {
  const note = noteOn(request.model, request, scenes);
  if (note !== undefined) logger.info(`${pictureName(request.picture)}: ${note}`);
  const started = await rollouts.start({ ...request, ...(note !== undefined && { note }) });
  await history.add(request.question.question, request.model.id);
  notifyOfRun(started, pictureName(request.picture), note, logger).catch((thrown: unknown) => {
    reportError(thrown, logger);
  });
  return started;
}

function noteOn(model: ModelEntry, { picture }: RolloutRequest, scenes: DemoScenes): string | undefined {
  if (model.kind !== 'demo') return undefined;
  return picture.kind === 'file' && scenes.has(picture.path) ? undefined : DEMO_NOTE;
}
