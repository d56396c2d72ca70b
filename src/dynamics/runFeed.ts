import path from 'node:path';
import { cancelled } from '../common/cancel';
import { DisposableOwner } from '../common/disposable';
import { errorMessage } from '../common/errors';
import { Emitter } from '../common/event';
import type { Logger } from '../common/logger';
import { follow } from '../files/followFile';
import type { DynamicsView, ReadingView } from '../protocol/dynamicsView';
import type { DynamicsTarget } from './dynamicsApi';
import type { DynamicsRun } from './dynamicsRun';
import { LinkFinder } from './linkFinder';
import type { RolloutAccess } from './linkedRollouts';
import type { MetricLog } from './metricLog';
import { RunBook } from './runBook';
import { toRunView } from './runView';
import { SourceSet } from './sourceSet';

/** Least time between two announcements, in milliseconds. */
const ANNOUNCE_MS = 200;
/** Where there is more to read, what has come so far is shown after this. */
const FIRST_MS = 150;
/** Less than this is read in a moment: nobody need be told. */
const SHOWN_BYTES = 4 * 2 ** 20;
/** A run to which bytes have come within this is live. */
const LIVE_MS = 60_000;
/** Of many files, those that have not changed for so long are looked at a few at a time. */
const OLD = { ms: 600_000, atOnce: 64 };
/** A run that grows is searched for its stages again after this: see `RunFindings`. */
const FINDINGS_MS = 3000;

/** What a feed works with. */
export interface FeedOptions {
  readonly target: DynamicsTarget;
  readonly rollouts: RolloutAccess;
  readonly logger: Logger;
  /** Time between two looks at the files, in milliseconds. */
  readonly pollMs: number;
}

/** Keeps the runs of what was opened true to its files: finds, reads, follows, and says what has changed. */
export class RunFeed extends DisposableOwner {
  /** Grows with every change of points. */
  generation = 0;
  /** Resolves to the first view that shows something, or says why there is nothing. */
  readonly first: Promise<DynamicsView>;
  readonly links: LinkFinder;
  private readonly changes = this.own(new Emitter<DynamicsView>());
  readonly onDidChange = this.changes.event;
  private readonly abort = new AbortController();
  private readonly book = new RunBook();
  private readonly sources: SourceSet;
  private readonly startedAt = performance.now();
  private settleFirst: { resolve(view: DynamicsView): void; reject(error: Error): void } | undefined;
  private work: Promise<void> = Promise.resolve();
  private reading: ReadingView | undefined;
  /** All that was there at first has been read. */
  private isRead = false;
  private announced = 0;
  private timer: NodeJS.Timeout | undefined;
  private live = '';
  private turn = 0;

  constructor(private readonly options: FeedOptions) {
    super();
    const { target, rollouts, logger, pollMs } = options;
    this.sources = new SourceSet(target.paths);
    // In a restricted workspace nobody looks around: the search goes up, out of the folders that may be read.
    const access = target.within ? { ...rollouts, findRollouts: async () => undefined } : rollouts;
    this.links = new LinkFinder(new Map(Object.entries(target.links)), access, logger);
    this.first = new Promise((resolve, reject) => {
      this.settleFirst = { resolve, reject };
    });
    // Whoever wants to know awaits it; nobody has to.
    this.first.catch(() => undefined);
    void this.look();
    if (target.follow) for (const one of target.paths) this.own(follow(one, () => this.look(), pollMs));
  }

  get runs(): ReadonlyMap<string, DynamicsRun> {
    return this.book.runs;
  }

  /** The run's stages and alarms. */
  findingsOf(run: DynamicsRun): ReturnType<RunBook['findingsOf']> {
    return this.book.findingsOf(run);
  }

  /** Looks at everything once, and reads what is new. One look at a time. */
  look(): Promise<void> {
    this.work = this.work.then(async () => {
      if (this.isDisposed) return;
      await this.lookNow().catch((thrown: unknown) => {
        if (this.isDisposed) return;
        this.options.logger.error(`Reading curves failed: ${errorMessage(thrown)}`);
        this.settleFirst?.reject(thrown instanceof Error ? thrown : new Error(errorMessage(thrown)));
      });
    });
    return this.work;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    super.dispose();
    this.abort.abort();
    clearTimeout(this.timer);
    this.settleFirst?.reject(cancelled(this.abort.signal));
  }

  private async lookNow(): Promise<void> {
    const { signal } = this.abort;
    let changed = await this.sources.search(signal);
    changed = (await this.readMetrics()) || changed;
    const isFirst = !this.isRead;
    this.isRead = true;
    this.reading = undefined;
    if ((changed || isFirst) && this.book.assemble(this.sources)) this.generation++;
    changed = (await this.links.link(this.runs, this.sources, signal)) || changed;
    if (changed || isFirst) this.announce();
    for (const run of this.runs.values()) if (await this.readRollouts(run)) this.announceSoon();
    if (this.liveRuns() !== this.live) this.announceSoon();
  }

  private async readMetrics(): Promise<boolean> {
    const { signal } = this.abort;
    const { follow: isFollowed } = this.options.target;
    const logs = this.chosen();
    let changed = false;
    for (const [at, log] of logs.entries()) {
      const onProgress = (): void => {
        if (this.isRead && log.size - log.read < SHOWN_BYTES && !this.reading) return;
        const fraction = log.size > 0 ? Math.min(1, log.read / log.size) : 1;
        this.reading = { file: path.basename(log.path), fraction: (at + fraction) / logs.length };
        this.announceSoon();
      };
      changed = (await log.look({ signal, isFollowed, onProgress })) || changed;
    }
    return changed;
  }

  private async readRollouts({ rollouts }: DynamicsRun): Promise<boolean> {
    if (!rollouts) return false;
    const { target, logger, rollouts: access } = this.options;
    const { cacheFolder } = target;
    return rollouts.refresh(
      () =>
        access.openRolloutCurves(rollouts.paths, {
          logger,
          ...(cacheFolder !== undefined && { cacheFolder }),
        }),
      this.abort.signal,
      () => this.announceSoon(),
    );
  }

  private chosen(): readonly MetricLog[] {
    const { logs } = this.sources;
    const now = Date.now();
    const old = logs.filter(({ changedAt, read }) => read > 0 && now - changedAt > OLD.ms);
    if (old.length <= OLD.atOnce) return logs;
    this.turn = (this.turn + OLD.atOnce) % old.length;
    const now64 = new Set([...old, ...old].slice(this.turn, this.turn + OLD.atOnce));
    const rest = new Set(old);
    return logs.filter((log) => !rest.has(log) || now64.has(log));
  }

  private announceSoon(): void {
    const wait = Math.max(0, ANNOUNCE_MS - (performance.now() - this.announced));
    this.timer ??= setTimeout(() => this.announce(), wait);
  }

  private announce(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.isDisposed) return;
    if (this.book.assemble(this.sources)) this.generation++;
    this.live = this.liveRuns();
    const view = this.view();
    this.announced = performance.now();
    this.showFirst(view);
    this.changes.fire(view);
    if ([...this.runs.values()].some((run) => this.findingsOf(run).isOutdated))
      this.timer = setTimeout(() => this.announce(), FINDINGS_MS);
  }

  private showFirst(view: DynamicsView): void {
    if (view.status === 'loading') return;
    const hasPoints = view.status === 'ready' && view.runs.some(({ keys }) => keys.length > 0);
    const isLate = performance.now() - this.startedAt >= FIRST_MS;
    if (this.isRead || (hasPoints && isLate)) this.settleFirst?.resolve(view);
  }

  /** What there is now. */
  view(): DynamicsView {
    const { reading } = this;
    const { problems, isSearched } = this.sources;
    const withReading = reading ? { reading } : {};
    const hasPoints = [...this.runs.values()].some((run) => run.keys.length > 0);
    if (!isSearched || (!this.isRead && !hasPoints)) return { status: 'loading', ...withReading };
    if (this.runs.size === 0)
      return {
        status: 'error',
        message: problems.join(' ') || `${this.name} holds no metrics and no rollouts.`,
      };
    return {
      status: 'ready',
      name: this.name,
      runs: this.shownRuns().map((run) => this.runView(run)),
      ...withReading,
      notices: problems,
      generation: this.generation,
    };
  }

  /** Rollouts without a step, as of an evaluation, are no training: they are shown where there is nothing else. */
  private shownRuns(): DynamicsRun[] {
    const all = [...this.runs.values()];
    const shown = all.filter(
      ({ metrics, rollouts, keys }) => metrics ?? (rollouts?.isReading === true || keys.length > 0),
    );
    return shown.length > 0 ? shown : all;
  }

  private runView(run: DynamicsRun): ReturnType<typeof toRunView> {
    const several = this.links.noticeOf(run);
    const failures = this.logsOf(run).flatMap(({ failure }) => failure ?? []);
    return toRunView(run, {
      findings: this.findingsOf(run),
      source: this.relative(run.metrics?.source ?? run.origin.sourcePath),
      isLive: this.isLive(run),
      notices: several === undefined ? failures : [...failures, several],
    });
  }

  private get name(): string {
    const [first = '', ...others] = this.options.target.paths;
    const base = path.basename(first);
    return others.length > 0 ? `${base} and ${others.length} more` : base;
  }

  /** From the folder that was opened; a file that was opened is its name. */
  private relative(source: string): string {
    const ways = this.options.target.paths.map((one) => path.relative(one, source));
    const inner = ways.find((way) => way !== '' && !way.startsWith('..') && !path.isAbsolute(way));
    return inner ?? path.basename(source);
  }

  private logsOf(run: DynamicsRun): readonly MetricLog[] {
    const files = new Set(run.metrics?.files);
    return this.sources.logs.filter((log) => files.has(log.path));
  }

  private isLive(run: DynamicsRun): boolean {
    return this.logsOf(run).some(({ changedAt }) => Date.now() - changedAt < LIVE_MS);
  }

  private liveRuns(): string {
    return [...this.runs].flatMap(([id, run]) => (this.isLive(run) ? [id] : [])).join();
  }
}
