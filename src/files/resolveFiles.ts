import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError } from '../common/errors';
import type { FormatId } from '../readers/reader';
import { fileError } from './fileErrors';

/** Names of files of which a folder holds one per step, and whose they are. The bracket is the step. */
export const STEP_FILES: readonly { readonly name: RegExp; readonly format: FormatId }[] = [
  { name: /^(\d+)\.jsonl$/, format: 'verl-rollouts' },
  { name: /^completions_(\d+)\.parquet$/, format: 'trl-completions' },
];

/** Name of the file of which each folder in a folder holds one per rollout, and whose it is. */
export const FOLDER_FILES: { readonly name: string; readonly format: FormatId } = {
  name: 'traj.jsonl',
  format: 'mini-o3',
};

/** The files of a log. */
export interface LogFiles {
  /** What a person calls it. */
  readonly name: string;
  readonly files: readonly string[];
  /** The folder whose step files these are: more of them may appear. */
  readonly folder?: string;
}

/**
 * The files that a path, or a list of files, stands for. A folder stands for its step files (`1.jsonl`, `2.jsonl` and
 * so on, or `completions_00001.parquet` and so on) in the order of the steps.
 * @throws ImcotError with a sentence when there is nothing of the kind
 */
export async function resolveFiles(paths: string | readonly string[]): Promise<LogFiles> {
  const list = typeof paths === 'string' ? [paths] : paths;
  const [first] = list;
  if (first === undefined) throw new ImcotError('usage', 'No file was named.');
  if (list.length > 1) return { name: commonFolder(list), files: list };
  try {
    if (!(await stat(first)).isDirectory()) return { name: first, files: [first] };
    const files = await stepFiles(first);
    if (files.length > 0) return { name: first, files, folder: first };
    const rollouts = await folderFiles(first);
    if (rollouts.length > 0) return { name: first, files: rollouts };
  } catch (thrown) {
    throw fileError(thrown, first);
  }
  throw new ImcotError(
    'input',
    `${first} is a folder without step files such as 1.jsonl or completions_00001.parquet. Name one of the files in it.`,
  );
}

/** Orders paths as a person counts: `q_2` before `q_10`. */
export function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1);
}

/** The files of the rollouts that have a folder each in this one, in the order of the folders' names. */
async function folderFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const file = path.join(folder, entry.name, FOLDER_FILES.name);
    const isThere = entry.isDirectory() && (await stat(file).catch(() => undefined))?.isFile();
    if (isThere === true) found.push(file);
  }
  return found.sort(byNumbers);
}

/** The step files of a folder in the order of their numbers; of two kinds the first that is there. */
export async function stepFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  for (const { name: pattern } of STEP_FILES) {
    const steps: { readonly name: string; readonly step: number }[] = [];
    for (const name of names) {
      const digits = pattern.exec(name)?.[1];
      if (digits !== undefined) steps.push({ name, step: Number(digits) });
    }
    steps.sort((a, b) => a.step - b.step || (a.name < b.name ? -1 : 1));
    if (steps.length > 0) return steps.map(({ name }) => path.join(folder, name));
  }
  return [];
}

function commonFolder(files: readonly string[]): string {
  const folder = path.dirname(files[0] ?? '');
  return files.every((file) => path.dirname(file) === folder) ? folder : files.join(', ');
}
