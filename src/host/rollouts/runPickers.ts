import * as vscode from 'vscode';
import path from 'node:path';
import { ImcotError } from '../../common/errors';
import type { DemoScene, DemoScenes } from './demoScenes';
import { withoutIcons } from '../foreignText';
import type { ModelEntry } from '../models/modelEntry';
import type { RunHistory } from './runHistory';
import { lastUsedFirst } from './runHistory';

/** Endings of the pictures that can be opened. */
const ENDINGS = ['png', 'jpg', 'jpeg', 'webp', 'gif', 'tif', 'tiff'];
const MOST_IMAGES = 1000;

/** A picture that a person chose; with a sample question where it is one of the demo. */
export interface ChosenImage {
  readonly uri: vscode.Uri;
  readonly scene?: DemoScene;
}

const notChosen = (): ImcotError => new ImcotError('cancelled', 'Nothing was chosen.');

/**
 * Asks for a picture: of the workspace, of the demo where the workspace has none, or any file.
 * @throws ImcotError `cancelled`
 */
export async function pickImage(scenes: DemoScenes): Promise<ChosenImage> {
  const images = await vscode.workspace.findFiles(
    `**/*.{${[...ENDINGS, ...ENDINGS.map((ending) => ending.toUpperCase())].join(',')}}`,
    '**/{node_modules,.git,.imcot}/**',
    MOST_IMAGES,
  );
  type Item = vscode.QuickPickItem & { readonly chosen?: ChosenImage };
  const own: Item[] = images
    .map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }))
    .sort((a, b) => a.label.localeCompare(b.label))
    .map(({ label, uri }) => ({ label: withoutIcons(label), chosen: { uri } }));
  const demo: Item[] = own.length > 0 ? [] : (await scenes.list().catch(() => [])).map(sceneItem);
  const other: Item = { label: '$(folder-opened) Choose a file...' };
  const items = [...own, ...demo, other];
  const picked =
    items.length === 1
      ? other
      : await vscode.window.showQuickPick(items, {
          title: 'Run Rollout on Image',
          placeHolder: 'Which image?',
          matchOnDetail: true,
        });
  if (!picked) throw notChosen();
  return picked.chosen ?? { uri: await browse() };
}

function sceneItem(scene: DemoScene): vscode.QuickPickItem & { readonly chosen: ChosenImage } {
  return {
    label: path.basename(scene.image),
    description: 'demo',
    detail: withoutIcons(scene.question),
    chosen: { uri: vscode.Uri.file(scene.image), scene },
  };
}

async function browse(): Promise<vscode.Uri> {
  const picked = await vscode.window.showOpenDialog({
    openLabel: 'Choose',
    title: 'Image to ask about',
    filters: { Images: ENDINGS },
  });
  const [uri] = picked ?? [];
  if (!uri) throw notChosen();
  return uri;
}

/**
 * Asks for a question: typed, one that was asked before, or the sample's.
 * @throws ImcotError `cancelled`
 */
export function askQuestion(history: RunHistory, sample: string | undefined): Promise<string> {
  const known = [...new Set([...(sample === undefined ? [] : [sample]), ...history.questions])];
  const input = vscode.window.createQuickPick();
  input.title = 'Run Rollout on Image';
  input.placeholder = 'What do you want to know about the image?';
  const update = (): void => {
    const typed = input.value.trim();
    const others = known.filter((question) => question !== typed);
    input.items = [...(typed === '' ? [] : [typed]), ...others].map((question) => ({
      label: withoutIcons(question),
      description:
        question === typed ? 'Enter to ask' : question === sample ? 'sample question' : 'asked before',
      question,
    }));
  };
  return new Promise((resolve, reject) => {
    input.onDidChangeValue(update);
    input.onDidAccept(() => {
      const item = (input.activeItems[0] ?? input.selectedItems[0]) as
        { readonly question?: string } | undefined;
      const question = item?.question ?? input.value.trim();
      if (question === '') return;
      resolve(question);
      input.hide();
    });
    input.onDidHide(() => {
      input.dispose();
      reject(notChosen());
    });
    update();
    input.show();
  });
}

/**
 * Asks for a model, the last used first; where there is one alone it is that.
 * @throws ImcotError `cancelled`, `missing` when there is none
 */
export async function pickModel(
  entries: readonly ModelEntry[],
  last: string | undefined,
): Promise<ModelEntry> {
  const [first, ...more] = lastUsedFirst(entries, last);
  if (!first) {
    throw new ImcotError(
      'missing',
      'There is no model. Name a folder with a Qwen2.5-VL checkpoint in the setting imcot.modelFolders, or a server in ' +
        'imcot.servers.',
    );
  }
  if (more.length === 0) return first;
  const picked = await vscode.window.showQuickPick(
    [first, ...more].map((entry) => ({
      label: withoutIcons(entry.label),
      description: entry.id === last ? 'used last' : '',
      detail: withoutIcons(entry.kind === 'server' ? entry.address : entry.folder),
      entry,
    })),
    { title: 'Run Rollout on Image', placeHolder: 'Which model?' },
  );
  if (!picked) throw notChosen();
  return picked.entry;
}

/**
 * The model that a caller named by its id or label.
 * @throws ImcotError `missing`
 */
export function namedModel(entries: readonly ModelEntry[], name: string): ModelEntry {
  const found = entries.find(({ id }) => id === name) ?? entries.find(({ label }) => label === name);
  if (found) return found;
  const folder = entries.find((entry) => entry.kind !== 'server' && entry.folder === name);
  if (folder) return folder;
  const names = entries.map(({ label }) => label).join(', ');
  throw new ImcotError('missing', `There is no model "${name}"; there are: ${names || 'none'}.`);
}
