// Pictures of the demo model's own runs in the page of curves: `tsx test/webview/support/demoRunPictures.ts FOLDER RUNS`.
// RUNS is media/demo/runs or a folder like it. Nothing is made up: points, stages and alarms are those of the logs.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { browserArguments, findBrowser } from '../../../scripts/lib/browser.mjs';
import type { HeldCurve, HeldRun } from './dynamicsData';
import { heldRun } from './dynamicsData';
import { dataOf, openDynamics } from './dynamicsHost';
import { openPage } from './page';

const PREFIX = 'grpo_';
/** In the order in which they are compared; the first one is shown alone too. */
const REGIMES = ['adaptive', 'conditional', 'unconditional', 'none'];
const SETTLE = 600;

interface Row {
  readonly step: number;
  readonly data: Readonly<Record<string, number>>;
}

/** A run as its file logger wrote it; undefined where the folder has none. */
function readRun(runs: string, regime: string): HeldRun | undefined {
  const folder = path.join(runs, PREFIX + regime, 'imcot-demo');
  const file = `${PREFIX}${regime}.jsonl`;
  if (!readdirSync(runs).includes(PREFIX + regime)) return undefined;
  const lines = readFileSync(path.join(folder, file), 'utf8').trimEnd().split('\n');
  const curves: Record<string, { steps: number[]; values: number[] } & HeldCurve> = {};
  for (const { step, data } of lines.map((line) => JSON.parse(line) as Row))
    for (const [key, value] of Object.entries(data)) {
      const curve = (curves[key] ??= { steps: [], values: [] });
      curve.steps.push(step);
      curve.values.push(value);
    }
  const more = { label: 'verl\u2019s file logger', source: `${PREFIX}${regime}/imcot-demo/${file}` };
  return heldRun({ id: regime, curves, times: false, more });
}

async function main(): Promise<void> {
  const [folder = '.', runs = 'media/demo/runs'] = process.argv.slice(2);
  const held = REGIMES.flatMap((regime) => readRun(runs, regime) ?? []);
  const [first] = held;
  if (!first) throw new Error(`${runs} has no run of the demo model`);
  const executablePath = await findBrowser();
  if (executablePath === undefined) throw new Error('no browser was found');
  const browser = await chromium.launch({ executablePath, headless: true, args: browserArguments() });
  try {
    for (const [name, shown] of [
      ['demo-training', [first]],
      ['demo-regimes', held],
    ] as const) {
      const viewport = { width: 1440, height: 860 };
      const { opened } = await openDynamics(
        (options) => openPage(browser, options ?? {}),
        dataOf([...shown]),
        { viewport },
      );
      await opened.page.locator('.stage-title, .no-stages, .boundary-table, .so-far').first().waitFor();
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
