// Pictures of the dynamics page by itself, over curves that the tests hold: `tsx test/webview/support/dynamicsPictures.ts FOLDER NAME...`.
// All runs are made.
import path from 'node:path';
import type { Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import type { DynamicsData, DynamicsFakeHost } from './dynamicsHost';
import { dataOf, openDynamics } from './dynamicsHost';
import { cutRun, noisyRun, paperRun, threeRuns } from './dynamicsData';
import type { OpenOptions } from './page';
import { openPage } from './page';
import { browserArguments, findBrowser } from '../../../scripts/lib/browser.mjs';

interface Picture {
  readonly data: () => DynamicsData;
  readonly options?: OpenOptions;
  /** What stands on the page when it is to be taken. */
  readonly shows: string;
  readonly before?: (page: Page, host: DynamicsFakeHost) => Promise<void>;
}

const step46 = async (page: Page, host: DynamicsFakeHost): Promise<void> => {
  await host.page.showStep(46);
  await page.getByText('Step 46').first().waitFor();
};
const paper = { data: () => dataOf([paperRun()]), shows: '.heat:not([hidden])', before: step46 };
const nothing = (view: DynamicsData['view']) => (): DynamicsData => ({ view, runs: [] });

const PICTURES: Readonly<Record<string, Picture>> = {
  'dynamics-rollouts': paper,
  'dynamics-no-stages': { data: () => dataOf([noisyRun()]), shows: '.no-stages' },
  'dynamics-three-runs': { data: () => dataOf(threeRuns()), shows: '.boundary-table', before: step46 },
  'dynamics-band': {
    data: () => dataOf(threeRuns()),
    options: { state: { band: true } },
    shows: '.boundary-table',
  },
  'dynamics-live': { data: () => dataOf([cutRun(paperRun(), 38)]), shows: '.so-far' },
  'dynamics-table': {
    data: () => dataOf([paperRun()]),
    options: { state: { view: 'table' } },
    shows: '.step-cell',
    before: (page) => page.locator('.step-cell').nth(5).click(),
  },
  'dynamics-metrics': {
    data: () => dataOf([paperRun()]),
    shows: '.chart-title',
    before: (page) => page.keyboard.press('m'),
  },
  'dynamics-narrow': { ...paper, options: { viewport: { width: 640, height: 1000 } } },
  'dynamics-loading': {
    data: nothing({
      status: 'loading',
      reading: { file: 'events.out.tfevents.1763500000.node7', fraction: 0.42 },
    }),
    shows: '.charts-skeleton',
  },
  'dynamics-error': {
    data: nothing({ status: 'error', message: 'This is a PNG image, not a log of metrics.' }),
    shows: '.message',
  },
};

/** Until everything that is on its way has been drawn. */
const SETTLE = 600;

async function main(): Promise<void> {
  const [folder = '.', ...names] = process.argv.slice(2);
  const executablePath = await findBrowser();
  if (executablePath === undefined) throw new Error('no browser was found');
  const browser = await chromium.launch({ executablePath, headless: true, args: browserArguments() });
  try {
    for (const name of names.length > 0 ? names : Object.keys(PICTURES)) {
      const picture = PICTURES[name];
      if (!picture) throw new Error(`there is no picture ${name}`);
      const viewport = { width: 1440, height: 860 };
      const { opened, host } = await openDynamics(
        (options) => openPage(browser, options ?? {}),
        picture.data(),
        { viewport, ...picture.options },
      );
      await opened.page.locator(picture.shows).first().waitFor();
      await picture.before?.(opened.page, host);
      await opened.page.waitForTimeout(SETTLE);
      await opened.page.screenshot({ path: path.join(folder, `${name}.png`) });
      await opened.page.context().close();
    }
  } finally {
    await browser.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
