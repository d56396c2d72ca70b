import { findSources } from '../../files/findSources';
import type { BadPiece } from '../../files/metricRuns';
import { readMetricRuns } from '../../files/metricRuns';
import { findMetricSources } from '../../files/metricSources';
import type { CliIo } from '../cliIo';
import { Progress } from '../progress';
import { safeLine } from '../text/safeText';
import type { CurveRun } from './curveRun';
import { readRolloutRuns, withDistinctNames } from './rolloutRuns';

/** The runs below some paths, and whether anything could not be read: a path, a file, or a piece of one. */
export interface LoadedRuns {
  readonly runs: readonly CurveRun[];
  readonly hasErrors: boolean;
}

/** How many bad pieces of one file are told one by one. */
const TOLD_BAD_PIECES = 5;

/**
 * Finds files of metrics and logs of rollouts below the paths, and reads the runs in them. A trainer's log and the
 * rollouts of the same training are two runs. What can't be read is told on standard error.
 * @param separate each run of each file by itself
 * @throws ImcotError `cancelled` when the user interrupts
 */
export async function loadRuns(
  paths: readonly string[],
  io: CliIo,
  { separate = false } = {},
): Promise<LoadedRuns> {
  const progress = new Progress(io.err);
  const tell = (sentence: string): void => {
    progress.clear();
    io.err.write(`imcot: ${safeLine(sentence)}\n`);
  };
  const { sources, problems: strange, notices } = await findMetricSources(paths, io.signal);
  // What can't be read the search for metrics has met as well.
  const { sources: rollouts } = await findSources(paths, { signal: io.signal });
  const logs = new Set(rollouts.map((source) => source.path));
  const problems = strange.filter((problem) => !logs.has(problem.path));
  for (const notice of notices) tell(notice);
  for (const { path, reason } of problems) tell(reason.includes(path) ? reason : `${path}: ${reason}`);
  let hasFailed = false;
  const onProgress = (file: string, read: number, size: number): void =>
    progress.update(() => `${safeLine(file)}: ${Math.floor((100 * read) / Math.max(1, size, read))} % read`);
  const onFailure = (file: string, reason: string): void => {
    hasFailed = true;
    tell(reason.includes(file) ? reason : `${file}: ${reason}`);
  };
  const onWithoutSteps = (file: string): void => {
    // One that was only met in a folder is nobody's error.
    if (!paths.includes(file)) return;
    hasFailed = true;
    tell(`no rollout in ${file} says of which training step it is, so there are no curves.`);
  };
  try {
    const metrics = await readMetricRuns(sources, {
      signal: io.signal,
      separate,
      onProgress,
      onTail: (file, bytes) => tell(`${file} ends in ${bytes} bytes that are no whole record (yet).`),
      onFailure,
    });
    const options = { signal: io.signal, onProgress, onFailure, onWithoutSteps };
    const runs = withDistinctNames([...metrics, ...(await readRolloutRuns(rollouts, options))]);
    if (runs.length === 0 && problems.length === 0 && !hasFailed)
      tell('no file of metrics, and no log of rollouts with training steps, was found there.');
    tellBadPieces(runs, tell);
    const hasBad = runs.some(({ badPieces }) => badPieces.length > 0);
    return { runs, hasErrors: hasFailed || hasBad || problems.length > 0 };
  } finally {
    progress.clear();
  }
}

function tellBadPieces(runs: readonly CurveRun[], tell: (sentence: string) => void): void {
  // Several runs of one file have the same pieces.
  const byFile = new Map<string, BadPiece[]>();
  for (const piece of new Set(runs.flatMap(({ badPieces }) => badPieces))) {
    const known = byFile.get(piece.file);
    if (known) known.push(piece);
    else byFile.set(piece.file, [piece]);
  }
  for (const [file, pieces] of byFile) {
    for (const { reason, start } of pieces.slice(0, TOLD_BAD_PIECES))
      tell(`${file}, byte ${start}: ${reason}`);
    const untold = pieces.length - TOLD_BAD_PIECES;
    if (untold > 0) tell(`${file}: ${untold} more bad records.`);
  }
}
