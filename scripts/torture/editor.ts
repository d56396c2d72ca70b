import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Frame } from 'playwright-core';
import { seededNumbers } from '../../src/inference/randomNumbers';
import type { TestWorkbench } from '../../test/host/workbench';
import { startTestWorkbench } from '../../test/host/workbench';
import { writePicture } from '../../test/integration/support/samples';
import { readLog } from '../../test/support/demoModel';
import { readPlainLog, textsOf } from './plainLog';
import { processTree } from './processTree';
import { isThere } from './traces';

const FIXTURE = path.join(__dirname, '../../test/golden/qwen2_5_vl/checkpoint');
const KEY = { typed: 'Control+Alt+F9', named: 'ctrl+alt+f9' };
/** The page is looked at for up to so long before the kill. */
const WATCH_MS = 3000;
const ORPHAN_MS = 5000;
const SOON_MS = 60_000;
/** A window that loads takes keys before its settings are all there. */
const SETTLED_MS = 3000;
const LOOK_MS = 50;

/** What to torture, and where. */
export interface EditorTorture {
  /** Made and filled; the caller removes it. */
  readonly workFolder: string;
  /**
   * The packaged extension. Installed, the editor restarts its host by itself; absent, the one in dist/ is under
   * development, after whose end the editor restarts nothing until its window is loaded again.
   */
  readonly vsix?: string;
  readonly rounds: number;
  readonly seed: number;
  readonly onRound?: (line: string) => void;
}

/** What came of it. */
export interface EditorTortureReport {
  /** Letters and digits of the model's text that stood on the page at the kills, all rounds together. */
  readonly shown: number;
  readonly problems: readonly string[];
}

/**
 * Kills the extension host of a real editor while a rollout streams into its page, and looks after each kill whether what
 * the page shows is in the log, the model's process goes away, and the log opens again once the editor has another host.
 */
export async function tortureEditor(options: EditorTorture): Promise<EditorTortureReport> {
  const random = seededNumbers(options.seed);
  const problems: string[] = [];
  let shown = 0;
  for (let round = 1; round <= options.rounds; round++) {
    mkdirSync(options.workFolder, { recursive: true });
    const folder = mkdtempSync(path.join(options.workFolder, 'editor-'));
    const told = (sentence: string): void => void problems.push(`Editor round ${round}: ${sentence}.`);
    const result = await killHost(options, folder, random.uniform() * WATCH_MS, told);
    shown += result.letters;
    options.onRound?.(`${round}: ${result.line}; ${problems.length} problems so far`);
  }
  return { shown, problems };
}

interface Killed {
  readonly letters: number;
  readonly line: string;
}

async function killHost(
  { vsix }: EditorTorture,
  folder: string,
  wait: number,
  problem: (sentence: string) => void,
): Promise<Killed> {
  const image = path.join(folder, 'picture.png');
  await writePicture(image, 120, 90);
  // Without tools there are no calls and no tags: what the page shows of the model is its text alone.
  const asked = {
    image,
    question: 'What is there?',
    model: FIXTURE,
    temperature: 1,
    seed: 2,
    tools: false,
  };
  const editor = await startTestWorkbench({
    folder,
    ...(vsix === undefined ? {} : { vsix }),
    settings: { 'imcot.modelFolders': [FIXTURE] },
    keybindings: [{ key: KEY.named, command: 'imcot.runRollout', args: asked }],
  });
  try {
    const file = await startRollout(editor, folder);
    const frame = await editor.webview('[role=tree] .writing');
    await delay(wait);
    const { host, worker } = processesOf(editor);
    process.kill(host, 'SIGKILL');
    // What was on its way to the page may still come.
    await delay(500);
    const pieces = await textOnPage(frame);
    const orphan = await waitUntil(() => !isThere(worker), ORPHAN_MS);
    if (orphan === undefined) problem(`process ${worker} outlives the extension host by ${ORPHAN_MS} ms`);
    const log = await readPlainLog(file);
    const text = textsOf(log.events, 0).join('');
    if (log.damaged.length > 0) problem(`${log.damaged.length} lines before the end are torn`);
    const letters = lettersOf(pieces.join('')).length;
    if (letters === 0) problem('the page showed no text');
    if (!standsIn(pieces, text)) problem('the page showed text that is not in the log');
    await checkReader(file, text, log.tail, problem);
    const back = await reopened(editor, file, host);
    if (lettersOf(back.join('')).length < Math.min(letters, 100) || !standsIn(back, text))
      problem('the page shows other text when the log is opened again');
    const gone = orphan === undefined ? 'not gone' : `gone after ${Math.round(orphan)} ms`;
    return {
      letters,
      line: `${letters} letters on the page, ${text.length} characters in the log, model ${gone}`,
    };
  } catch (thrown) {
    await editor.screenshot('torture-editor-failed');
    throw thrown;
  } finally {
    await editor.close();
  }
}

/**
 * Presses the key until a log is there. An extension that is activated while the window still loads may know nothing of
 * the settings of this machine, among them the model, until it is loaded again.
 */
async function startRollout(editor: TestWorkbench, folder: string): Promise<string> {
  const logs = path.join(folder, '.imcot', 'rollouts');
  const logIn = (): string | undefined => {
    try {
      return readdirSync(logs).find((name) => name.endsWith('.jsonl'));
    } catch {
      return undefined;
    }
  };
  for (let tries = 0; tries < 5 && logIn() === undefined; tries++) {
    if (tries > 0) await editor.page.reload();
    await delay(SETTLED_MS);
    await editor.page.keyboard.press(KEY.typed);
    await waitUntil(() => logIn() !== undefined, SOON_MS / 4);
  }
  const name = logIn();
  if (name === undefined) throw new Error('The key began no rollout.');
  return path.join(logs, name);
}

function processesOf({ serverPid }: TestWorkbench): { readonly host: number; readonly worker: number } {
  const tree = processTree(serverPid ?? -1);
  const host = tree.find(({ words }) => words.includes('--type=extensionHost'));
  const worker = tree.find(
    ({ words, parent }) => parent === host?.pid && words.includes('inferenceWorker.js'),
  );
  if (!host || !worker) throw new Error('The editor has no extension host, or that no model.');
  return { host: host.pid, worker: worker.pid };
}

/** The model's words on the page, a text for each part; what the page adds to name characters that hide is left out. */
function textOnPage(frame: Frame): Promise<readonly string[]> {
  return frame.evaluate<
    string[]
  >(`[...document.querySelectorAll('li.node:not(.question) .node-body')].map((node) => {
    const copy = node.cloneNode(true);
    for (const named of copy.querySelectorAll('.control-character, button')) named.remove();
    return copy.textContent;
  })`);
}

/** Blanks and signs are drawn in ways of their own. */
const lettersOf = (text: string): string => (text.match(/[\p{L}\p{N}]/gu) ?? []).join('');

/** Whether all pieces stand in the text in their order. */
function standsIn(pieces: readonly string[], text: string): boolean {
  const letters = lettersOf(text);
  let from = 0;
  for (const piece of pieces.map(lettersOf)) {
    const at = letters.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return true;
}

async function checkReader(
  file: string,
  text: string,
  tail: string,
  problem: (sentence: string) => void,
): Promise<void> {
  const { trajectories, damage } = await readLog(file);
  if (damage.length > (tail === '' ? 0 : 1)) problem(`the reader says: ${damage.join(' ')}`);
  const [rollout] = trajectories;
  if (rollout?.outcome.status !== 'running')
    problem(`the reader finds ${rollout?.outcome.status ?? 'no rollout'}`);
  if (rollout?.turns.map(({ raw }) => raw).join('') !== text) problem('the reader finds other text');
}

/** Waits for the editor's next extension host and opens the log in it; gives the text on its page. */
async function reopened(editor: TestWorkbench, file: string, killed: number): Promise<readonly string[]> {
  const isNext = ({ pid, words }: { pid: number; words: string }): boolean =>
    pid !== killed && words.includes('--type=extensionHost');
  const isBack = (): boolean => processTree(editor.serverPid ?? -1).some(isNext);
  if (editor.installed === undefined) await editor.run('Developer: Reload Window');
  const restarted = await waitUntil(isBack, SOON_MS);
  if (restarted === undefined) throw new Error('The editor did not start another extension host.');
  await editor.run('View: Close All Editors');
  await editor.open(path.basename(file));
  const frame = await editor.webview('[role=tree] li.node:not(.question) .node-body');
  return textOnPage(frame);
}

/** @returns milliseconds until it was so; undefined when it was not within the limit */
async function waitUntil(probe: () => boolean, limitMs: number): Promise<number | undefined> {
  const begin = performance.now();
  while (!probe()) {
    if (performance.now() - begin > limitMs) return undefined;
    await delay(LOOK_MS);
  }
  return performance.now() - begin;
}
