import path from 'node:path';
import { findRollouts } from '../../dynamics/findRollouts';
import { sniffMetricFile } from '../../files/metricFile';
import { walkFolder } from '../../files/walkFolder';
import type { WorkspaceTrust } from '../trust';
import { checkMayRead } from '../trust';

/** How far around a log of rollouts its run's metrics are looked for. */
const LIMITS = { depth: 3, entries: 3000 };
/** Files that are opened to see what they are. */
const MOST_OPENED = 60;
/** How long rollouts are looked for from one of them, in milliseconds. */
const PATIENCE = 2000;
/** Names that trainers give to metrics. */
const NAMES = /\.(?:log|txt|out|jsonl|csv|tsv|wandb|db)$|^events\.out\.tfevents\.|^trainer_state\.json$/i;

/**
 * Logs of metrics near a log of rollouts which would be linked to it by themselves, the nearest first.
 */
export async function metricLogsNear(log: string, trust: WorkspaceTrust): Promise<readonly string[]> {
  // `rollout_data/<project>/<experiment>.jsonl` beside `logs`: two folders up, and another one in case.
  const own = path.dirname(log);
  const root = await highestOf([path.dirname(path.dirname(own)), path.dirname(own), own], trust);
  if (root === undefined) return [];
  const { folders } = await walkFolder(root, LIMITS);
  const files = folders.flatMap((folder) =>
    folder.files.filter((name) => NAMES.test(name)).map((name) => path.join(folder.path, name)),
  );
  const near = files
    .filter((file) => file !== log && !file.startsWith(log + path.sep))
    .sort((a, b) => distance(log, a) - distance(log, b));
  const found: string[] = [];
  for (const file of near.slice(0, MOST_OPENED)) {
    const isMetrics = await checkMayRead(file, trust)
      .then(() => sniffMetricFile(file))
      .then((reader) => reader !== undefined && belongs(file, log))
      .catch(() => false);
    if (isMetrics) found.push(file);
  }
  return found;
}

/** The first of these folders that may be looked into. */
async function highestOf(folders: readonly string[], trust: WorkspaceTrust): Promise<string | undefined> {
  for (const folder of folders) {
    const isAllowed = await checkMayRead(folder, trust).then(
      () => true,
      () => false,
    );
    if (isAllowed) return folder;
  }
  return undefined;
}

/** Whether these rollouts are what is found for a log of metrics. */
async function belongs(metrics: string, log: string): Promise<boolean> {
  const found = await findRollouts(metrics, AbortSignal.timeout(PATIENCE));
  return found?.paths?.includes(log) === true;
}

/** Steps from one file's folder to the other's. */
function distance(from: string, to: string): number {
  return path.relative(path.dirname(from), path.dirname(to)).split(path.sep).filter(Boolean).length;
}
