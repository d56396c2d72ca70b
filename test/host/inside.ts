// For tests that run inside the editor: where things are, and how to ask the code-server host to act on the workbench.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';

const EXTENSION_ID = 'imcot.imcot-debugger';

/** True when the workbench stands in a browser that answers requests; false in desktop VS Code. */
export const CAN_ACT_ON_WORKBENCH = process.env.IMCOT_TEST_HOST === 'code-server';

/** The extension under test. Throws when the editor did not find it. */
export function extensionUnderTest(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension(EXTENSION_ID);
  assert.ok(extension, `the editor has no extension ${EXTENSION_ID}`);
  return extension;
}

/** An absolute path inside the project, for fixtures. */
export function projectPath(...parts: string[]): string {
  return path.join(extensionUnderTest().extensionPath, ...parts);
}

/** An absolute path inside the opened folder, which is scratch: a test may write there. */
export function workspacePath(...parts: string[]): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'no folder is open');
  return path.join(folder.uri.fsPath, ...parts);
}

/** Waits until `probe` gives something other than `undefined` or `false`. Rejects after `limitMs` and says for what. */
export async function waitFor<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 10_000,
): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${limitMs} ms`);
    await delay(50);
  }
}

/** One request to the host: a line on the extension host's console that the host reads and does not print. */
function ask(request: string): void {
  assert.ok(CAN_ACT_ON_WORKBENCH, 'only the code-server host acts on the workbench');
  console.log(request);
}

/** Takes a picture of the workbench into out/screenshots; gives its path, or `undefined` in desktop VS Code. */
export async function takeScreenshot(name: string): Promise<string | undefined> {
  if (!CAN_ACT_ON_WORKBENCH) return undefined;
  const file = projectPath('out', 'screenshots', `${name}.png`);
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(file, { force: true });
  ask(`@@SHOT:${file}`);
  await waitFor(`the screenshot ${name}`, () => existsSync(file));
  return file;
}

/** Grants trust through the workbench, as a person does, and waits until the extension host knows. */
export async function grantTrust(): Promise<void> {
  ask('@@TRUST');
  await waitFor('workspace trust', () => vscode.workspace.isTrusted, 25_000);
}

/** Presses a key in the workbench, with Playwright's names: `ArrowRight`, `Control+p`. It has no reply. */
export function pressKey(key: string): void {
  ask(`@@KEY:${key}`);
}
