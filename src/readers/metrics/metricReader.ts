import type { ByteSource } from '../../common/byteSource';
import type { MetricSink } from '../../metrics/metricSink';
import type { MetricCodecs } from './metricCodecs';

/** Every metric format that is read, by the name that `imcot list` prints. */
export type MetricFormatId =
  | 'verl-console'
  | 'verl-file-logger'
  | 'tensorboard'
  | 'wandb'
  | 'csv'
  | 'trainer-state'
  | 'mlflow-files'
  | 'mlflow-sqlite'
  | 'trackio'
  | 'metrics-jsonl'
  | 'swift-logging'
  | 'curves-json';

/** The beginning of a file, enough to tell what it is. */
export interface MetricSniff {
  /** Path with slashes: names and folders help where content leaves it open. */
  readonly path: string;
  /** The first bytes, at most 64 KiB. */
  readonly head: Uint8Array;
  /** The complete lines among them as text, without line ends; empty for a binary file. */
  readonly lines: readonly string[];
}

/** What a reader needs besides the bytes. */
export interface MetricContext {
  /** The file's path, for messages. */
  readonly file: string;
  readonly codecs: MetricCodecs;
  readonly signal?: AbortSignal;
}

interface MetricReaderBase {
  readonly format: MetricFormatId;
  /** For people: "verl console log". */
  readonly label: string;
  /** How sure the reader is that this is its format: 0 no, 1 certain. Content decides, the name only adds. */
  sniff(input: MetricSniff): number;
}

/**
 * Takes a file's bytes in order; what is complete goes to the sink at once. Never throws on bad input. What is written is
 * the caller's again afterwards: whoever needs it longer copies it.
 */
export interface MetricStream {
  write(chunk: Uint8Array): void;
  /** Bytes at the end that are not a whole row yet. A file that is being written has some; no error. */
  readonly pending: number;
  /** The file has ended and nobody writes to it: what is pending is read as far as it goes, or called damaged. */
  finish(): void;
}

/** A format that is read from its first byte to its last, and goes on when the file grows. */
export interface StreamMetricReader extends MetricReaderBase {
  readonly layout: 'stream';
  start(sink: MetricSink, context: MetricContext): MetricStream;
}

/** A format whose file is read at random and as a whole (JSON in one piece, a database); again when it has changed. */
export interface WholeMetricReader extends MetricReaderBase {
  readonly layout: 'whole';
  /** Never rejects on bad input (that is `damaged`), but does when the signal fires or the file can't be read. */
  read(source: ByteSource, sink: MetricSink, context: MetricContext): Promise<void>;
}

/** One metric format. */
export type MetricReader = StreamMetricReader | WholeMetricReader;

/** A folder whose files are read one by one. Paths have slashes and start at the folder; `..` leads out of it. */
export interface FolderAccess {
  /** What stands in a folder, in no order; empty where there is none. */
  list(path: string): Promise<readonly FolderEntry[]>;
  /** A file's bytes; undefined where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** A file or folder in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly isFolder: boolean;
}

/**
 * A format that keeps one run in a folder of small files. `sniff` is asked about the one file that marks such a folder;
 * its other files are nothing by themselves.
 */
export interface FolderMetricReader extends MetricReaderBase {
  readonly layout: 'folder';
  /** Never rejects on bad input, but does when the signal fires. `context.file` is the file that marks the folder. */
  read(files: FolderAccess, sink: MetricSink, context: MetricContext): Promise<void>;
}
