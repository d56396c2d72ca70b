import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import { openCheckpoint } from '../../inference/onnx/checkpoint/openCheckpoint';
import { changeList } from './changeList';
import { SETTINGS } from '../contributions';
import { findCheckpoints } from './modelFolders';
import { withFolder } from './modelLists';
import { absoluteFolder } from './modelSettings';
import { addServer } from './serverAdd';
import type { ServerKeys } from './serverKeys';

interface Choice extends vscode.QuickPickItem {
  readonly add: () => Promise<void>;
}

/**
 * Asks for a model and writes it into the person's settings; a server's key goes to the secret storage.
 * @param given `folder`, `server` or the folder itself, where it is known
 * @throws ImcotError for what can't be added; nothing is written then
 */
export async function addModel(given: unknown, keys: ServerKeys): Promise<void> {
  if (given instanceof vscode.Uri) return addFolder(given.fsPath);
  if (given === 'folder') return chooseFolder();
  if (given === 'server') return addServer(keys);
  const choices: Choice[] = [
    {
      label: '$(package) Checkpoint Folder...',
      detail:
        'Qwen2.5-VL in the Hugging Face layout, or a folder that holds such folders. Runs on this machine.',
      add: chooseFolder,
    },
    {
      label: '$(server) Server...',
      detail: 'vLLM, SGLang, llama-server, transformers serve, or another OpenAI-compatible server.',
      add: () => addServer(keys),
    },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: 'Add Model',
    placeHolder: 'Where is the model?',
  });
  await chosen?.add();
}

async function chooseFolder(): Promise<void> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      title: 'Folder of a Qwen2.5-VL checkpoint',
      openLabel: 'Add Model',
    })) ?? [];
  if (uri) await addFolder(uri.fsPath);
}

/** @throws ImcotError saying what the folder lacks */
async function addFolder(folder: string): Promise<void> {
  const { checkpoints, problem } = await findCheckpoints(folder);
  if (checkpoints.length === 0) throw new ImcotError('input', problem ?? `${folder} holds no checkpoint.`);
  // One that is added by itself is looked at closely now, so that it is not refused later.
  if (checkpoints[0] === folder) await openCheckpoint(folder);
  await changeList(SETTINGS.modelFolders, (list) => withFolder(list, folder, absoluteFolder));
}
