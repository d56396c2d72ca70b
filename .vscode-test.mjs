// The test runs inside an editor: `vscode-test --label trusted` and `vscode-test --label restricted`.
// Desktop VS Code unless VSCODE_HOST=code-server. The restricted run needs a host that leaves workspace trust on, which
// @vscode/test-electron always turns off: so it exists for the code-server host alone.
import { defineConfig } from '@vscode/test-cli';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const inRoot = (file) => fileURLToPath(new URL(file, import.meta.url));

/** A fresh folder of this process: test/integration/workspace, copied, or empty when there is no such folder. */
function scratchFolder(label) {
  mkdirSync(inRoot('.vscode-test'), { recursive: true });
  const folder = mkdtempSync(inRoot(`.vscode-test/workspace-${label}-`));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const template = inRoot('test/integration/workspace');
  if (existsSync(template)) cpSync(template, folder, { recursive: true });
  return folder;
}

/** The built tests of one run: those in restricted/, or all others. (The CLI's own globs know no exception.) */
function builtTests(restricted) {
  const folder = inRoot('out/test/integration');
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.test.js'));
  return files
    .filter((file) => file.startsWith('restricted') === restricted)
    .sort()
    .map((file) => path.join(folder, file));
}

const codeServer = process.env.VSCODE_HOST === 'code-server';
const host = codeServer
  ? { useInstallation: { fromPath: inRoot('test/host/vscodeHost.mjs') } }
  : { version: process.env.VSCODE_VERSION ?? 'stable' };
const mocha = {
  ui: 'bdd',
  timeout: 30_000,
  forbidOnly: true,
  // One more attempt, told of: an editor is late at times.
  retries: 1,
  reporter: inRoot('test/host/tellingReporter.cjs'),
};

export default defineConfig([
  {
    label: 'trusted',
    files: builtTests(false),
    workspaceFolder: scratchFolder('trusted'),
    env: { IMCOT_TEST_HOST: codeServer ? 'code-server' : 'desktop' },
    mocha,
    ...host,
  },
  ...(codeServer
    ? [
        {
          label: 'restricted',
          files: builtTests(true),
          workspaceFolder: scratchFolder('restricted'),
          env: { IMCOT_TEST_HOST: 'code-server', HOST_TRUST: 'on' },
          mocha,
          ...host,
        },
      ]
    : []),
]);
