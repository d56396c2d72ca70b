import { errorCode, errorMessage } from '../../common/errors';
import { findSuperseded } from '../../files/supersession';
import { countRollouts, countRows, whyUncounted, type CountedLog } from './countLog';
import { LogFinder, type FoundLog, type FoundLogs } from './findRunLogs';
import type { RunLog, RunLogs, RunRoot, RunsApi, StepRollouts } from './runLogs';
import { readStepGroups, type StepGroup } from './stepGroups';

/** How much of the disk may be read to count. */
export interface CountLimits {
  /** Bytes of one log. */
  readonly log: number;
  /** Bytes of all logs of one search. */
  readonly all: number;
}

const LIMITS: CountLimits = { log: 512 << 20, all: 4 * 2 ** 30 };
/** Shortest time between two reports, in milliseconds. */
const REPORT_MS = 250;

type Counted = CountedLog | { readonly uncounted: string };

/** Finds logs and counts what is in them; a log that has not changed since is not read again. */
export class RunsEngine implements RunsApi {
  private readonly finder = new LogFinder();
  private counted = new Map<string, { readonly stamp: string; readonly result: Counted }>();
  private running = new AbortController();
  private before: Promise<void> = Promise.resolve();
  private reportedAt = -Infinity;
  private sizes = new Map<string, { readonly bytes: number; readonly grewAt?: number }>();

  constructor(
    private readonly tell: (logs: RunLogs) => void,
    private readonly limits: CountLimits = LIMITS,
  ) {}

  async scan(roots: readonly RunRoot[]): Promise<void> {
    this.running.abort();
    const { signal } = (this.running = new AbortController());
    // What was asked for before ends first: both use what is remembered.
    const run = this.before.then(() => this.run(roots, signal));
    this.before = run.catch(() => undefined);
    await run;
  }

  rollouts(files: readonly string[], ranges: StepRollouts['ranges']): Promise<readonly StepGroup[]> {
    return readStepGroups(files, ranges);
  }

  private async run(roots: readonly RunRoot[], signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    let found: FoundLogs = { logs: [], problems: [], notices: [] };
    try {
      found = await this.finder.find(roots, signal);
      const wanted = new Set(found.logs.map(({ path }) => path));
      this.counted = new Map([...this.counted].filter(([name]) => wanted.has(name)));
      this.noteGrowth(found);
      if (found.logs.some((log) => !this.isCounted(log))) this.report(found, 'counting', true);
      await this.count(found, signal);
      this.report(found, 'done', true);
    } catch (thrown) {
      if (!signal.aborted) {
        const reason = `The search for logs failed: ${errorMessage(thrown)}`;
        found = { ...found, problems: [...found.problems, { path: '', reason }] };
        this.report(found, 'done', true);
      }
    }
  }

  /** A log that is larger than at the last search is being written; one that was copied here just now is not. */
  private noteGrowth({ logs }: FoundLogs): void {
    const now = Date.now();
    this.sizes = new Map(
      logs.map(({ path: name, bytes }) => {
        const before = this.sizes.get(name);
        const grewAt = before && bytes > before.bytes ? now : before?.grewAt;
        return [name, { bytes, ...(grewAt !== undefined && { grewAt }) }];
      }),
    );
  }

  private async count(found: FoundLogs, signal: AbortSignal): Promise<void> {
    let read = 0;
    // Small ones first: most of the list is there soon, and the limit of all falls on few.
    for (const log of [...found.logs].sort((a, b) => a.bytes - b.bytes)) {
      if (this.isCounted(log)) continue;
      const isTooMuch = log.bytes > this.limits.log || read + log.bytes > this.limits.all;
      const result: Counted = isTooMuch
        ? { uncounted: 'Too large to be counted by the way. It opens like any other.' }
        : await countOne(log, signal);
      if (signal.aborted) return;
      if (!isTooMuch) read += log.bytes;
      this.counted.set(log.path, { stamp: stampOf(log), result });
      this.report(found, 'counting', false);
    }
  }

  /** Whether a log is as it was when it was counted. */
  private isCounted(log: FoundLog): boolean {
    return this.counted.get(log.path)?.stamp === stampOf(log);
  }

  private report(found: FoundLogs, status: RunLogs['status'], isNow: boolean): void {
    const now = performance.now();
    if (!isNow && now - this.reportedAt < REPORT_MS) return;
    this.reportedAt = now;
    const results = new Map([...this.counted].map(([name, { result }]) => [name, result]));
    const contents = [...results.values()].flatMap((result) =>
      'content' in result ? (result.content ?? []) : [],
    );
    const superseded = findSuperseded(contents);
    const logs = found.logs.map(({ metrics: _, ...log }): RunLog => {
      const result = results.get(log.path);
      const winner = superseded.get(log.path);
      const grewAt = this.sizes.get(log.path)?.grewAt;
      return {
        ...log,
        ...(result && ('count' in result ? { count: result.count } : result)),
        ...(winner !== undefined && { supersededBy: winner }),
        ...(grewAt !== undefined && { grewAt }),
      };
    });
    this.tell({ status, logs, problems: found.problems, notices: found.notices });
  }
}

function stampOf({ kind, files, bytes, writtenAt }: FoundLog): string {
  return `${kind} ${files.length} ${bytes} ${writtenAt}`;
}

async function countOne({ path, files, kind, metrics }: FoundLog, signal: AbortSignal): Promise<Counted> {
  try {
    if (kind === 'metrics' && metrics) return await countRows(files, metrics, signal);
    return await countRollouts(path, files, signal);
  } catch (thrown) {
    if (signal.aborted || errorCode(thrown) === 'cancelled') return { uncounted: 'Stopped.' };
    return { uncounted: whyUncounted(thrown) };
  }
}
