// Which Chromium-family browser drives the tests. Built-ins only: runs before node_modules exists.
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';

const NAMES = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'microsoft-edge'];

const MAC = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
];

const WINDOWS = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Chromium\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
];

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function candidates() {
  if (process.platform === 'darwin') return MAC;
  if (process.platform === 'win32') {
    const roots = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA];
    return roots.filter(Boolean).flatMap((root) => WINDOWS.map((tail) => path.join(root, tail)));
  }
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
}

/** Where Playwright's own download would stand, or `undefined` when playwright-core is not installed. */
async function playwrightBrowser() {
  try {
    const { chromium } = await import('playwright-core');
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

/**
 * The browser to use: BROWSER_PATH if set, else an installed Chrome, Chromium or Edge, else Playwright's own download.
 * @returns {Promise<string | undefined>} the path of the executable, or `undefined` when there is none
 */
export async function findBrowser() {
  const chosen = process.env.BROWSER_PATH;
  if (chosen) {
    if (!existsSync(chosen)) throw new Error(`BROWSER_PATH names ${chosen}, which is not there`);
    return chosen;
  }
  const installed = candidates().find(isExecutable);
  if (installed) return installed;
  const own = await playwrightBrowser();
  return own && existsSync(own) ? own : undefined;
}

/** What Playwright turns off; of two such arguments the browser heeds the last one alone, so ours repeats it. */
const OFF_BY_PLAYWRIGHT = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
];

/** Two pages of the address bar's own, which each window loads although nobody sees it: a third of all its work. */
const ADDRESS_BAR = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'];

/**
 * Arguments for a headless run that opens no connection of its own.
 * @returns {string[]}
 */
export function browserArguments() {
  const quiet = [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ];
  const off = [...OFF_BY_PLAYWRIGHT, ...ADDRESS_BAR];
  return [...quiet, '--disable-gpu', '--disable-quic', `--disable-features=${off.join(',')}`];
}
