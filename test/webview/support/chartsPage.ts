import path from 'node:path';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { webviewHtml } from '../../../src/host/webviewHtml';
import { PROJECT_ROOT } from '../../support/sources';
import { installEditorSide } from './editorSide';
import type { ThemeName } from './page';
import themes from './themes.json';

/** The charts alone, in a page under the real policy. */
export interface ChartsPage {
  readonly page: Page;
  /** Violations of the policy, errors, and what a payload ran: empty for an honest page. */
  readonly problems: string[];
}

const DOCUMENT = 'https://charts.test/';
const FILES = 'https://files.test/';

/** Bundles the charts with the test's entry; the texts of script and style sheet by file ending. */
export async function bundleCharts(
  entry = 'test/webview/support/chartsEntry.ts',
): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: PROJECT_ROOT,
    entryPoints: [entry],
    bundle: true,
    write: false,
    outdir: path.join(PROJECT_ROOT, 'out/charts'),
    platform: 'browser',
    format: 'iife',
    target: 'chrome120',
    logLevel: 'error',
  });
  return new Map(outputFiles.map((file) => [path.extname(file.path), file.text]));
}

/** Opens the bundle in a theme. */
export async function openCharts(
  browser: Browser,
  bundle: ReadonlyMap<string, string>,
  options: {
    readonly theme?: ThemeName;
    readonly viewport?: { readonly width: number; readonly height: number };
    readonly scale?: number;
  } = {},
): Promise<ChartsPage> {
  const { theme = 'dark', viewport = { width: 1000, height: 700 }, scale = 1 } = options;
  const problems: string[] = [];
  const context = await browser.newContext({ viewport, deviceScaleFactor: scale });
  const body = webviewHtml({
    cspSource: FILES.slice(0, -1),
    nonce: 'Y2hhcnRz',
    scriptUri: `${FILES}charts.js`,
    styleUris: [`${FILES}charts.css`],
    title: 'Charts',
  });
  await context.route('**/*', async (route) => {
    const url = route.request().url();
    if (url === DOCUMENT) return route.fulfill({ contentType: 'text/html', body });
    const text = url.startsWith(`${FILES}charts`) ? bundle.get(path.extname(url)) : undefined;
    if (text === undefined) {
      problems.push(`request ${url}`);
      return route.abort();
    }
    return route.fulfill({ contentType: url.endsWith('.js') ? 'text/javascript' : 'text/css', body: text });
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('dialog', (dialog) => {
    problems.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.exposeFunction('editorReceive', () => undefined);
  await page.exposeFunction('editorViolation', (text: string) => problems.push(text));
  await page.exposeFunction('executed', (what: unknown) => problems.push(`ran ${String(what)}`));
  await page.addInitScript('globalThis.__name ??= (named) => named;');
  await page.addInitScript(installEditorSide, { theme: themes[theme], state: undefined });
  await page.goto(DOCUMENT);
  return { page, problems };
}
