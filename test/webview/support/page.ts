import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page, Route } from 'playwright-core';
import { chromium } from 'playwright-core';
import { browserArguments, findBrowser } from '../../../scripts/lib/browser.mjs';
import { Emitter } from '../../../src/common/event';
import type { MessagePortLike } from '../../../src/common/rpc';
import { webviewHtml } from '../../../src/host/webviewHtml';
import { PROJECT_ROOT } from '../../support/sources';
import { installEditorSide } from './editorSide';
import themes from './themes.json';

/** Colour themes whose variables stand in themes.json, as the real editor sets them. */
export type ThemeName = keyof typeof themes;

/** A dark, a light and the two themes of high contrast. */
export const ALL_THEMES: readonly ThemeName[] = ['dark', 'light', 'highContrast', 'highContrastLight'];

/** What happened to a page. An honest page leaves all lists but `requests` empty. */
export interface PageRecords {
  /** Addresses that left the page, our own files left out. (`data:` and `blob:` are not asked of anyone.) */
  readonly foreignRequests: string[];
  /** `directive blocked-uri` of each violation of the policy. */
  readonly policyViolations: string[];
  /** Texts of alert, confirm, prompt and beforeunload. */
  readonly dialogs: string[];
  /** Errors on the console, and errors that nothing caught. */
  readonly errors: string[];
  /** Pages opened and navigations away. */
  readonly navigations: string[];
  /** What a payload passed to the global function `executed`, which the page never calls by itself. */
  readonly executions: string[];
}

/** A built page, open in a real browser under the real policy. */
export interface TestPage {
  readonly page: Page;
  /** The extension host's end of the messages: give it to a `Channel`, or post and listen by hand. */
  readonly port: MessagePortLike;
  readonly records: PageRecords;
  /** What the page last gave to `setState`. */
  state(): Promise<unknown>;
  /** Loads the page again, as a window reload does: its state survives, all else is new. */
  reload(): Promise<void>;
  /** Changes the colour theme while the page is open, as a person does. A reload brings the first one back. */
  useTheme(theme: ThemeName): Promise<void>;
  /** The violations that axe-core finds, one line each: rule, impact, first element. */
  accessibilityProblems(): Promise<string[]>;
  /** Those of each theme, all on this page, each with the theme's name before it. The last one stays. */
  accessibilityProblemsIn(themes: readonly ThemeName[]): Promise<string[]>;
}

/** Which page to open. `state` is what an earlier life of the page left behind. */
export interface OpenOptions {
  readonly name?: 'trajectory' | 'dynamics' | 'logFile' | 'compare';
  readonly theme?: ThemeName;
  readonly viewport?: { readonly width: number; readonly height: number };
  /** Device pixels per CSS pixel, 1 where absent. */
  readonly density?: number;
  readonly state?: unknown;
  /** Prepares the page before anything is loaded. */
  beforeLoad?(page: Page): Promise<void>;
  /** Listens on the extension host's end before the page's script runs and says that it is ready. */
  connect?(port: MessagePortLike): void;
}

// Two origins, as in the editor: one for the document, one for the extension's files.
const DOCUMENT = 'https://document.test/';
const FILES = 'https://files.test/';
const NONCE = 'dGVzdC1ub25jZQ';
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.ttf': 'font/ttf',
};

function pageHtml(name: string): string {
  return webviewHtml({
    cspSource: FILES.slice(0, -1),
    nonce: NONCE,
    scriptUri: `${FILES}${name}.js`,
    styleUris: [`${FILES}codicon.css`, `${FILES}${name}.css`],
    title: 'Test page',
  });
}

async function serveFile(route: Route, url: URL): Promise<void> {
  const file = path.join(PROJECT_ROOT, 'dist', 'webview', path.basename(url.pathname));
  if (!existsSync(file)) return route.fulfill({ status: 404, body: 'no such file' });
  return route.fulfill({
    contentType: TYPES[path.extname(file)] ?? 'application/octet-stream',
    headers: { 'access-control-allow-origin': '*' },
    body: readFileSync(file),
  });
}

function emptyRecords(): PageRecords {
  return {
    foreignRequests: [],
    policyViolations: [],
    dialogs: [],
    errors: [],
    navigations: [],
    executions: [],
  };
}

async function serve(context: BrowserContext, name: string, records: PageRecords): Promise<void> {
  await context.route('**/*', async (route) => {
    const url = new URL(route.request().url());
    if (url.href === DOCUMENT) return route.fulfill({ contentType: 'text/html', body: pageHtml(name) });
    if (url.href.startsWith(FILES)) return serveFile(route, url);
    // What the policy stops never comes this far, although the browser announces it as a request.
    records.foreignRequests.push(url.href);
    return route.abort();
  });
  await context.routeWebSocket('**', (socket) => {
    records.foreignRequests.push(socket.url());
    void socket.close();
  });
}

function watch(context: BrowserContext, page: Page, records: PageRecords): void {
  page.on('dialog', (dialog) => {
    records.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => records.errors.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') records.errors.push(message.text());
  });
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame() || frame.url() !== DOCUMENT) records.navigations.push(frame.url());
  });
  context.on('page', (opened) => records.navigations.push(opened.url()));
}

/** Does to an open page what the editor does when another theme is chosen. */
async function useTheme(page: Page, theme: ThemeName): Promise<void> {
  await page.evaluate(({ bodyClass, kind, id, variables }) => {
    const { documentElement, body } = document;
    for (const name of [...documentElement.style])
      if (name.startsWith('--vscode-')) documentElement.style.removeProperty(name);
    for (const [name, value] of Object.entries(variables)) documentElement.style.setProperty(name, value);
    body.classList.remove(
      'vscode-dark',
      'vscode-light',
      'vscode-high-contrast',
      'vscode-high-contrast-light',
    );
    body.classList.add(...bodyClass.split(' '));
    body.dataset['vscodeThemeKind'] = kind;
    body.dataset['vscodeThemeId'] = id;
    // Colours that fade from one theme's to the other's would be seen on their way.
    for (const animation of document.getAnimations())
      if (animation instanceof CSSTransition) animation.finish();
  }, themes[theme]);
}

const AXE = path.join(PROJECT_ROOT, 'node_modules/axe-core/axe.min.js');

async function accessibilityProblems(page: Page): Promise<string[]> {
  const isThere = await page.evaluate(() => 'axe' in globalThis);
  // By hand through the debugger: a script element would need a hole in the policy.
  if (!isThere) await page.evaluate(readFileSync(AXE, 'utf8'));
  return page.evaluate(async () => {
    interface Axe {
      run(
        options: object,
      ): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
    }
    // All rules; but nobody reads what has passed, and the policy stops it from fetching the style sheets once more.
    const options = { resultTypes: ['violations'], preload: false };
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(options);
    return violations.map(({ id, impact, nodes }) => `${id} (${impact}) ${nodes[0]?.html ?? ''}`);
  });
}

async function problemsInThemes(page: Page, wanted: readonly ThemeName[]): Promise<string[]> {
  const all: string[] = [];
  for (const theme of wanted) {
    await useTheme(page, theme);
    all.push(...(await accessibilityProblems(page)).map((problem) => `${theme}: ${problem}`));
  }
  return all;
}

/** The extension host's end: what it posts goes to the page in order, and together where it waits for its turn. */
function portTo(page: Page, onMessage: MessagePortLike['onMessage']): MessagePortLike {
  const waiting: unknown[] = [];
  let sending: Promise<void> | undefined;
  const send = async (): Promise<void> => {
    while (waiting.length > 0) {
      // A page that is gone takes no more messages.
      await page
        .evaluate((all) => all.forEach((message) => window.postMessage(message, '*')), waiting.splice(0))
        .catch(() => undefined);
    }
    sending = undefined;
  };
  const post = (message: unknown): void => {
    waiting.push(message);
    sending ??= Promise.resolve().then(send);
  };
  return { post, onMessage };
}

/** Opens a page in a browser that somebody else closes. */
export async function openPage(browser: Browser, options: OpenOptions): Promise<TestPage> {
  const { name = 'trajectory', theme = 'dark', viewport = { width: 1280, height: 800 } } = options;
  const records = emptyRecords();
  const context = await browser.newContext({
    viewport,
    deviceScaleFactor: options.density ?? 1,
    serviceWorkers: 'block',
  });
  await serve(context, name, records);
  const page = await context.newPage();
  watch(context, page, records);
  const messages = new Emitter<unknown>();
  await page.exposeFunction('editorReceive', (message: unknown) => messages.fire(message));
  await page.exposeFunction('editorViolation', (text: string) => records.policyViolations.push(text));
  await page.exposeFunction('executed', (what: unknown) => records.executions.push(String(what)));
  // tsx wraps named functions in a helper of its own, which functions sent to the page would miss.
  await page.addInitScript('globalThis.__name ??= (named) => named;');
  await page.addInitScript(installEditorSide, { theme: themes[theme], state: options.state });
  const port = portTo(page, messages.event);
  options.connect?.(port);
  await options.beforeLoad?.(page);
  await page.goto(DOCUMENT);
  return {
    page,
    port,
    records,
    state: () => page.evaluate(() => JSON.parse(sessionStorage.getItem('editor-state') ?? 'null') as unknown),
    reload: async () => {
      await page.reload();
    },
    useTheme: (next) => useTheme(page, next),
    accessibilityProblems: () => accessibilityProblems(page),
    accessibilityProblemsIn: (wanted) => problemsInThemes(page, wanted),
  };
}

/**
 * Registers mocha hooks that start one browser for the suite and close each test's pages after it. Call it inside a
 * `describe`; the result opens a page.
 */
export function usePages(): (options?: OpenOptions) => Promise<TestPage> {
  let browser: Browser | undefined;
  before(async function () {
    this.timeout(60_000);
    assert.ok(existsSync(path.join(PROJECT_ROOT, 'dist/webview/trajectory.js')), 'run npm run build first');
    const executablePath = await findBrowser();
    assert.ok(executablePath, 'no Chrome, Chromium or Edge was found; BROWSER_PATH may name one');
    browser = await chromium.launch({ executablePath, headless: true, args: browserArguments() });
  });
  afterEach(async () => {
    for (const context of browser?.contexts() ?? []) await context.close();
  });
  after(async () => {
    await browser?.close();
  });
  return (options = {}) => {
    assert.ok(browser, 'open a page inside a test, not while describing');
    return openPage(browser, options);
  };
}
