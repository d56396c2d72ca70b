import * as vscode from 'vscode';
import { registerInferenceCommands } from './host/models/inferenceCommands';
import { createInference } from './host/models/inferenceSetup';
import { InferenceStatusBar } from './host/models/inferenceStatusBar';
import { registerModelCommands } from './host/models/modelCommands';
import { createModels } from './host/models/modelSetup';
import { ModelTree } from './host/models/modelTree';
import type { ExtensionApi } from './host/extensionApi';
import { contributeTerminalPath } from './host/terminalPath';
import { channelLogger } from './host/log';
import { createComparisons } from './host/compare/comparisons';
import { createDynamics } from './host/dynamics/dynamics';
import { registerDynamicsCommands } from './host/dynamics/dynamicsCommands';
import { createLogFiles } from './host/logFile/logFiles';
import { registerLogCommands } from './host/trajectories/logCommands';
import { createRollouts } from './host/rollouts/rolloutSetup';
import { createRuns } from './host/runs/runSetup';
import { registerRunCommands } from './host/rollouts/runCommands';
import { LogImages } from './host/images/logImages';
import { TrajectoryEditorProvider } from './host/trajectories/trajectoryEditor';
import { WorkspaceImages } from './host/images/workspaceImages';

/** The object graph, in the order in which the parts need each other. */
export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const channel = vscode.window.createOutputChannel('iMCoT', { log: true });
  const logger = channelLogger(channel);
  const places = new WorkspaceImages(context.workspaceState);
  const images = new LogImages(places);
  const services = {
    extensionUri: context.extensionUri,
    files: {
      workerPath: vscode.Uri.joinPath(context.extensionUri, 'dist', 'indexWorker.js').fsPath,
      // A window without a folder has no storage of its own.
      storage: (context.storageUri ?? context.globalStorageUri).fsPath,
      logger,
      trust: () => places.trust,
    },
    places,
    images,
    logger,
    showInCurves: (log: string, step: number) => dynamics.showCurvesOf(log, step),
  };
  const editors = new TrajectoryEditorProvider(services);
  const comparisons = createComparisons(context, services, editors);
  const dynamics = createDynamics(context, editors, () => places.trust, logger);
  const viewers = createLogFiles(context, editors, dynamics, () => places.trust, logger);
  const inference = createInference(context, logger);
  const models = createModels(context, inference, logger);
  const { catalogue } = models;
  const rollouts = createRollouts(context, editors, catalogue, logger);
  contributeTerminalPath(context);
  context.subscriptions.push(channel, places, images, editors, inference, new InferenceStatusBar(inference));
  context.subscriptions.push(dynamics, registerDynamicsCommands(dynamics, editors, logger));
  context.subscriptions.push(...registerLogCommands({ editors, places, channel, logger }));
  context.subscriptions.push(...registerInferenceCommands(inference, logger));
  const modelTree = new ModelTree(catalogue);
  context.subscriptions.push(modelTree, ...registerModelCommands(models, logger));
  context.subscriptions.push(
    ...registerRunCommands({ context, rollouts, catalogue, editors, images, logger }),
  );
  const runs = createRuns(context, { editors, dynamics, trust: () => places.trust, logger });
  context.subscriptions.push(...runs.owned);
  return {
    editors: () => editors.editors,
    dynamics,
    comparisons,
    logFiles: () => viewers.editors,
    inference,
    models: catalogue,
    modelTree,
    runs,
    rollouts,
  };
}
