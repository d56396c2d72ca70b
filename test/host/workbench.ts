// For tests that drive the real editor from outside, in plain Node.
import path from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { PROJECT_ROOT } from '../support/sources';
import {
  grantTrust,
  launchBrowser,
  openFile,
  openWorkbench,
  runCommand,
  setTheme,
  THEMES,
  webviewFrame,
} from './driver.mjs';
import { installExtension, startServer } from './server.mjs';

/** A running editor with the built extension and a folder open. */
export interface TestWorkbench {
  readonly page: Page;
  /** Runs a palette command by its full title, for example `iMCoT: Open Samples`. */
  run(title: string): Promise<void>;
  /** Opens a file of the folder by its name. */
  open(file: string): Promise<void>;
  /** The frame with the extension's own page that matches the selector. Rejects after 20 s. */
  webview(selector: string): Promise<Frame>;
  /** Changes the colour theme while the editor runs. */
  theme(theme: keyof typeof THEMES): Promise<void>;
  /** Grants trust as a person does; only where the editor was started with `trust`. */
  grantTrust(): Promise<void>;
  /** Takes a picture into out/screenshots/NAME.png. */
  screenshot(name: string): Promise<void>;
  /** Where the VSIX was unpacked; `undefined` where the extension runs from the project. */
  readonly installed: string | undefined;
  /** The server's process, above all others of the editor. */
  readonly serverPid: number | undefined;
  /** Ends the editor and the browser. */
  close(): Promise<void>;
}

/** What to start: an absolute folder; workspace trust on (the folder is then not trusted) or off; a colour theme. */
export interface TestWorkbenchOptions {
  readonly folder: string;
  readonly trust?: boolean;
  readonly theme?: keyof typeof THEMES;
  /** A packaged extension to install, instead of the extension in dist/ under development. */
  readonly vsix?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** The user's keys; a way to run a command with arguments. */
  readonly keybindings?: readonly {
    readonly key: string;
    readonly command: string;
    readonly args?: unknown;
  }[];
  readonly viewport?: { readonly width: number; readonly height: number };
}

/** Starts code-server and a browser, and opens the folder with the extension from dist/. */
export async function startTestWorkbench(options: TestWorkbenchOptions): Promise<TestWorkbench> {
  const {
    folder,
    vsix,
    trust = false,
    theme = 'dark',
    settings = {},
    keybindings = [],
    viewport = { width: 1280, height: 800 },
  } = options;
  const server = await startServer({
    trust,
    keybindings,
    settings: { 'workbench.colorTheme': THEMES[theme].id, ...settings },
  });
  try {
    const installed = vsix === undefined ? undefined : installExtension(server, vsix);
    const browser = await launchBrowser();
    const page = await openWorkbench(browser, server, {
      folder,
      viewport,
      ...(installed === undefined ? { extension: PROJECT_ROOT } : {}),
    });
    return {
      page,
      installed,
      serverPid: server.child.pid,
      run: (title) => runCommand(page, title),
      open: (file) => openFile(page, file),
      webview: (selector) => webviewFrame(page, selector),
      theme: (wanted) => setTheme(page, wanted),
      grantTrust: () => grantTrust(page),
      screenshot: async (name) => {
        await page.screenshot({ path: path.join(PROJECT_ROOT, 'out', 'screenshots', `${name}.png`) });
      },
      close: async () => {
        await browser.close();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
