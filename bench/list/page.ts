import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { browserArguments, findBrowser } from '../../scripts/lib/browser.mjs';
import { openPage } from '../../test/webview/support/page';
import type { Scrolled } from '../../test/webview/support/pageTimes';
import {
  firstPaint,
  heapMib,
  keyTimes,
  scrollThrough,
  watchFirstPaint,
} from '../../test/webview/support/pageTimes';
import { median, milliseconds } from '../harness';
import { CACHE, ROOT } from '../programs';
import type { EditorHost } from './editorHost';
import { openEditorHost } from './editorHost';

/** What was measured of the page over one log. Milliseconds, mebibytes. */
export interface PageTimes {
  readonly browser: string;
  /** The host's part: from opening the log until the first hundred rows can be answered. */
  readonly hostStart: number;
  readonly firstPaint: number;
  /** Largest and middle of the key presses. */
  readonly keys: { readonly most: number; readonly median: number };
  readonly rollouts: { readonly most: number; readonly median: number };
  /** As with a wheel that is turned quickly. */
  readonly wheeled: Scrolled;
  /** As with the scroll bar, from the first row to the last. */
  readonly scrolled: Scrolled;
  readonly lastRow: string;
  readonly heap: number;
}

const ROUNDS = 5;
/** Time of a drag from the first row to the last, in milliseconds. */
export const DRAG_MS = 6000;
/** A wheel that is turned quickly: so long, and CSS pixels a second. */
export const WHEEL_MS = 3000;
export const WHEEL_PIXELS = 3000;
const DIST = path.join(ROOT, 'dist');

async function opened(file: string): Promise<EditorHost> {
  const cache = path.join(CACHE, 'list-kept');
  rmSync(cache, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  return openEditorHost(file, DIST, cache);
}

async function untilIndexed(host: EditorHost): Promise<number> {
  const source = await host.source;
  while (!source.state.complete) await new Promise((resolve) => setTimeout(resolve, 20));
  return source.state.records;
}

async function measured(browser: Browser, file: string, isWhole: boolean): Promise<PageTimes> {
  const host = await opened(file);
  const hostStart = await milliseconds(async () => {
    await host.session.ready();
    await host.session.rows(0, 100);
  });
  const records = await untilIndexed(host);
  const { page } = await openPage(browser, {
    viewport: { width: 1440, height: 900 },
    beforeLoad: watchFirstPaint,
    connect: (port) => host.serve(port),
  });
  const paint = await firstPaint(page);
  const grid = page.locator(`[role=grid][aria-rowcount="${records}"]`);
  await grid.waitFor();
  const parts = '[role=treeitem][aria-selected=true]';
  const steps = ['Home', ...Array.from({ length: 4 }, () => 'ArrowRight')];
  await page.locator('[role=treeitem]').first().waitFor();
  const keys = isWhole ? await keyTimes(page, steps, parts, 'data-part') : [NaN];
  const rollouts = isWhole
    ? await keyTimes(page, Array<string>(20).fill('j'), '[role=grid] [aria-selected=true]', 'id')
    : [NaN];
  const wheeled = await scrollThrough(page, WHEEL_MS, (WHEEL_MS / 1000) * WHEEL_PIXELS);
  const scrolled = await scrollThrough(page, DRAG_MS);
  const last = page.locator(`[role=row][aria-rowindex="${records}"]`);
  await last.waitFor();
  const result: PageTimes = {
    browser: browser.version(),
    hostStart,
    firstPaint: paint,
    keys: { most: Math.max(...keys), median: median(keys) },
    rollouts: { most: Math.max(...rollouts), median: median(rollouts) },
    wheeled,
    scrolled,
    lastRow: (await last.locator('.row-index').textContent()) ?? '',
    heap: await heapMib(page),
  };
  await page.context().close();
  host.dispose();
  return result;
}

/**
 * The page of the editor over a log, opened several times in one browser.
 * @param isWhole also keys, first paint over several openings; else only the scrolling, once
 */
export async function measurePage(file: string, isWhole: boolean): Promise<readonly PageTimes[]> {
  const executablePath = await findBrowser();
  if (executablePath === undefined) throw new Error('no Chrome, Chromium or Edge was found');
  const browser = await chromium.launch({
    executablePath,
    args: browserArguments(),
  });
  try {
    const all: PageTimes[] = [];
    for (let round = 0; round < (isWhole ? ROUNDS : 1); round++)
      all.push(await measured(browser, file, isWhole));
    return all;
  } finally {
    await browser.close();
  }
}
