import * as vscode from 'vscode';
import type { Logger } from '../../common/logger';
import { openServer } from '../../launch/openServer';
import { SETTINGS } from '../contributions';
import type { InferenceService } from './inferenceService';
import { ModelCatalogue } from './modelCatalogue';
import type { SettingValue } from './modelSettings';
import { readModelFolders } from './modelSettings';
import { ServerKeys } from './serverKeys';
import { readServers } from './serverSettings';

/** What a window has of models beside the local one's memory. */
export interface Models {
  readonly catalogue: ModelCatalogue;
  readonly keys: ServerKeys;
}

/** The models of this window. Nothing is searched or asked before somebody wants to see them. */
export function createModels(
  context: vscode.ExtensionContext,
  inference: InferenceService,
  logger: Logger,
): Models {
  const keys = new ServerKeys(context.secrets);
  const setting: SettingValue = (name) => vscode.workspace.getConfiguration().get<unknown>(name);
  const catalogue = new ModelCatalogue({
    inference,
    demoFolder: vscode.Uri.joinPath(context.extensionUri, 'media', 'demo', 'model').fsPath,
    folders: () => readModelFolders(setting),
    servers: () => readServers(setting),
    trusted: () => vscode.workspace.isTrusted,
    openServer: async ({ address, model }, signal) => {
      const key = await keys.get(address);
      return openServer({
        address,
        signal,
        logger,
        ...(model !== undefined && { model }),
        ...(key !== undefined && { key }),
      });
    },
  });
  context.subscriptions.push(
    catalogue,
    keys.onDidChange((address) => catalogue.forgetAddress(address)),
    vscode.workspace.onDidGrantWorkspaceTrust(() => catalogue.refresh()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      const about = [SETTINGS.modelFolders, SETTINGS.servers];
      if (about.some((name) => change.affectsConfiguration(name))) catalogue.refresh();
    }),
  );
  return { catalogue, keys };
}
