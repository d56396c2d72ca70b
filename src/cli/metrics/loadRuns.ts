import type { BadPiece, MetricRun } from '../../files/metricRuns';
import { readMetricRuns } from '../../files/metricRuns';
import { findMetricSources } from '../../files/metricSources';
import type { CliIo } from '../cliIo';
import { Progress } from '../progress';
import { safeLine } from '../text/safeText';

/** The runs below some paths, and whether anything could not be read: a path, a file, or a piece of one. */
export interface LoadedRuns {
  readonly runs: readonly MetricRun[];
  readonly hasErrors: boolean;
}

/** How many bad pieces of one file are told one by one. */
const TOLD_BAD_PIECES = 5;

/**
 * Finds files of metrics below the paths and reads the runs in them. What can't be read is told on standard error.
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
  const { sources, problems, notices } = await findMetricSources(paths, io.signal);
  for (const notice of notices) tell(notice);
  for (const { path, reason } of problems) tell(reason.includes(path) ? reason : `${path}: ${reason}`);
  if (sources.length === 0 && problems.length === 0) tell('no file of metrics was found there.');
  let hasFailed = false;
  try {
    const runs = await readMetricRuns(sources, {
      signal: io.signal,
      separate,
      onProgress: (file, read, size) =>
        progress.update(
          () => `${safeLine(file)}: ${Math.floor((100 * read) / Math.max(1, size, read))} % read`,
        ),
      onTail: (file, bytes) => tell(`${file} ends in ${bytes} bytes that are no whole record (yet).`),
      onFailure: (file, reason) => {
        hasFailed = true;
        tell(reason.includes(file) ? reason : `${file}: ${reason}`);
      },
    });
    tellBadPieces(runs, tell);
    const hasBad = runs.some(({ badPieces }) => badPieces.length > 0);
    return { runs, hasErrors: hasFailed || hasBad || problems.length > 0 };
  } finally {
    progress.clear();
  }
}

function tellBadPieces(runs: readonly MetricRun[], tell: (sentence: string) => void): void {
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
