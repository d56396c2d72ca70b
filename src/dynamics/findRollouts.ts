import { stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { MetLog, SearchBudget } from './rolloutPlaces';
import { entriesOf, logsBelow, logsIn } from './rolloutPlaces';

/** The log of rollouts that belongs to a run, or several of which none is more likely than the others. */
export interface FoundRollouts {
  /** The one that was chosen, to be opened together; absent where several fit equally well. */
  readonly paths?: readonly string[];
  /** All that fit best, as a person calls them; the one that was chosen alone. */
  readonly candidates: readonly string[];
}

/** Folders above the run's own that are looked at: `tensorboard_log/<project>/<experiment>` has three. */
const LEVELS = 4;
/** Folders in which trainers and their scripts put rollouts. */
const ROLLOUT_FOLDER = /rollout|rl_logging_board|completions|generations|validation_data|val_data/i;
const VALIDATION = /(?:^|[_-])val(?:idation)?(?:[_-]|$)/i;
/** Endings of a console log's name that say nothing of the run. */
const LOG_ENDING = /(?:\.console)?\.[A-Za-z]+$/;
/** Folders of a run's own output: what the run is called, they do not say. */
const OUTPUT_FOLDER = /^(?:checkpoint-\d+|runs|logs?|wandb|files|tensorboard(?:_log)?|version_\d+)$/i;

interface Ranked {
  readonly log: MetLog;
  /** How well its names fit those of the run. */
  readonly fit: number;
}

/**
 * Finds the log of rollouts that lies where trainers put it: in the folder of the run's metrics, or in a folder for
 * rollouts beside it or beside a folder above it, under the name of the experiment. Verl: `trainer.rollout_data_dir`;
 * DeepEyes: `rl_logging_board/<project>/<experiment>/`; TRL: `completions/`; ms-swift: `completions.jsonl`. The nearest
 * folder counts, then the name, then training before validation. Looks at a limited number of files and folders, and
 * never into a home folder.
 * @param runSourcePath file or folder that the run's metrics were read from
 * @throws only when the signal fires
 */
export async function findRollouts(
  runSourcePath: string,
  signal: AbortSignal,
): Promise<FoundRollouts | undefined> {
  const source = path.resolve(runSourcePath);
  const isFolder = await stat(source).then(
    (stats) => stats.isDirectory(),
    () => undefined,
  );
  if (isFolder === undefined) return undefined;
  const own = isFolder ? source : path.dirname(source);
  const names = isFolder ? [] : [path.basename(source).replace(LOG_ENDING, '')];
  const budget: SearchBudget = { folders: 400, files: 60 };
  let folder = own;
  for (let level = 0; level <= LEVELS && !isTooHigh(folder); level++) {
    signal.throwIfAborted();
    const met = await logsAt(folder, level, budget, signal);
    const ranked = met
      .filter(({ paths }) => !paths.includes(source))
      .map((log) => ({ log, fit: fitOf(log, names, level === 0) }))
      .filter(({ fit }) => fit > 0);
    const found = best(ranked);
    if (found) return found;
    if (!OUTPUT_FOLDER.test(path.basename(folder))) names.push(path.basename(folder));
    folder = path.dirname(folder);
  }
  return undefined;
}

/** Logs in a folder, and below those folders in it that are for rollouts. */
async function logsAt(
  folder: string,
  level: number,
  budget: SearchBudget,
  signal: AbortSignal,
): Promise<MetLog[]> {
  const entries = await entriesOf(folder, budget);
  const found = await logsIn(folder, entries, [], budget, level > 0);
  for (const entry of entries) {
    if (entry.isDirectory() && ROLLOUT_FOLDER.test(entry.name))
      found.push(...(await logsBelow(path.join(folder, entry.name), budget, signal)));
  }
  return found;
}

/**
 * 3: called as the run is; 2: one name begins or ends with the other; 1: the log has no name of its own; 0: it is
 * another run's. Half more where the project is the same too.
 */
function fitOf({ names }: MetLog, run: readonly string[], isBeside: boolean): number {
  const last = names.at(-1);
  if (last === undefined) return 1;
  const project = names.at(-2);
  const bonus = project !== undefined && run.includes(project) ? 0.5 : 0;
  if (run.includes(last)) return 3 + bonus;
  if (run.some((name) => isPartOf(name, last) || isPartOf(last, name))) return 2 + bonus;
  // A file in the same folder needs no name to belong there.
  return isBeside && names.length === 1 ? 0.5 : 0;
}

/** Whether a name is the other's beginning or end, at a border of words. */
function isPartOf(part: string, whole: string): boolean {
  if (part.length < 3) return false;
  return ['_', '-', '.'].some((border) => whole.startsWith(part + border) || whole.endsWith(border + part));
}

function best(ranked: readonly Ranked[]): FoundRollouts | undefined {
  const most = Math.max(0, ...ranked.map(({ fit }) => fit));
  const fitting = ranked.filter(({ fit }) => fit === most);
  const training = fitting.filter(({ log }) => !isValidation(log));
  const equal = training.length > 0 ? training : fitting;
  const [only] = equal;
  if (!only) return undefined;
  const candidates = equal.map(({ log }) => log.path);
  return equal.length > 1 ? { candidates } : { paths: only.log.paths, candidates };
}

/** By the folder for rollouts that it stands in: the one before the names. */
function isValidation({ path: log, names }: MetLog): boolean {
  const segments = log.split(path.sep);
  return segments.slice(-names.length - 2).some((segment) => VALIDATION.test(segment.replace(/\.\w+$/, '')));
}

/** A home folder, what is above it, and the root of a disk hold everything that a person has. */
function isTooHigh(folder: string): boolean {
  const home = path.resolve(os.homedir());
  const isAbove = `${home}${path.sep}`.startsWith(
    folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`,
  );
  return isAbove || path.dirname(folder) === folder;
}
