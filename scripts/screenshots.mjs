// npm run screenshots: the README's pictures, taken of the real editor over the sample rollouts into docs/images/.
// `npm run screenshots -- NAME...` takes only those; IMCOT_SCREENSHOTS names another folder to put them in.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { takeDemoRuns } from './lib/demoRunPictures.mjs';
import { fail, inRoot, ROOT, say } from './lib/run.mjs';
import { build, ensureBrowser, ensureCodeServer, ensureModules } from './setup.mjs';

const SAMPLES = inRoot('media/demo/samples');
const PAGE = '.page .main-region';
/** Where the pictures go. */
const out = process.env.IMCOT_SCREENSHOTS
  ? path.resolve(process.env.IMCOT_SCREENSHOTS)
  : inRoot('docs/images');

/**
 * One picture: which file, in which theme and size, and which keys are pressed in the page before it is taken;
 * `keysOnImage` are pressed once the image is there, `unfold` opens the folds with these words, `inView` scrolls until
 * what this selects is in view, `onDemand` leaves the picture out unless it is named.
 * `broken` takes a copy of the samples with damaged lines, `missing` one without the pictures, `rollouts` a folder with
 * rollouts that are made for it, `live` writes on while the picture is taken, `curves` takes a run that is made for it
 * and shows its curves.
 * @typedef {{ name: string, file: string, theme: 'dark' | 'light' | 'highContrast', keys: string[],
 *   viewport?: { width: number, height: number }, broken?: boolean, missing?: boolean, rollouts?: boolean, live?: boolean, curves?: boolean,
 *   keysOnImage?: string[], unfold?: string[], inView?: string, onDemand?: boolean }} Picture
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
    viewport: { width: 460, height: 900 },
  },
  {
    name: 'log-probabilities',
    file: 'rollout_data_rank0.jsonl',
    theme: 'light',
    keys: ['ArrowDown', 'ArrowDown', 'p'],
  },
  {
    name: 'missing-image',
    file: 'scenes.imcot.jsonl',
    theme: 'dark',
    keys: ['End'],
    missing: true,
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

/** Rollouts as this product makes them; each is taken in every theme. */
const ROLLOUTS = [
  { name: 'live', live: true, keys: [] },
  { name: 'demo', keys: [], unfold: ['Settings'] },
  { name: 'cancelled', keys: [] },
  { name: 'error', keys: [] },
  { name: 'crops-of-crops', keys: ['Home', ...Array(8).fill('ArrowRight'), 'b'] },
  { name: 'judge', keys: [], unfold: ['What the judge said'] },
  { name: 'group', keys: ['ArrowDown'], keysOnImage: ['o', 'b'], inView: '.siblings' },
  { name: 'boxes-compared', keys: [] },
  { name: 'tool-errors', keys: [] },
  { name: 'loop', keys: [] },
  { name: 'long-thought', keys: ['Home', 'ArrowRight'] },
];
/** Those that stand in the README and the docs. */
const SHOWN = new Set(['live-dark', 'demo-light', 'crops-of-crops-dark', 'group-dark']);
for (const { name, ...rest } of ROLLOUTS) {
  for (const theme of ['dark', 'light', 'highContrast']) {
    const own = `${name}-${theme === 'highContrast' ? 'high-contrast' : theme}`;
    const file = `${name}.imcot.jsonl`;
    PICTURES.push({ name: own, file, theme, rollouts: true, onDemand: !SHOWN.has(own), ...rest });
  }
}

for (const theme of ['dark', 'light', 'highContrast']) {
  const name = `dynamics-${theme === 'highContrast' ? 'high-contrast' : theme}`;
  const onDemand = theme === 'highContrast';
  PICTURES.push({ name, file: 'deepeyes-7b.log', theme, keys: [], curves: true, onDemand });
}

/** Pictures of the dynamics page by itself, over curves that its tests hold. All are taken when they are named. */
const CURVES_ON_DEMAND = [
  'rollouts',
  'no-stages',
  'three-runs',
  'band',
  'live',
  'table',
  'metrics',
  'narrow',
  'loading',
  'error',
].map((name) => `dynamics-${name}`);

/** Takes pictures of the dynamics page by itself. */
function takeCurves(wanted) {
  const names = wanted.filter((name) => CURVES_ON_DEMAND.includes(name));
  if (names.length === 0) return;
  const script = inRoot('test/webview/support/dynamicsPictures.ts');
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script, out, ...names], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the pictures of the dynamics page could not be taken');
  for (const name of names) say(`screenshots: ${path.relative(ROOT, path.join(out, `${name}.png`))}`);
}

let made;
/** A folder with the logs of rollouts: the demo model's, and a scripted one's. Made once. */
function rolloutSamples() {
  if (made) return made;
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'imcot-rollouts-')), 'rollouts');
  mkdirSync(folder);
  cpSync(path.join(SAMPLES, 'market-street.jpg'), path.join(folder, 'market-street.jpg'));
  const questions = readFileSync(inRoot('media/demo/images/questions.jsonl'), 'utf8').split('\n').slice(0, 2);
  const [first, second] = questions.map((line) => JSON.parse(line));
  for (const { image } of [first, second])
    cpSync(inRoot(path.join('media/demo/images', image)), path.join(folder, image));
  const run = (...args) => {
    const { status } = spawnSync(process.execPath, args, {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`${args[1] ?? args[0]} failed`);
  };
  run('--import', 'tsx', inRoot('scripts/rolloutLogs.ts'), folder);
  const demo = ({ image, question, answer }, out, ...more) =>
    run(
      inRoot('dist/cli.js'),
      'run',
      ...['--image', path.join(folder, image), '--question', question, '--answer', answer],
      ...['--out', path.join(folder, out), ...more],
    );
  demo(first, 'demo.imcot.jsonl');
  demo(second, 'group.imcot.jsonl', '--n', '16', '--seed', '7');
  made = folder;
  return folder;
}

/** A workspace of its own for one picture, whose log goes on with a token now and then where it is a live one. */
function rolloutWorkspace(picture) {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'imcot-rollout-')), 'rollouts');
  cpSync(rolloutSamples(), folder, { recursive: true });
  const end = '.imcot.jsonl';
  for (const name of readdirSync(folder))
    if (name.endsWith(end) && name !== picture.file) rmSync(path.join(folder, name));
  return folder;
}

/** Writes the rest of a log, a token at a time, and from the front again when it is through. */
function writeOn(folder, file) {
  const rest = readFileSync(path.join(folder, file.replace('.imcot.jsonl', '.rest')), 'utf8')
    .trimEnd()
    .split('\n');
  let next = 0;
  const timer = setInterval(() => {
    const line = rest[next++];
    if (line === undefined) return clearInterval(timer);
    appendFileSync(path.join(folder, file), `${line}\n`);
  }, 120);
  return () => clearInterval(timer);
}

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

/** Where the log without pictures says that they are: on the machine that wrote it. */
const ELSEWHERE = '/data/scenes';

/** A copy of a log as it comes to somebody who has it alone. The paths that are tried for its pictures are shown. */
function samplesWithoutPictures(file) {
  let parent = path.join(tmpdir(), 'rollouts');
  try {
    mkdirSync(parent);
  } catch {
    parent = mkdtempSync(`${parent}-`);
  }
  const folder = path.join(parent, 'scenes');
  mkdirSync(folder);
  const log = readFileSync(path.join(SAMPLES, file), 'utf8');
  const named = log.replaceAll(/"path":"([\w-]+\.jpg)"/g, `"path":"${ELSEWHERE}/$1"`);
  writeFileSync(path.join(folder, file), named);
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

/** A run with the paper's curves, and rollouts that are made up to fit them. */
function curvesWorkspace() {
  const folder = path.join(mkdtempSync(path.join(tmpdir(), 'imcot-curves-')), 'deepeyes-7b');
  mkdirSync(folder);
  const script = inRoot('scripts/curveLogs.ts');
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script, folder], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the run could not be made');
  return folder;
}

function folderOf(picture) {
  if (picture.curves) return curvesWorkspace();
  if (picture.rollouts) return rolloutWorkspace(picture);
  if (picture.missing) return samplesWithoutPictures(picture.file);
  return picture.broken ? brokenSamples(picture.file) : SAMPLES;
}

/** The trajectory editor as the picture wants it. Gives what ends the writing of a live one. */
async function showRollouts(page, picture, folder) {
  const { runCommand, webviewFrame } = await import('../test/host/driver.mjs');
  const frame = await webviewFrame(page, PAGE, 40_000);
  await persist(page, () => runCommand(page, 'View: Close Primary Side Bar')).catch(() => {});
  await frame.locator('[role="treeitem"]').first().waitFor({ timeout: 20_000 });
  await frame.locator('[role="tree"]').first().focus();
  for (const key of picture.keys) await page.keyboard.press(key);
  for (const words of picture.unfold ?? [])
    await frame.locator('summary', { hasText: words }).first().click();
  const stopWriting = picture.live ? writeOn(folder, picture.file) : () => {};
  // Images arrive by message after the text; a dump names none, and a broken record has none.
  await frame
    .locator('.stage-image[src]')
    .first()
    .waitFor({ timeout: 8_000 })
    .catch(() => say(`screenshots: ${picture.name} shows no image`));
  for (const key of picture.keysOnImage ?? []) await page.keyboard.press(key);
  if (picture.inView !== undefined) await frame.locator(picture.inView).first().scrollIntoViewIfNeeded();
  await delay(picture.live ? 3000 : 1500);
  return stopWriting;
}

/** The curves of the log that is open, with a step chosen. */
async function showCurves(page) {
  const { runCommand, webviewFrame } = await import('../test/host/driver.mjs');
  await persist(page, () => runCommand(page, 'iMCoT: Show Training Dynamics'));
  await runCommand(page, 'View: Close Primary Side Bar').catch(() => {});
  const frame = await webviewFrame(page, '.heat:not([hidden])', 60_000);
  // Only the curves' own tab, as if they had been opened from the tree.
  await page.locator('.tab', { hasText: '.log' }).first().click({ button: 'middle' });
  await frame.locator('.chart-stack .plot').first().waitFor();
  const [first, last] = [frame.locator('.stage-title').first(), frame.locator('.stage-title').last()];
  const [left, right] = [await first.boundingBox(), await last.boundingBox()];
  const plot = await frame.locator('.chart .plot').first().boundingBox();
  const x = left.x + (46 / 79) * (right.x + right.width - left.x);
  await page.mouse.click(x, plot.y + plot.height / 2);
  await frame.getByText('Step 46', { exact: true }).first().waitFor();
  await frame.getByText('rollouts of this step').first().waitFor();
  await page.mouse.move(10, 10);
  await delay(1000);
  return () => {};
}

/** Rewrites a picture in 256 colours: a third of the bytes, and nobody sees the difference. */
async function shrink(file) {
  const { default: sharp } = await import('sharp');
  writeFileSync(
    file,
    await sharp(file).png({ palette: true, colours: 256, effort: 10, dither: 0.5 }).toBuffer(),
  );
}

async function take(picture, host, browser) {
  const { openWorkbench, openFile, screenshot, setTheme } = await import('../test/host/driver.mjs');
  const { startServer } = await import('../test/host/server.mjs');
  const { THEMES } = host;
  // High contrast comes by the picker alone: from the settings it is taken back.
  const contrast = picture.theme.startsWith('highContrast');
  const folder = folderOf(picture);
  let stopWriting = () => {};
  const server = await startServer({
    trust: false,
    settings: {
      'workbench.colorTheme': THEMES[contrast ? 'dark' : picture.theme].id,
      'workbench.editorAssociations': { '*.jsonl': 'imcot.trajectory' },
      'workbench.activityBar.location': 'hidden',
      'workbench.statusBar.visible': true,
      'window.commandCenter': false,
      ...(picture.missing && { 'imcot.imageRoots': [ELSEWHERE] }),
    },
  });
  try {
    const viewport = picture.viewport ?? { width: 1440, height: 860 };
    const page = await openWorkbench(browser, server, { folder, extension: ROOT, viewport });
    if (contrast) await persist(page, () => setTheme(page, picture.theme));
    // A folder that was just made takes its time until its files can be searched.
    await persist(page, () => openFile(page, picture.file));
    stopWriting = await (picture.curves ? showCurves(page) : showRollouts(page, picture, folder));
    const file = path.join(out, `${picture.name}.png`);
    await screenshot(page, file);
    await shrink(file);
    say(`screenshots: ${path.relative(ROOT, file)}`);
    await page.context().close();
  } finally {
    stopWriting();
    await server.stop();
    if (folder !== SAMPLES) rmSync(path.dirname(folder), { recursive: true, force: true });
  }
}

try {
  await ensureModules();
  await ensureBrowser();
  ensureCodeServer();
  await build();
  mkdirSync(out, { recursive: true });
  const host = await import('../test/host/driver.mjs');
  const wanted = process.argv.slice(2);
  takeCurves(wanted);
  takeDemoRuns(out, wanted);
  const browser = await host.launchBrowser();
  try {
    for (const picture of PICTURES) {
      if (wanted.length === 0 ? !picture.onDemand : wanted.includes(picture.name))
        await take(picture, host, browser).catch((error) => {
          // A busy machine lets one run out of time now and then.
          say(`screenshots: ${picture.name} once more: ${error.message.split('\n')[0]}`);
          return take(picture, host, browser);
        });
    }
  } finally {
    await browser.close();
    if (made) rmSync(path.dirname(made), { recursive: true, force: true });
  }
} catch (error) {
  fail(error.message);
}
