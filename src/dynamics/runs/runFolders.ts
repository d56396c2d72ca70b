import path from 'node:path';

/** A log, and the logs of rollouts that were found to belong to it. */
export interface LinkedLog {
  readonly path: string;
  readonly root: string;
  /** Paths of logs, or of files of logs, that are of the same run. */
  readonly sameRun: readonly string[];
}

/**
 * The folder that stands for each log's run: the one that it lies in, or where logs of several folders belong together
 * the deepest that holds them all. Where that would be the folder that was searched, which holds everything, one of
 * theirs stands for it.
 * @returns by the log's path
 */
export function runFolders(logs: readonly LinkedLog[]): ReadonlyMap<string, string> {
  const groups = new Map<string, Set<string>>();
  const groupOf = (log: LinkedLog): Set<string> => {
    const folder = path.dirname(log.path);
    const group = groups.get(folder) ?? new Set([folder]);
    groups.set(folder, group);
    return group;
  };
  for (const log of logs) {
    for (const other of log.sameRun) {
      const met = logs.find(
        (candidate) => candidate.path === other || other.startsWith(candidate.path + path.sep),
      );
      if (!met || met.root !== log.root) continue;
      const joined = new Set([...groupOf(log), ...groupOf(met)]);
      for (const folder of joined) groups.set(folder, joined);
    }
  }
  return new Map(logs.map((log) => [log.path, nameOf(groupOf(log), log.root)]));
}

function nameOf(group: ReadonlySet<string>, root: string): string {
  const [first = root, ...others] = [...group].sort();
  const above = others.reduce(common, first);
  return others.length > 0 && path.resolve(above) === path.resolve(root) ? first : above;
}

function common(a: string, b: string): string {
  const left = a.split(path.sep);
  const right = b.split(path.sep);
  const end = left.findIndex((name, at) => name !== right[at]);
  return (end < 0 ? left : left.slice(0, end)).join(path.sep) || path.sep;
}
