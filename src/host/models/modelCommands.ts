import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import type { Logger } from '../../common/logger';
import { registerCommand } from '../commands';
import { COMMANDS, VIEWS } from '../contributions';
import { addModel } from './modelAdd';
import type { ModelCatalogue, ServerEntry } from './modelCatalogue';
import type { ModelEntry } from './modelEntry';
import { pickModel } from './modelPick';
import { removeFolder, removeModel } from './modelRemove';
import type { Models } from './modelSetup';
import { askKey } from './serverAdd';
import type { ServerKeys } from './serverKeys';

/** Registers what can be done with models, from the tree's menus and from the palette. */
export function registerModelCommands({ catalogue, keys }: Models, logger: Logger): Disposable[] {
  const load = async (given: unknown): Promise<void> => {
    const entry = await entryOf(given, catalogue, ({ status }) => status === 'none' || status === 'failed');
    await vscode.window.withProgress({ location: { viewId: VIEWS.models } }, () => catalogue.load(entry));
  };
  const withUsed = (act: (entry: ModelEntry) => unknown) => async (given: unknown) => {
    await act(await entryOf(given, catalogue, ({ status }) => status !== 'none'));
  };
  return [
    registerCommand(COMMANDS.addModel, (given) => addModel(given, keys), logger),
    registerCommand(COMMANDS.removeModel, (given) => remove(given, catalogue, keys), logger),
    registerCommand(COMMANDS.setServerKey, (given) => setKey(given, catalogue, keys), logger),
    registerCommand(COMMANDS.loadModel, load, logger),
    registerCommand(COMMANDS.connectServer, load, logger),
    registerCommand(
      COMMANDS.stopModel,
      withUsed((entry) => catalogue.stop(entry)),
      logger,
    ),
    registerCommand(
      COMMANDS.disconnectServer,
      withUsed((entry) => catalogue.unload(entry)),
      logger,
    ),
    registerCommand(COMMANDS.refreshModels, () => Promise.resolve(catalogue.refresh()), logger),
  ];
}

/** What a menu passes, where it is still there; else what the person chooses among the models that fit. */
async function entryOf(
  given: unknown,
  catalogue: ModelCatalogue,
  fits: (state: ReturnType<ModelCatalogue['stateOf']>, entry: ModelEntry) => boolean,
): Promise<ModelEntry> {
  const entries = await catalogue.list();
  const { id } = (given ?? {}) as Partial<ModelEntry>;
  const known = id === undefined ? undefined : entries.find((entry) => entry.id === id);
  return (
    known ??
    pickModel(
      entries.filter((entry) => fits(catalogue.stateOf(entry), entry)),
      catalogue,
    )
  );
}

async function remove(given: unknown, catalogue: ModelCatalogue, keys: ServerKeys): Promise<void> {
  // A row that says what is wrong with a folder.
  const { message, folder } = (given ?? {}) as Record<string, unknown>;
  if (typeof message === 'string' && typeof folder === 'string') return removeFolder(folder);
  await removeModel(await entryOf(given, catalogue, (_, { kind }) => kind !== 'demo'), catalogue, keys);
}

async function setKey(given: unknown, catalogue: ModelCatalogue, keys: ServerKeys): Promise<void> {
  const { address } = (await entryOf(given, catalogue, (_, { kind }) => kind === 'server')) as ServerEntry;
  const isKept = (await keys.get(address)) !== undefined;
  const empty = isKept ? 'Empty: the one that is kept is forgotten.' : 'None is kept yet.';
  const key = await askKey('Key of the Server', address, empty);
  if (key !== undefined) await keys.set(address, key);
}
