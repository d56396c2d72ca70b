import path from 'node:path';
import { errorMessage } from '../common/errors';
import type { RawRun } from '../metrics/rawRun';
import { RawRun as EmptyRun, RawRuns } from '../metrics/rawRun';
import type { MetricFormatId } from '../readers/metrics/metricReader';
import { distinctNames } from './metricRunNames';
import { readMetricFile } from './metricFile';
import type { MetricSource } from './metricSources';

/** A piece of a file that could not be read. */
export interface BadPiece {
  readonly file: string;
  readonly reason: string;
  /** Bytes of the file, the end excluded; both 0 where it has none of its own. */
  readonly start: number;
  readonly end: number;
}

/** A training run with the files that tell of it. */
export interface MetricRun {
  /** For people; different from those of the other runs that were found with it. */
  readonly name: string;
  /** The file or folder it was read from, as found. */
  readonly source: string;
  readonly format: MetricFormatId;
  /** The format for people. */
  readonly label: string;
  /** What its files say, in the order in which they were written. */
  readonly parts: readonly RawRun[];
  /** The file of each part. */
  readonly files: readonly string[];
  /** Of these files; those of a file with several runs stand with each of them. */
  readonly badPieces: readonly BadPiece[];
}

/** What a caller hears of files while they are read. */
export interface ReadRunsOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (file: string, read: number, size: number) => void;
  /** A file ends in bytes that are no whole record, as one that is being written does. */
  readonly onTail?: (file: string, bytes: number) => void;
  /** A file could not be read to its end. */
  readonly onFailure?: (file: string, reason: string) => void;
  /** Each run of each file by itself. Default: files that tell of one run are joined. */
  readonly separate?: boolean;
}

/** A run of one file. */
export interface FileRun {
  readonly source: MetricSource;
  /** One of the source's files. */
  readonly file: string;
  readonly run: RawRun;
  /** Of the file. */
  readonly badPieces: readonly BadPiece[];
}

/**
 * Reads the runs of sources.
 * @throws only when the signal fires
 */
export async function readMetricRuns(
  sources: readonly MetricSource[],
  options: ReadRunsOptions = {},
): Promise<MetricRun[]> {
  const found: FileRun[] = [];
  for (const source of sources) {
    for (const file of source.files) found.push(...(await readOne(source, file, options)));
  }
  return joinRuns(found, options.separate);
}

/**
 * Joins what files tell into runs. Event files of one folder are one run, and so are W&B files of the same run
 * identifier; any other file holds its runs alone.
 * @param separate each run of each file by itself
 */
export function joinRuns(found: readonly FileRun[], separate = false): MetricRun[] {
  const groups = separate ? found.map((one) => [one]) : joined(found);
  const names = distinctNames(groups.map(naming));
  return groups.flatMap((group, index) => {
    const [first] = group;
    if (!first) return [];
    const { format, label } = first.source.reader;
    return {
      name: names[index] ?? '',
      source: separate ? ownPath(first) : first.source.path,
      format,
      label,
      parts: group.map(({ run }) => run),
      files: group.map(({ file }) => file),
      badPieces: group.flatMap(({ badPieces }) => badPieces),
    };
  });
}

const ownPath = ({ source, file }: FileRun): string =>
  source.reader.layout === 'folder' ? source.path : file;

async function readOne(source: MetricSource, file: string, options: ReadRunsOptions): Promise<FileRun[]> {
  const { signal, onProgress, onTail, onFailure } = options;
  const told = new RawRuns();
  let wholeDamages: number | undefined;
  try {
    await readMetricFile(file, source.reader, told, {
      ...(signal && { signal }),
      onProgress: (read, size) => onProgress?.(file, read, size),
      onTail: (bytes) => {
        wholeDamages = told.damages.length;
        onTail?.(file, bytes);
      },
    });
  } catch (thrown) {
    if (signal?.aborted) throw thrown;
    onFailure?.(file, errorMessage(thrown));
  }
  const badPieces = told.damages.slice(0, wholeDamages).map((piece) => ({ file, ...piece }));
  const runs = told.runs.length > 0 ? told.runs : [new EmptyRun({})];
  return runs.map((run) => ({ source, file, run, badPieces }));
}

function joined(found: readonly FileRun[]): FileRun[][] {
  const groups = new Map<unknown, FileRun[]>();
  for (const one of found) {
    const key = groupKey(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

/** Runs with equal keys are parts of one; a run whose key is itself stands alone. */
function groupKey({ source, run }: FileRun): unknown {
  const { format } = source.reader;
  if (format === 'tensorboard') return `folder ${source.path}`;
  const { id, group } = run.description;
  // A run that was resumed has a file for each of its starts.
  return format === 'wandb' && id !== undefined ? `wandb ${group ?? ''} ${id}` : run;
}

function naming(group: readonly FileRun[]): Parameters<typeof distinctNames>[0][number] {
  const [first] = group;
  if (!first) return { name: '', tellers: [] };
  const { source, run, file } = first;
  const { name, id, group: project } = run.description;
  const where = path.relative(source.root, group.length > 1 ? source.path : ownPath(first));
  return {
    name: name ?? id ?? nameOf(first),
    tellers: [project, source.reader.format, where, file, id].map((teller) => teller ?? ''),
  };
}

/** Names that say nothing about a run: what stands in their folder is called like the folder. */
const PLAIN_NAME =
  /^(?:metrics|logging|log|logs|history|progress|train|training|trainer_state|output|console|stdout|curves)$/i;
const VERSION = /^version_\d+$/;

/** What a run is called whose file does not name it. */
function nameOf({ source, file }: FileRun): string {
  const folder = path.dirname(path.resolve(file));
  if (source.reader.format === 'tensorboard') {
    // As TensorBoard names them: the way from the folder that was searched.
    const relative = path.relative(source.root, path.dirname(file)).split(path.sep).join('/');
    return relative === '' ? path.basename(folder) : relative;
  }
  const stem = path.basename(file).replace(/\.[^.]+$/, '');
  if (!PLAIN_NAME.test(stem)) return stem;
  const own = path.basename(folder);
  return VERSION.test(own) ? `${path.basename(path.dirname(folder))}/${own}` : own || stem;
}
