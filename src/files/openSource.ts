import path from 'node:path';
import type { Logger } from '../common/logger';
import { silentLogger } from '../common/logger';
import type { TrajectoryReader } from '../readers/reader';
import { READERS } from '../readers/registry';
import type { OpenFile } from './fileSource';
import { FileSource } from './fileSource';
import { InProcessIndexer, WorkerIndexer, type Indexer } from './indexClient';
import { LogFile, type LogFileSettings } from './logFile';
import { LogKeeper } from './logKeeper';
import { LogSource } from './logSource';
import { KeptGroups } from './parquet/parquetTable';
import { resolveFiles } from './resolveFiles';
import { sniffLog } from './sniffFile';
import { SidecarStore } from './sidecar';

/** Sources of more files than this open them when needed: a process may hold only so many. */
const MAX_OPEN_FILES = 32;

/** How to open a log. */
export interface OpenOptions {
  /** Where big files are indexed: in a thread of its own (an editor), or on the asking thread (a command, a test). */
  readonly index: 'worker' | 'inProcess';
  /** The built `indexWorker.js`; by default beside the running program. */
  readonly workerPath?: string;
  /** A folder for indexes to be kept in; without one, none are kept. */
  readonly sidecarFolder?: string;
  readonly logger?: Logger;
  /** Watch the files for growth and rotation until the source is disposed of. */
  readonly follow?: boolean;
  /** The formats to choose from; all by default. */
  readonly readers?: readonly TrajectoryReader[];
  /** How files are opened; for tests that let reading fail. */
  readonly openFile?: (file: string) => Promise<OpenFile>;
}

/**
 * Opens a log: a file, a list of files that belong together, or a folder of step files. Returns as soon as the first
 * bytes have told what it is; indexing goes on behind.
 * @throws ImcotError with a sentence: nothing there, a folder without logs, not allowed, a file of another kind
 */
export async function openTrajectorySource(
  paths: string | readonly string[],
  options: OpenOptions,
): Promise<LogSource> {
  const log = await resolveFiles(paths);
  const open = options.openFile ?? ((file: string) => FileSource.open(file));
  const { reader, at, head, size } = await sniffLog(log.files, options.readers ?? READERS, open);
  const settings: LogFileSettings = {
    reader,
    open,
    indexer: chooseIndexer(options),
    logger: options.logger ?? silentLogger,
    keepOpen: log.files.length <= MAX_OPEN_FILES,
    groups: new KeptGroups(),
    ...(options.sidecarFolder !== undefined && { sidecars: new SidecarStore(options.sidecarFolder) }),
  };
  const files = log.files.map((file) => new LogFile(file, settings));
  files[at]?.prime(head, size);
  const keeper = new LogKeeper(log, settings, files);
  const source = new LogSource(log.name, keeper);
  keeper.start(options.follow ?? false);
  return source;
}

function chooseIndexer(options: OpenOptions): Indexer {
  if (options.index === 'inProcess') return new InProcessIndexer();
  return new WorkerIndexer(options.workerPath ?? path.join(__dirname, 'indexWorker.js'));
}
