import path from 'node:path';
import { sniffMetricFile } from '../../files/metricFile';
import { walkFolder } from '../../files/walkFolder';
import type { WorkspaceTrust } from '../trust';
import { checkMayRead } from '../trust';

/** How far around a log of rollouts its run's metrics are looked for. */
const LIMITS = { depth: 2, entries: 3000 };
/** Files that are opened to see what they are. */
const MOST_OPENED = 60;
/** Names that trainers give to metrics. */
const NAMES = /\.(?:log|txt|out|jsonl|csv|tsv|wandb|db)$|^events\.out\.tfevents\.|^trainer_state\.json$/i;

/**
 * Logs of metrics near a log of rollouts to which that belongs, the nearest first.
 * @param belongs whether these rollouts are those that a log of metrics would be linked to by itself
 */
export async function metricLogsNear(
  log: string,
  trust: WorkspaceTrust,
  belongs: (metrics: string) => Promise<boolean>,
): Promise<readonly string[]> {
  const root = path.dirname(path.dirname(log));
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
      .then((reader) => reader !== undefined && belongs(file))
      .catch(() => false);
    if (isMetrics) found.push(file);
  }
  return found;
}

/** Steps from one file's folder to the other's. */
function distance(from: string, to: string): number {
  return path.relative(path.dirname(from), path.dirname(to)).split(path.sep).filter(Boolean).length;
}
