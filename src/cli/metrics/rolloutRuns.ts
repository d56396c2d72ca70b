import path from 'node:path';
import { errorMessage } from '../../common/errors';
import { openRolloutCurves } from '../../dynamics/rolloutCurves';
import type { RolloutRun } from '../../dynamics/rolloutRun';
import { distinctNames } from '../../files/metricRunNames';
import type { BadPiece } from '../../files/metricRuns';
import type { FoundSource } from '../../files/findSources';
import { RawRun } from '../../metrics/rawRun';
import type { CurveRun } from './curveRun';

/** What a caller hears of logs of rollouts while they are read. */
export interface RolloutRunsOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (file: string, read: number, size: number) => void;
  readonly onFailure: (file: string, reason: string) => void;
  /** No rollout of the log carries a step, so it has no curves. */
  readonly onWithoutSteps: (file: string) => void;
}

/** Works out the curves of logs of rollouts, one run for each. @throws only when the signal fires */
export async function readRolloutRuns(
  sources: readonly FoundSource[],
  { signal, onProgress, onFailure, onWithoutSteps }: RolloutRunsOptions,
): Promise<CurveRun[]> {
  const runs: CurveRun[] = [];
  for (const source of sources) {
    const badPieces: BadPiece[] = [];
    const curves = await openRolloutCurves(source.files, {
      onBad: ({ file, reason, bytes }) => badPieces.push({ file, reason, ...bytes }),
    });
    try {
      await curves.refresh(signal, (read, size) => onProgress(source.path, read, size));
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      onFailure(source.path, errorMessage(thrown));
      continue;
    }
    if (curves.run.steps.length > 0) runs.push(toRun(source, curves.run, badPieces));
    else onWithoutSteps(source.path);
  }
  return runs;
}

/** All runs, with different names: those of logs of rollouts may be called like the trainer's log beside them. */
export function withDistinctNames(runs: readonly CurveRun[]): CurveRun[] {
  const root = commonFolder(runs.map(({ source }) => path.resolve(source)));
  const names = distinctNames(
    runs.map(({ name, format, source }) => ({ name, tellers: [format, path.relative(root, source)] })),
  );
  return runs.map((run, index) => ({ ...run, name: names[index] ?? run.name }));
}

/** The folder that all of the paths lie in. */
function commonFolder(paths: readonly string[]): string {
  let [folder = ''] = paths.map((one) => path.dirname(one));
  const isOutside = (one: string): boolean => path.relative(folder, one).startsWith('..');
  while (paths.some(isOutside) && folder !== path.dirname(folder)) folder = path.dirname(folder);
  return folder;
}

function toRun(source: FoundSource, run: RolloutRun, badPieces: readonly BadPiece[]): CurveRun {
  const part = new RawRun({});
  const columns = [...run.series].map(([key, { rows, values }]) => ({ key, rows, values, next: 0 }));
  for (const [row, { step }] of run.steps.entries()) {
    part.row(step, undefined, 0, 0);
    for (const column of columns) {
      if (column.rows[column.next] === row) part.value(column.key, column.values[column.next++] as number);
    }
  }
  const { format, label, files } = source;
  return {
    name: nameOf(source),
    source: source.path,
    format,
    label,
    parts: [part],
    files,
    badPieces,
    zoomDistributions: run.zoomDistributions,
  };
}

/** Names that trainers give to every run's rollouts: those are called like their folder. */
const PLAIN_NAME = /^(?:rollout_data_rank\d+|rollout_data|rollouts?|completions)$/;

/** What W&B appends to the key and step of a table. */
const TABLE_HASH = /_[0-9a-f]{8,64}\.table$/;

function nameOf({ path: log }: FoundSource): string {
  const file = path.basename(path.resolve(log));
  const stem = file.replace(/(?:\.imcot)?\.(?:jsonl|json|parquet|eval)$/, '').replace(TABLE_HASH, '');
  const folder = path.basename(path.dirname(path.resolve(log)));
  return PLAIN_NAME.test(stem) && folder !== '' ? folder : stem;
}
