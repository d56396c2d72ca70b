import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import path from 'node:path';
import { STEP_FILES } from '../files/resolveFiles';
import { sniffFile } from '../files/sniffFile';
import type { FormatId } from '../readers/reader';

/** A log of rollouts that was met: a file, the files of several ranks, or a folder of step files. */
export interface MetLog {
  /** To be opened together. */
  readonly paths: readonly string[];
  /** What a person calls it. */
  readonly path: string;
  /** What its name says of the run: folders below the place that was searched, and the file where its name says any. */
  readonly names: readonly string[];
}

/** What a search may look at in all, so that it ends soon wherever it begins. */
export interface SearchBudget {
  folders: number;
  files: number;
}

/** Entries of a folder that are looked at. */
const MOST_ENTRIES = 4000;
const MOST_DEPTH = 3;

/** Formats whose rollouts carry the step of a training. */
const WITH_STEPS: readonly FormatId[] = [
  'rl-logging-board',
  'verl-rollouts',
  'trl-completions',
  'swift-completions',
  'imcot',
];
const ENDING = /\.(?:jsonl|parquet)$/;
/** Files that belong together: one for each rank. Source: DeepEyes' `rl_logging_board_utils.py`. */
const RANK_FILE = /^(.*_)rank\d+\.jsonl$/;
/** Names of files that trainers give, whatever the run is called. */
const PLAIN_FILE = /^(?:rollout_data_rank\d+|rollout_data|rollouts?|completions)(?:\.imcot)?\.jsonl$/;

/** Files and folders right in a folder; nothing where it can't be read or the budget is spent. */
export async function entriesOf(folder: string, budget: SearchBudget): Promise<readonly Dirent[]> {
  if (budget.folders-- <= 0) return [];
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      if (!entry.name.startsWith('.') || entry.name === '.imcot') entries.push(entry);
      if (entries.length >= MOST_ENTRIES) break;
    }
  } catch {
    return [];
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Logs of rollouts in a folder, told by their content.
 * @param names what is known of the run by the folder's own name and those above it
 * @param plainOnly whether only files count that are called as trainers call them
 */
export async function logsIn(
  folder: string,
  entries: readonly Dirent[],
  names: readonly string[],
  budget: SearchBudget,
  plainOnly = false,
): Promise<MetLog[]> {
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const steps = STEP_FILES.map(({ name: pattern }) => files.filter((name) => pattern.test(name))).find(
    (found) => found.length > 0,
  );
  if (steps) {
    for (const name of steps.slice(0, 3)) {
      if (await isLog(path.join(folder, name), budget)) return [{ paths: [folder], path: folder, names }];
    }
  }
  const ranks = new Map<string, MetLog>();
  const found: MetLog[] = [];
  for (const name of files.filter((file) => ENDING.test(file) && steps?.includes(file) !== true)) {
    if (plainOnly && !PLAIN_FILE.test(name)) continue;
    const file = path.join(folder, name);
    if (!(await isLog(file, budget))) continue;
    const stem = PLAIN_FILE.test(name) ? [] : [name.replace(/(?:\.imcot)?\.\w+$/, '')];
    const rank = RANK_FILE.exec(name)?.[1];
    const log = { paths: [file], path: file, names: [...names, ...stem] };
    const known = rank === undefined ? undefined : ranks.get(rank);
    if (rank === undefined) found.push(log);
    else ranks.set(rank, known ? { ...known, paths: [...known.paths, file], path: folder } : log);
  }
  return [...found, ...ranks.values()];
}

/** Logs of rollouts in a folder and, a few levels down, in the folders below. */
export async function logsBelow(
  folder: string,
  budget: SearchBudget,
  signal: AbortSignal,
): Promise<MetLog[]> {
  const found: MetLog[] = [];
  const visit = async (at: string, names: readonly string[]): Promise<void> => {
    signal.throwIfAborted();
    const entries = await entriesOf(at, budget);
    found.push(...(await logsIn(at, entries, names, budget)));
    if (names.length >= MOST_DEPTH) return;
    for (const entry of entries)
      if (entry.isDirectory()) await visit(path.join(at, entry.name), [...names, entry.name]);
  };
  await visit(folder, []);
  return found;
}

async function isLog(file: string, budget: SearchBudget): Promise<boolean> {
  if (budget.files-- <= 0) return false;
  const sniffed = await sniffFile(file);
  return 'reader' in sniffed && WITH_STEPS.includes(sniffed.reader.format);
}
