// npm run screenshots: the README's pictures, taken of the real editor over the sample rollouts into docs/images/.
// `npm run screenshots -- NAME...` takes only those.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fail, inRoot, ROOT, say } from './lib/run.mjs';
import { build, ensureBrowser, ensureCodeServer, ensureModules } from './setup.mjs';

const SAMPLES = inRoot('media/demo/samples');
const PAGE = '.page .main-region';

/**
 * One picture: which file, in which theme and size, and which keys are pressed in the page before it is taken;
 * `broken` takes a copy of the samples with damaged lines, `onDemand` leaves it out unless it is named.
 * @typedef {{ name: string, file: string, theme: 'dark' | 'light' | 'highContrast', keys: string[],
 *   viewport?: { width: number, height: number }, broken?: boolean, onDemand?: boolean }} Picture
 */
/** @type {Picture[]} */
const PICTURES = [
  {
    name: 'trajectory-dark',
    file: 'scenes.imcot.jsonl',
    theme: 'dark',
    keys: ['Home', ...Array(5).fill('ArrowRight')],
  },
  { name: 'trajectory-light', file: 'scenes.imcot.jsonl', theme: 'light', keys: [] },
  { name: 'trajectory-high-contrast', file: 'scenes.imcot.jsonl', theme: 'highContrast', keys: [] },
  {
    name: 'rl-logging-board',
    file: 'rollout_data_rank0.jsonl',
    theme: 'dark',
    keys: ['ArrowDown', 'ArrowDown', 'End'],
  },
  {
    name: 'narrow',
    file: 'scenes.imcot.jsonl',
    theme: 'dark',
    keys: ['End'],
    viewport: { width: 640, height: 1000 },
    onDemand: true,
  },
  {
    name: 'evaluation',
    file: 'result_direct_attributes_demo_acc.jsonl',
    theme: 'dark',
    keys: ['ArrowDown', 'ArrowDown', 'End'],
  },
  {
    name: 'broken',
    file: 'result_direct_attributes_demo_acc.jsonl',
    theme: 'light',
    keys: ['ArrowDown', 'ArrowDown'],
    broken: true,
  },
];

/** A copy of the samples whose evaluation file was cut in the middle of one line and overwritten in another. */
function brokenSamples(file) {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'imcot-broken-')), 'samples');
  cpSync(SAMPLES, folder, { recursive: true });
  const lines = readFileSync(path.join(SAMPLES, file), 'utf8').split('\n');
  lines[2] = lines[2].slice(0, 900);
  lines[4] = `\0\0\0\0${lines[4].slice(400)}`;
  writeFileSync(path.join(folder, file), lines.join('\n'));
  return folder;
}

/** Tries a step of the palette again when a busy machine lets it run out of time. */
async function persist(page, step, tries = 3) {
  for (let left = tries; ; left--) {
    try {
      return await step();
    } catch (error) {
      if (left <= 1) throw error;
      await page.keyboard.press('Escape');
    }
  }
}

async function take(picture, host, browser) {
  const { openWorkbench, openFile, runCommand, screenshot, setTheme, webviewFrame } =
    await import('../test/host/driver.mjs');
  const { startServer } = await import('../test/host/server.mjs');
  const { THEMES } = host;
  // High contrast comes by the picker alone: from the settings it is taken back.
  const contrast = picture.theme.startsWith('highContrast');
  const folder = picture.broken ? brokenSamples(picture.file) : SAMPLES;
  const server = await startServer({
    trust: false,
    settings: {
      'workbench.colorTheme': THEMES[contrast ? 'dark' : picture.theme].id,
      'workbench.editorAssociations': { '*.jsonl': 'imcot.trajectory' },
      'workbench.activityBar.location': 'hidden',
      'workbench.statusBar.visible': true,
      'window.commandCenter': false,
    },
  });
  try {
    const viewport = picture.viewport ?? { width: 1440, height: 860 };
    const page = await openWorkbench(browser, server, { folder, extension: ROOT, viewport });
    if (contrast) await persist(page, () => setTheme(page, picture.theme));
    await openFile(page, picture.file);
    const frame = await webviewFrame(page, PAGE, 40_000);
    await runCommand(page, 'View: Close Primary Side Bar').catch(() => {});
    await frame.locator('[role="treeitem"]').first().waitFor({ timeout: 20_000 });
    await frame.locator('[role="tree"]').first().focus();
    for (const key of picture.keys) await page.keyboard.press(key);
    // Images arrive by message after the text; a dump names none, and a broken record has none.
    await frame
      .locator('.stage-image[src]')
      .first()
      .waitFor({ timeout: 8_000 })
      .catch(() => say(`screenshots: ${picture.name} shows no image`));
    await delay(1500);
    const file = path.join(inRoot('docs/images'), `${picture.name}.png`);
    await screenshot(page, file);
    say(`screenshots: docs/images/${picture.name}.png`);
    await page.context().close();
  } finally {
    await server.stop();
    if (picture.broken) rmSync(path.dirname(folder), { recursive: true, force: true });
  }
}

try {
  await ensureModules();
  await ensureBrowser();
  ensureCodeServer();
  await build();
  mkdirSync(inRoot('docs/images'), { recursive: true });
  const host = await import('../test/host/driver.mjs');
  const wanted = process.argv.slice(2);
  const browser = await host.launchBrowser();
  try {
    for (const picture of PICTURES) {
      if (wanted.length === 0 ? !picture.onDemand : wanted.includes(picture.name))
        await take(picture, host, browser);
    }
  } finally {
    await browser.close();
  }
} catch (error) {
  fail(error.message);
}
