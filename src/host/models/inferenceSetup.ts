import * as vscode from 'vscode';
import path from 'node:path';
import type { Logger } from '../../common/logger';
import { startInferenceProcess } from '../../inference/onnx/process/inferenceProcess';
import { withoutLinks } from '../foreignText';
import type { ModelLease } from './inferenceLease';
import { ModelLeases } from './inferenceLease';
import { InferenceService } from './inferenceService';
import { readModelSettings } from './modelSettings';

/** Local inference of this window. Nothing is started or read before somebody asks for a model. */
export function createInference(context: vscode.ExtensionContext, logger: Logger): InferenceService {
  // One place for all windows: they share the quantised weights, and see each other's models.
  const storage = context.globalStorageUri.fsPath;
  const workerPath = context.asAbsolutePath(path.join('dist', 'inferenceWorker.js'));
  return new InferenceService({
    logger,
    cacheFolder: path.join(storage, 'quantised'),
    platform: `${process.platform}-${process.arch}`,
    leases: new ModelLeases(path.join(storage, 'models')),
    settings: () => readModelSettings((name) => vscode.workspace.getConfiguration().get<unknown>(name)),
    trusted: () => vscode.workspace.isTrusted,
    start: (nodeExecutable) =>
      startInferenceProcess({
        workerPath,
        logger,
        ...(nodeExecutable === undefined ? {} : { nodeExecutable }),
      }),
    confirm: askToLoadTwice,
  });
}

async function askToLoadTwice(lease: ModelLease, model: string): Promise<boolean> {
  const gigabytes = (lease.weightBytes / 1e9).toFixed(1);
  const since = new Date(lease.since).toLocaleTimeString();
  const load = 'Load Anyway';
  const chosen = await vscode.window.showWarningMessage(
    `iMCoT: another window has had ${withoutLinks(model)} in memory since ${since}. ` +
      `Loading it here as well takes its memory a second time (weights of ${gigabytes} GB).`,
    load,
    'Cancel',
  );
  return chosen === load;
}
