// Drives the real workbench from outside, in Chromium: opens a folder with the extension under development, runs palette
// commands, finds the extension's webviews, grants trust, takes screenshots.
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { browserArguments, findBrowser } from '../../scripts/lib/browser.mjs';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').Frame} Frame */
/** @typedef {import('./server.mjs').HostServer} HostServer */

/** The built-in colour themes that screenshots and tests use: as the setting names them, and as the picker does. */
export const THEMES = {
  dark: { id: 'Default Dark Modern', label: 'Dark Modern' },
  light: { id: 'Default Light Modern', label: 'Light Modern' },
  highContrast: { id: 'Default High Contrast', label: 'Dark High Contrast' },
  highContrastLight: { id: 'Default High Contrast Light', label: 'Light High Contrast' },
};

const VIEWPORT = { width: 1280, height: 800 };

/** @returns {Promise<import('playwright-core').Browser>} a headless browser */
export async function launchBrowser() {
  const executablePath = await findBrowser();
  if (!executablePath) throw new Error('no Chrome, Chromium or Edge was found; BROWSER_PATH may name one');
  return chromium.launch({ executablePath, headless: true, args: browserArguments() });
}

/**
 * How the workbench names a file of the machine the server runs on.
 * @param {HostServer} server
 * @param {string} file an absolute path
 */
export function remoteUri(server, file) {
  return `vscode-remote://127.0.0.1:${server.port}${file}`;
}

/**
 * The workbench's address for a folder.
 * @param {HostServer} server
 * @param {{ folder?: string, extension?: string, tests?: string }} [open] absolute paths: the folder, the extension under
 *   development, the module with the test suite's `run()`
 */
export function workbenchUrl(server, { folder = server.workspace, extension, tests } = {}) {
  const payload = [['skipWelcome', 'true']];
  if (extension) payload.push(['extensionDevelopmentPath', remoteUri(server, path.resolve(extension))]);
  if (tests) payload.push(['extensionTestsPath', remoteUri(server, path.resolve(tests))]);
  if (extension || tests) payload.push(['enableProposedApi', '']);
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `http://127.0.0.1:${server.port}/?${query}`;
}

/**
 * Opens the workbench and waits until it takes keys.
 * @param {import('playwright-core').Browser} browser
 * @param {HostServer} server
 * @param {{ folder?: string, extension?: string, viewport?: { width: number, height: number }, scale?: number }} [open]
 * @returns {Promise<Page>}
 */
export async function openWorkbench(browser, server, { viewport = VIEWPORT, scale = 1, ...open } = {}) {
  const context = await browser.newContext({ viewport, deviceScaleFactor: scale });
  const page = await context.newPage();
  await page.goto(workbenchUrl(server, open), { timeout: 60_000 });
  await page
    .locator('.monaco-workbench .part.statusbar .statusbar-item')
    .first()
    .waitFor({ timeout: 60_000 });
  return page;
}

/** How long one step of the quick input may take before the whole cycle is tried again. */
const STEP_MS = 1500;

/**
 * Opens the quick input with a key, types, and chooses the first row that holds a text.
 * @param {Page} page
 * @param {{ key: string, type: string, row: string }} choice
 * @param {number} limitMs
 */
async function choose(page, { key, type, row }, limitMs) {
  const widget = page.locator('.quick-input-widget');
  const end = Date.now() + limitMs;
  for (;;) {
    // Keys sent before the workbench listens are lost, and a palette opened before the extension's commands are there
    // never shows them: so the whole cycle is repeated.
    try {
      await page.keyboard.press(key);
      const input = widget.locator('input.input');
      await input.fill(type, { timeout: STEP_MS });
      const found = widget.locator('.quick-input-list .monaco-list-row', { hasText: row }).first();
      await found.click({ timeout: STEP_MS });
      return;
    } catch (error) {
      await page.keyboard.press('Escape');
      await widget.waitFor({ state: 'hidden', timeout: STEP_MS }).catch(() => {});
      if (Date.now() > end) throw new Error(`the quick input (${key}) has no row "${row}"`, { cause: error });
    }
  }
}

/** Waits until the quick input has closed, so that the next key does not meet a closing one. */
async function quickInputClosed(page) {
  await page.locator('.quick-input-widget').waitFor({ state: 'hidden', timeout: 5000 });
}

/**
 * Runs a command through the real palette.
 * @param {Page} page
 * @param {string} title as the palette shows it, category included
 * @param {{ limitMs?: number, asks?: boolean }} [options] asks: the command itself opens the quick input next
 */
export async function runCommand(page, title, { limitMs = 30_000, asks = false } = {}) {
  await choose(page, { key: 'F1', type: `>${title}`, row: title }, limitMs);
  if (!asks) await quickInputClosed(page);
}

/**
 * Opens a file of the opened folder by its name.
 * @param {Page} page
 * @param {string} name
 * @param {number} [limitMs]
 */
export async function openFile(page, name, limitMs = 30_000) {
  await choose(page, { key: 'Control+p', type: name, row: path.basename(name) }, limitMs);
  await quickInputClosed(page);
}

/**
 * The innermost frame of a webview, which holds the extension's own HTML.
 * @param {Page} page
 * @param {string} selector something that only the wanted page has
 * @param {number} [limitMs]
 * @returns {Promise<Frame>}
 */
export async function webviewFrame(page, selector, limitMs = 20_000) {
  const end = Date.now() + limitMs;
  while (Date.now() < end) {
    for (const frame of page.frames()) {
      const isWebview = /fake\.html/.test(frame.url());
      if (
        isWebview &&
        (await frame
          .locator(selector)
          .count()
          .catch(() => 0)) > 0
      )
        return frame;
    }
    await delay(100);
  }
  const frames = page.frames().map((frame) => frame.url());
  throw new Error(`no webview with ${selector} within ${limitMs} ms; frames:\n${frames.join('\n')}`);
}

/**
 * Grants trust to the opened folder as a person does: in the editor "Manage Workspace Trust".
 * @param {Page} page
 */
export async function grantTrust(page) {
  await runCommand(page, 'Workspaces: Manage Workspace Trust');
  const button = page.locator('.workspace-trust-editor .workspace-trust-buttons-row .monaco-button', {
    hasText: /^Trust/,
  });
  await button.first().click({ timeout: 15_000 });
  await page.locator('.workspace-trust-editor .workspace-trust-title', { hasText: 'You trust' }).waitFor();
  await page.keyboard.press('Escape');
}

/**
 * Changes the colour theme while the editor runs, through its picker. (The server does not watch its settings file.)
 * @param {Page} page
 * @param {keyof typeof THEMES} theme
 */
export async function setTheme(page, theme) {
  await runCommand(page, 'Preferences: Color Theme', { asks: true });
  const { label } = THEMES[theme];
  const input = page.locator('.quick-input-widget input.input');
  await page
    .locator('.quick-input-list .monaco-list-row', { hasText: 'Modern' })
    .first()
    .waitFor({ timeout: 5000 });
  await input.fill(label);
  await page
    .locator('.quick-input-list .monaco-list-row', { hasText: label })
    .first()
    .waitFor({ timeout: 5000 });
  await input.press('Enter');
  await quickInputClosed(page);
}

/**
 * Takes a picture of the whole workbench.
 * @param {Page} page
 * @param {string} file
 */
export async function screenshot(page, file) {
  await page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
}
