import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { browserArguments, findBrowser } from '../scripts/lib/browser.mjs';
import { median, report } from './harness';
import { ROOT } from './programs';

type Contender = 'ours' | 'peer';

const ROUNDS = 7;
const GOAL = 1.25;

interface PageFiles {
  readonly script: string;
  readonly style: string;
}

async function bundle(): Promise<PageFiles> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ['bench/charts/page.ts'],
    bundle: true,
    minify: true,
    write: false,
    outdir: 'out/bench',
    target: 'chrome120',
    logLevel: 'error',
  });
  const text = (ending: string): string => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

/** The variables of the dark theme, as the editor sets them. */
function themeVariables(): string {
  const file = path.join(ROOT, 'test/webview/support/themes.json');
  const { dark } = JSON.parse(readFileSync(file, 'utf8')) as { dark: { variables: Record<string, string> } };
  return Object.entries(dark.variables)
    .map(([name, value]) => `${name}: ${value};`)
    .join('');
}

/** Milliseconds of a first draw, in a page that has drawn nothing before. */
async function firstDraw(browser: Browser, { script, style }: PageFiles, who: Contender): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 960 } });
  await page.setContent(`<body class="vscode-dark"><div id="root"></div></body>`);
  await page.addStyleTag({ content: `:root { ${themeVariables()} } ${style}` });
  await page.addScriptTag({ content: script });
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  const taken = await page.evaluate(async (name) => {
    const { contenders } = globalThis as unknown as { contenders: Record<Contender, () => Promise<number>> };
    return contenders[name]();
  }, who);
  await page.close();
  return taken;
}

async function main(): Promise<void> {
  const load = loadavg()[0] ?? NaN;
  const files = await bundle();
  const executablePath = await findBrowser();
  if (executablePath === undefined) throw new Error('no Chrome, Chromium or Edge was found');
  const browser = await chromium.launch({ executablePath, args: browserArguments() });
  const times: Record<Contender, number[]> = { ours: [], peer: [] };
  for (let round = 0; round < ROUNDS; round++) {
    times.ours.push(await firstDraw(browser, files, 'ours'));
    times.peer.push(await firstDraw(browser, files, 'peer'));
  }
  const version = browser.version();
  await browser.close();
  const [ours, peer] = [median(times.ours), median(times.peer)];
  report({
    name: 'Charts of training dynamics',
    how: [
      'Three charts of four runs each, 100,000 points per run: slow waves, noise, and rare spikes; 1200 x 900 pixels.',
      'Ours: the curves are thinned to first, last, least and greatest sample of every pixel column, then drawn with heads, axes and stage bands; the thinning counts. uPlot 1.6.32 draws all points, without legend or bands.',
      `Every draw in a fresh page of one browser (Chromium ${version}, no GPU), in turns, median of ${ROUNDS}; from the first call until all canvases hold their pixels, which a read of one pixel makes sure of.`,
      `Load of the machine at the start: ${load.toFixed(1)}.`,
    ],
    measurements: [
      { what: 'first draw, ours', value: ours, unit: 'ms' },
      { what: 'first draw, uPlot', value: peer, unit: 'ms' },
    ],
    ratios: [{ what: 'time of the first draw, ours / uPlot', value: ours / peer, limit: { atMost: GOAL } }],
  });
}

void main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
