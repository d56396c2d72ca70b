import * as vscode from 'vscode';
import { errorCode, errorMessage, ImcotError } from '../../common/errors';
import { parseServerAddress } from '../../inference/openai/serverAddress';
import { listServerModels } from '../../launch/listServerModels';
import { changeList } from './changeList';
import { SETTINGS } from '../contributions';
import { oneLine, withoutIcons } from '../foreignText';
import { withServer } from './modelLists';
import type { ServerKeys } from './serverKeys';
import { checkKey } from './serverKeys';

/** In place of a model's name: whichever the server has. */
const ANY = Symbol('any model');

interface ModelChoice extends vscode.QuickPickItem {
  readonly model: string | typeof ANY;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Asks for a server's address, key and model, and adds it to the settings; the key goes to the secret storage.
 * @throws ImcotError `denied` in a restricted workspace, `usage` when it is in the list already
 */
export async function addServer(keys: ServerKeys): Promise<void> {
  if (!vscode.workspace.isTrusted) {
    const message = 'This workspace is not trusted, so no server is asked. Trust the workspace to add one.';
    throw new ImcotError('denied', message);
  }
  const address = await askAddress();
  if (address === undefined) return;
  const kept = await keys.get(address);
  const empty = kept === undefined ? 'Empty: none is needed.' : 'Empty: the one that is kept stays.';
  const typed = await askKey('Add Server (2/3): Key', address, empty);
  if (typed === undefined) return;
  const model = await askModel(address, typed === '' ? kept : typed);
  if (model === undefined) return;
  const server = { name: nameOf(address, model), address, ...(model !== ANY && { model }) };
  await changeList(SETTINGS.servers, (list) => withServer(list, server));
  if (typed !== '') await keys.set(address, typed);
}

/**
 * Asks for the key of a server.
 * @param empty says what nothing typed means
 * @returns what was typed; undefined when the person changed their mind
 */
export async function askKey(title: string, address: string, empty: string): Promise<string | undefined> {
  const { origin } = parseServerAddress(address);
  const url = new URL(origin);
  const isOpen = url.protocol === 'http:' && !LOOPBACK.test(url.hostname);
  const typed = await vscode.window.showInputBox({
    title,
    prompt: `The key for ${origin}, kept in the editor's secret storage. ${empty}`,
    password: true,
    ignoreFocusOut: true,
    validateInput: (text) => {
      const refusal = text.trim() === '' ? undefined : refusalOf(() => checkKey(text.trim()));
      if (refusal !== undefined || text.trim() === '' || !isOpen) return refusal;
      const message = 'The address begins with http://, so others on the way can read the key.';
      return { message, severity: vscode.InputBoxValidationSeverity.Warning };
    },
  });
  return typed?.trim();
}

async function askAddress(): Promise<string | undefined> {
  const typed = await vscode.window.showInputBox({
    title: 'Add Server (1/3): Address',
    prompt: 'Nothing but this address is ever contacted.',
    placeHolder: 'http://127.0.0.1:8000/v1',
    ignoreFocusOut: true,
    validateInput: (text) => (text.trim() === '' ? undefined : refusalOf(() => parseServerAddress(text))),
  });
  return typed?.trim() || undefined;
}

/** Asks the server for its models, and the person for one of them; where the server can't tell, the person can. */
async function askModel(address: string, key: string | undefined): Promise<ModelChoice['model'] | undefined> {
  const title = 'Add Server (3/3): Model';
  const names = await serverModels(address, key);
  if (names === undefined) return undefined;
  if (typeof names === 'string') return typeModel(title, names);
  const choices: ModelChoice[] = names.map((name) => ({ label: withoutIcons(oneLine(name)), model: name }));
  if (names.length === 1)
    choices.push({ label: 'Its only model', description: 'whichever it has when it is asked', model: ANY });
  const chosen = await vscode.window.showQuickPick(choices, {
    title,
    placeHolder: "Which of the server's models?",
    ignoreFocusOut: true,
  });
  return chosen?.model;
}

/** The names, or the reason why there are none; undefined when the person stopped it. */
async function serverModels(
  address: string,
  key: string | undefined,
): Promise<string[] | string | undefined> {
  const { origin } = parseServerAddress(address);
  const progress = { location: vscode.ProgressLocation.Notification, cancellable: true };
  const title = `iMCoT: asking ${origin} for its models`;
  return vscode.window.withProgress({ ...progress, title }, async (_, cancellation) => {
    const stop = new AbortController();
    cancellation.onCancellationRequested(() => stop.abort());
    try {
      const names = await listServerModels({
        address,
        signal: stop.signal,
        ...(key !== undefined && { key }),
      });
      return names.length > 0 ? names : 'It lists no model.';
    } catch (thrown) {
      return errorCode(thrown) === 'cancelled' ? undefined : errorMessage(thrown);
    }
  });
}

async function typeModel(title: string, reason: string): Promise<ModelChoice['model'] | undefined> {
  const typed = await vscode.window.showInputBox({
    title,
    prompt: `${oneLine(reason)} Type the model's name, or leave it empty for the server's only one.`,
    ignoreFocusOut: true,
  });
  return typed === undefined ? undefined : typed.trim() || ANY;
}

function nameOf(address: string, model: ModelChoice['model']): string {
  const last = model === ANY ? undefined : model.split('/').findLast((part) => part !== '');
  return last ?? new URL(parseServerAddress(address).origin).host;
}

function refusalOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (thrown) {
    return errorMessage(thrown);
  }
}
