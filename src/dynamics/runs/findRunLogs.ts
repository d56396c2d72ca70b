import { stat } from 'node:fs/promises';
import path from 'node:path';
import { findSources, type FoundSource } from '../../files/findSources';
import type { AnyMetricReader } from '../../files/metricFile';
import { sniffMetricFile } from '../../files/metricFile';
import { findMetricSources } from '../../files/metricSources';
import { sniffFile, type SniffResult } from '../../files/sniffFile';
import { WALK_LIMITS } from '../../files/walkFolder';
import { findRollouts, type FoundRollouts } from '../findRollouts';
import { KeptSniffs } from './keptSniffs';
import { leftOut } from './leftOut';
import { runFolders, type LinkedLog } from './runFolders';
import type { RunLog, RunLogs, RunRoot } from './runLogs';

/** Most logs that are listed. */
const MOST_LOGS = 2000;
/** Most logs of metrics whose rollouts are looked for elsewhere. */
const MOST_LINKED = 60;
/** How long the rollouts of one run are looked for, in milliseconds. */
const PATIENCE = 1000;

/** A log, and what reads its metrics where it has any. */
export interface FoundLog extends Omit<RunLog, 'count' | 'uncounted' | 'supersededBy' | 'grewAt'> {
  readonly metrics?: AnyMetricReader;
}

/** What a search came back with. */
export interface FoundLogs extends Pick<RunLogs, 'problems' | 'notices'> {
  readonly logs: readonly FoundLog[];
}

/** Finds the logs of rollouts and of metrics below folders, as `imcot list` does, again and again. */
export class LogFinder {
  private readonly rollouts = new KeptSniffs<SniffResult>((file) => sniffFile(file));
  private readonly metrics = new KeptSniffs<AnyMetricReader | undefined>(sniffMetricFile);

  /** @throws when the signal fires, and then alone */
  async find(roots: readonly RunRoot[], signal: AbortSignal): Promise<FoundLogs> {
    const limits = { ...WALK_LIMITS, isLeftOut: leftOut(roots) };
    const logs: FoundLog[] = [];
    const problems = new Map<string, string>();
    const notices = new Set<string>();
    for (const { path: root } of roots) {
      const found = await findSources([root], { signal, limits, sniff: this.rollouts.sniff });
      const metrics = await findMetricSources([root], signal, this.metrics.sniff, limits);
      for (const { path: file, reason } of [...found.problems, ...metrics.problems])
        problems.set(file, reason);
      for (const notice of [...found.notices, ...metrics.notices]) notices.add(notice);
      // Of folders that lie in each other each log counts once.
      const known = new Set(logs.map((log) => log.path));
      for (const log of merged(found.sources, metrics.sources))
        if (!known.has(log.path)) logs.push({ ...log, root, run: root, ...(await sizes(log.files)) });
    }
    this.rollouts.turn();
    this.metrics.turn();
    if (logs.length > MOST_LOGS)
      notices.add(`${logs.length} logs were found; the first ${MOST_LOGS} are listed.`);
    const listed = logs.slice(0, MOST_LOGS);
    const folders = runFolders(await linked(listed, signal));
    return {
      logs: listed.map((log) => ({ ...log, run: folders.get(log.path) ?? log.run })),
      problems: [...problems].map(([file, reason]) => ({ path: file, reason })),
      notices: [...notices],
    };
  }
}

type Merged = Pick<FoundLog, 'path' | 'files' | 'kind' | 'format' | 'label' | 'metrics'>;

function merged(
  rollouts: readonly FoundSource[],
  metrics: readonly {
    readonly path: string;
    readonly files: readonly string[];
    readonly reader: AnyMetricReader;
  }[],
): Merged[] {
  const readers = new Map(
    metrics.flatMap(({ files, reader }) => files.map((file) => [file, reader] as const)),
  );
  const known = new Set(rollouts.map(({ path: name }) => name));
  return [
    ...rollouts.map((source): Merged => {
      const reader = readers.get(source.path);
      return { ...source, kind: reader ? 'both' : 'trajectories', ...(reader && { metrics: reader }) };
    }),
    ...metrics
      .filter((source) => !known.has(source.path))
      .map(({ path: name, files, reader }): Merged => {
        const { format, label } = reader;
        return { path: name, files, kind: 'metrics', format, label, metrics: reader };
      }),
  ];
}

async function sizes(
  files: readonly string[],
): Promise<{ readonly bytes: number; readonly writtenAt: number }> {
  let bytes = 0;
  let writtenAt = 0;
  for (const file of files) {
    const stats = await stat(file).catch(() => undefined);
    bytes += stats?.size ?? 0;
    writtenAt = Math.max(writtenAt, stats?.mtimeMs ?? 0);
  }
  return { bytes, writtenAt };
}

async function linked(logs: readonly FoundLog[], signal: AbortSignal): Promise<readonly LinkedLog[]> {
  const hasRollouts = logs.some(({ kind }) => kind !== 'metrics');
  const beside = new Set(logs.filter(({ kind }) => kind !== 'metrics').map((log) => path.dirname(log.path)));
  let asked = 0;
  const all: LinkedLog[] = [];
  for (const log of logs) {
    const isAsked = hasRollouts && log.kind === 'metrics' && !beside.has(path.dirname(log.path));
    const found = isAsked && asked++ < MOST_LINKED ? await rolloutsOf(log.path, signal) : undefined;
    all.push({ path: log.path, root: log.root, sameRun: found?.paths ?? [] });
  }
  return all;
}

/** What belongs to a log of metrics; nothing where that takes too long to find out. */
async function rolloutsOf(log: string, signal: AbortSignal): Promise<FoundRollouts | undefined> {
  signal.throwIfAborted();
  return findRollouts(log, AbortSignal.timeout(PATIENCE)).catch(() => undefined);
}
