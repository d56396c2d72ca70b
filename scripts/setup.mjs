// Installs what is missing, no more: the packages, the build, a browser, an editor to test in. Built-ins only: runs
// before node_modules exists.
import { existsSync, readFileSync } from 'node:fs';
import { ensureHost, hostUnsupportedReason, isHostInstalled } from '../test/host/install.mjs';
import { findBrowser } from './lib/browser.mjs';
import { inRoot, run, runNode, runNpm, say } from './lib/run.mjs';

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** 'glibc' or 'musl' on Linux, as package manifests name it. */
function libc() {
  if (process.platform !== 'linux') return undefined;
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** True when an optional package is meant for this machine; those that name no machine are npm's to decide. */
function isForThisMachine(entry) {
  if (!entry.os || !entry.cpu) return false;
  const libcFits = !entry.libc || entry.libc.includes(libc());
  return entry.os.includes(process.platform) && entry.cpu.includes(process.arch) && libcFits;
}

/** The packages of the lock file that are not installed in the locked version. */
function missingPackages() {
  const wanted = Object.entries(readJson(inRoot('package-lock.json')).packages).filter(
    ([place]) => place !== '',
  );
  const needed = wanted.filter(([, entry]) => !entry.optional || isForThisMachine(entry));
  const hidden = inRoot('node_modules/.package-lock.json');
  const installed = existsSync(hidden) ? readJson(hidden).packages : {};
  return needed
    .filter(([place, entry]) => installed[place]?.version !== entry.version || !existsSync(inRoot(place)))
    .map(([place]) => place);
}

/** node_modules as the lock file says. */
export async function ensureModules() {
  const missing = missingPackages();
  if (missing.length === 0) return;
  say(`set-up: installing ${missing.length} npm packages`);
  const flags = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  // The model runtime's own install step downloads GPU libraries that nothing here uses.
  const { code } = await runNpm(flags, { env: { ONNXRUNTIME_NODE_INSTALL: 'skip' } });
  if (code !== 0) throw new Error('npm ci failed (see above): the packages could not be installed');
}

/** The bundles in dist/ and the built tests in out/, fresh. Takes about a second. */
export async function build() {
  const { code } = await runNode('esbuild.mjs');
  if (code !== 0) throw new Error('the build failed (see above)');
}

async function installWithApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  if ((await run('apt-get', ['--version'], { quiet: true })).code !== 0) return false;
  say("set-up: installing Debian's chromium");
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { quiet: true, env });
  const flags = ['install', '-y', '-qq', '--no-install-recommends', 'chromium'];
  const { code, output } = await run('apt-get', flags, { quiet: true, env });
  if (code !== 0) say(`set-up: apt could not install chromium:\n${output.slice(-2000)}`);
  return code === 0;
}

/**
 * A browser: the one installed, else Debian's, else Playwright's own download. Needs node_modules for the last.
 * @returns {Promise<string>} the path of its executable
 */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;
  if (!(await installWithApt())) {
    say("set-up: downloading Playwright's Chromium");
    await runNode('node_modules/playwright-core/cli.js', ['install', 'chromium']);
  }
  const installed = await findBrowser();
  if (!installed)
    throw new Error('no browser could be installed: install Chrome or Chromium, or name one in BROWSER_PATH');
  return installed;
}

/** The code-server host in .vscode-test/host. */
export function ensureCodeServer() {
  if (isHostInstalled()) return;
  ensureHost((line) => say(`set-up: ${line}`));
}

function hasDisplay() {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

/** Fetches desktop VS Code, or takes the cached one. Gives the reason when neither works. */
async function desktopProblem() {
  if (!hasDisplay()) return 'there is no display';
  try {
    const { downloadAndUnzipVSCode } = await import('@vscode/test-electron');
    await downloadAndUnzipVSCode({
      version: process.env.VSCODE_VERSION ?? 'stable',
      extensionDevelopmentPath: inRoot(),
    });
    return undefined;
  } catch (error) {
    return `it could not be downloaded (${error.message})`;
  }
}

/**
 * Which editor runs the integration tests: VSCODE_HOST (desktop or code-server) if set, else desktop VS Code where it is
 * cached or can be downloaded and there is a display, else code-server.
 * @returns {Promise<{ host: 'desktop' | 'code-server', reason: string }>}
 */
export async function chooseHost() {
  const forced = process.env.VSCODE_HOST;
  if (forced === 'desktop' || forced === 'code-server')
    return { host: forced, reason: 'VSCODE_HOST says so' };
  if (forced) throw new Error(`VSCODE_HOST is "${forced}"; it may be "desktop" or "code-server"`);
  const problem = await desktopProblem();
  if (problem === undefined) return { host: 'desktop', reason: 'it is here and there is a display' };
  const unsupported = hostUnsupportedReason();
  if (unsupported) throw new Error(`no editor to test in: desktop VS Code: ${problem}; ${unsupported}`);
  return { host: 'code-server', reason: `desktop VS Code: ${problem}` };
}
