import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { STEP_FILES } from '../../files/resolveFiles';

/**
 * What a log of rollouts that is open may be known as elsewhere: its own path, and for a step's file the folder of the
 * steps, which is the whole log.
 */
export async function namesOfLog(log: string): Promise<readonly string[]> {
  if (!STEP_FILES.some(({ name }) => name.test(path.basename(log)))) return [log];
  const folder = path.dirname(log);
  const names = await readdir(folder).catch((): string[] => []);
  const isLog = STEP_FILES.some(({ name }) => names.filter((entry) => name.test(entry)).length > 1);
  return isLog ? [folder, log] : [log];
}

/** What a log of these files is called: the folder of step files, else the first file. */
export function nameOfLog(files: readonly string[]): string {
  const [first = ''] = files;
  const isSteps = files.length > 1 && STEP_FILES.some(({ name }) => name.test(path.basename(first)));
  return isSteps ? path.dirname(first) : first;
}

/** How the curves of a log of rollouts are looked for. */
export interface CurvesLookup {
  /** Paths that were opened and show the rollouts of one of these logs, the latest first. */
  open(logs: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** Source paths of runs that one of these logs was linked to. */
  linked(logs: readonly string[]): readonly string[];
  /** Logs of metrics near the log to which it belongs. */
  near(log: string): Promise<readonly string[]>;
}

/**
 * What to open to see the curves of the run that wrote a log of rollouts: what shows them already, else the linked log,
 * else one found near, else the log itself, whose own curves are worked out.
 * @param log a local path, of a file or of a folder of step files
 */
export async function curvesOfLog(log: string, lookup: CurvesLookup): Promise<readonly string[]> {
  const logs = await namesOfLog(log);
  const [shown] = await lookup.open(logs);
  if (shown) return shown;
  const whole = logs[0] ?? log;
  for (const candidate of [...lookup.linked(logs), ...(await lookup.near(whole))])
    if (await isThere(candidate)) return [candidate];
  return [whole];
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
