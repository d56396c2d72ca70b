import path from 'node:path';
import { SummaryBuilder } from '../analysis/summary';
import { errorMessage } from '../common/errors';
import type { FoundSource } from '../files/findSources';
import { findSources } from '../files/findSources';
import { streamRecords } from '../files/streamRecords';
import { ContentDigest, findSuperseded } from '../files/supersession';
import { stepRange, type StepRange } from '../metrics/stepRange';
import type { RecordResult } from '../readers/reader';
import { signalReports } from '../rollout/signalReports';
import type { CliIo } from './cliIo';
import { Progress } from './progress';
import { safeLine } from './text/safeText';

/** One source read from end to end. */
export interface ScannedSource {
  readonly source: FoundSource;
  /** Records that could be read. */
  readonly records: number;
  /** Records that could not. */
  readonly badRecords: number;
  /** Null when no record has a step. */
  readonly steps: StepRange | null;
  readonly figures: SummaryBuilder;
  /** Path of the source that holds the same rollouts with verdicts. */
  readonly supersededBy?: string;
}

/** All that was found below some paths. */
export interface Scan {
  readonly sources: readonly ScannedSource[];
  /** Whether anything could not be read: a path, a file, or a record. */
  readonly hasErrors: boolean;
}

/** How many bad records of one source are told one by one. */
const TOLD_BAD_RECORDS = 5;

class SourceScanner {
  private records = 0;
  private badRecords = 0;
  private readonly steps = new Set<number>();
  private readonly figures = new SummaryBuilder();

  /** @param digest where rollouts go that are to be compared with those of other sources */
  constructor(
    private readonly source: FoundSource,
    private readonly io: CliIo,
    private readonly digest?: ContentDigest,
  ) {}

  add(result: RecordResult): void {
    if (result.status === 'bad') {
      this.badRecords++;
      if (this.badRecords <= TOLD_BAD_RECORDS)
        this.tell(`${result.file}, byte ${result.bytes.start}: ${result.reason}`);
      return;
    }
    const { trajectory } = result;
    this.records++;
    if (trajectory.step !== undefined) this.steps.add(trajectory.step);
    const group = path.basename(path.resolve(this.source.path));
    this.figures.add(trajectory, group, signalReports(trajectory));
    this.digest?.add(trajectory);
  }

  private tell(sentence: string): void {
    this.io.err.write(`imcot: ${safeLine(sentence)}\n`);
  }

  finish() {
    const untold = this.badRecords - TOLD_BAD_RECORDS;
    if (untold > 0) this.tell(`${this.source.path}: ${untold} more bad records.`);
    const { source, records, badRecords, figures } = this;
    return {
      scanned: { source, records, badRecords, steps: stepRange(this.steps), figures },
      content: this.digest?.content(source.path),
    };
  }
}

async function scanOne(source: FoundSource, io: CliIo, progress: Progress, digest?: ContentDigest) {
  const scanner = new SourceScanner(source, io, digest);
  let failure: string | undefined;
  let seen = 0;
  const onIncompleteTail = (file: string, bytes: number): void => {
    progress.clear();
    io.err.write(`imcot: ${safeLine(file)} ends in ${bytes} bytes that are no whole record (yet).\n`);
  };
  const options = { signal: io.signal, onIncompleteTail, figuresOnly: true };
  try {
    for await (const result of streamRecords(source.files, options)) {
      if (result.status === 'bad') progress.clear();
      scanner.add(result);
      seen++;
      progress.update(() => `${safeLine(source.path)}: ${seen.toLocaleString('en')} records`);
    }
  } catch (thrown) {
    if (io.signal.aborted) throw thrown;
    failure = errorMessage(thrown);
  } finally {
    progress.clear();
  }
  if (failure !== undefined) io.err.write(`imcot: ${safeLine(`${source.path}: ${failure}`)}\n`);
  return { ...scanner.finish(), failed: failure !== undefined };
}

/**
 * Finds the logs below the paths and reads each one record by record, in memory that does not grow with its size.
 * What can't be read is told on standard error as it is met.
 * @param others files that are read as something else: no rollouts in them is no error
 * @throws ImcotError `cancelled` when the user interrupts
 */
export async function scanSources(
  paths: readonly string[],
  io: CliIo,
  others: ReadonlySet<string> = new Set(),
): Promise<Scan> {
  const found = await findSources(paths, { signal: io.signal });
  const problems = found.problems.filter((problem) => !others.has(problem.path));
  for (const notice of found.notices) io.err.write(`imcot: ${safeLine(notice)}\n`);
  for (const { path: file, reason } of problems) {
    io.err.write(`imcot: ${safeLine(reason.includes(file) ? reason : `${file}: ${reason}`)}\n`);
  }
  if (found.sources.length === 0 && problems.length === 0 && others.size === 0) {
    io.err.write('imcot: no rollout log was found there.\n');
  }
  const progress = new Progress(io.err);
  const scans = [];
  const hasOthers = found.sources.length > 1;
  for (const source of found.sources)
    scans.push(await scanOne(source, io, progress, hasOthers ? new ContentDigest() : undefined));
  const superseded = findSuperseded(scans.flatMap(({ content }) => content ?? []));
  const sources = scans.map(({ scanned }) => {
    const winner = superseded.get(scanned.source.path);
    return winner === undefined ? scanned : { ...scanned, supersededBy: winner };
  });
  const hasBad = scans.some(({ failed, scanned }) => failed || scanned.badRecords > 0);
  return { sources, hasErrors: hasBad || problems.length > 0 };
}
