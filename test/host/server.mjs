// Starts and stops one code-server with its own empty user folder.
import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HOST_PATHS, isHostInstalled } from './install.mjs';

const START_LIMIT_MS = 30_000;

/** Quiet defaults: nothing that opens by itself, asks the network or changes between runs. */
const QUIET_SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'security.workspace.trust.banner': 'always',
};

/** @returns {Promise<number>} a TCP port of the loopback interface that was free a moment ago */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

/** The environment without what a surrounding editor's terminal set, which would confuse the server. */
function serverEnvironment(extra) {
  const inherited = { EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...process.env, ...extra };
  const kept = Object.entries(inherited).filter(([key]) => !/^VSCODE_(?!TEST_)|^ELECTRON_/.test(key));
  return Object.fromEntries(kept);
}

async function waitUntilHealthy(port, child, log) {
  const end = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/healthz`)).ok) return;
    } catch {
      // not listening yet
    }
    if (child.exitCode !== null || Date.now() > end) {
      throw new Error(`code-server did not start:\n${readFileSync(log, 'utf8').slice(-4000)}`);
    }
    await delay(50);
  }
}

/**
 * @typedef {object} ServerOptions
 * @property {boolean} [trust] workspace trust is on (the server's own default is what users have); default false
 * @property {Record<string, unknown>} [settings] user settings on top of the quiet ones
 * @property {readonly { key: string, command: string, args?: unknown }[]} [keybindings] of the user
 * @property {Record<string, string>} [env] environment variables on top of this process's
 * @property {number} [port] default: a free one
 *
 * @typedef {object} HostServer
 * @property {number} port
 * @property {string} dir the run's own folder, removed by `stop`
 * @property {string} workspace an empty folder inside `dir`
 * @property {string} extensions the folder of installed extensions inside `dir`
 * @property {string} log the server's output
 * @property {import('node:child_process').ChildProcess} child
 * @property {(settings: Record<string, unknown>) => void} updateSettings changes user settings, as of the next page load
 * @property {() => Promise<void>} stop ends the server and all that it started; may be called twice
 */

/**
 * Installs a packaged extension into a server, as the next page load sees it.
 * @param {HostServer} server
 * @param {string} vsix
 * @returns {string} the folder that the extension was unpacked into
 */
export function installExtension(server, vsix) {
  const folders = [
    '--config',
    path.join(server.dir, 'config.yaml'),
    '--user-data-dir',
    path.join(server.dir, 'user'),
  ];
  const flags = [...folders, '--extensions-dir', server.extensions, '--install-extension', vsix];
  const done = spawnSync(HOST_PATHS.node, [HOST_PATHS.entry, ...flags], {
    env: serverEnvironment({}),
    encoding: 'utf8',
  });
  const [folder] = readdirSync(server.extensions, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  if (done.status !== 0 || !folder)
    throw new Error(`the extension could not be installed:\n${done.stdout}${done.stderr}`);
  return path.join(server.extensions, folder.name);
}

/**
 * Starts a server on the loopback interface.
 * @param {ServerOptions} [options]
 * @returns {Promise<HostServer>}
 */
export async function startServer({ trust = false, settings = {}, keybindings = [], env = {}, port } = {}) {
  if (!isHostInstalled())
    throw new Error('the code-server host is not installed: node test/host/install.mjs');
  const dir = mkdtempSync(path.join(tmpdir(), 'vscode-host-'));
  const [workspace, extensions, userData] = ['workspace', 'extensions', 'user'].map((name) =>
    path.join(dir, name),
  );
  for (const folder of [workspace, extensions, path.join(userData, 'User')])
    mkdirSync(folder, { recursive: true });
  const settingsFile = path.join(userData, 'User', 'settings.json');
  let current = { ...QUIET_SETTINGS };
  const updateSettings = (changes) => {
    current = { ...current, ...changes };
    writeFileSync(settingsFile, JSON.stringify(current, null, 2));
  };
  updateSettings(settings);
  writeFileSync(path.join(userData, 'User', 'keybindings.json'), JSON.stringify(keybindings));
  writeFileSync(path.join(dir, 'config.yaml'), '');
  const log = path.join(dir, 'server.log');
  const chosenPort = port ?? (await freePort());
  const output = openSync(log, 'w');
  const flags = [
    ...[
      '--config',
      path.join(dir, 'config.yaml'),
      '--user-data-dir',
      userData,
      '--extensions-dir',
      extensions,
    ],
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${chosenPort}`],
    ...['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'],
    // Without it the workbench ignores an extension under development and its tests, and says nothing.
    ...['--vscode-option', 'enable-smoke-test-driver=true'],
    ...(trust ? [] : ['--disable-workspace-trust']),
  ];
  // Detached: the server starts processes of its own, and only its group ends them all.
  const child = spawn(HOST_PATHS.node, [HOST_PATHS.entry, ...flags], {
    env: serverEnvironment(env),
    stdio: ['ignore', output, output],
    detached: true,
  });
  closeSync(output);
  const signal = (name) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // gone already
    }
  };
  const stop = async () => {
    signal('SIGTERM');
    await delay(300);
    signal('SIGKILL');
    if (!process.env.HOST_KEEP) rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  try {
    await waitUntilHealthy(chosenPort, child, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port: chosenPort, dir, workspace, extensions, log, child, updateSettings, stop };
}
