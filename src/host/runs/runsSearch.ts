import path from 'node:path';
import * as vscode from 'vscode';
import { DisposableOwner, type Disposable } from '../../common/disposable';
import { errorCode, errorMessage } from '../../common/errors';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import { LruCache } from '../../common/lru';
import type { RunLog, RunLogs, StepRollouts } from '../../dynamics/runs/runLogs';
import type { StepGroup } from '../../dynamics/runs/stepGroups';
import { RunsClient } from '../../dynamics/runs/runsClient';
import { NEVER_LOGS } from '../../files/findSources';
import type { NamedRoot } from './runRoots';

/** Files that change together are searched once, no sooner than this after, and so many times as long as it takes. */
const PAUSE_MS = 1000;
const PAUSE_FACTOR = 5;
/**
 * Without word of a change it is searched again after this, while somebody looks: a watcher takes a while to begin, and
 * on file systems of other machines it sees nothing of what they write.
 */
const UNASKED_MS = 10_000;
const UNASKED_FACTOR = 20;
/** Steps whose rollouts are kept. */
const KEPT_STEPS = 16;

const NOTHING: RunLogs = { status: 'done', logs: [], problems: [], notices: [] };

/** Searches the folders of the window while somebody looks, and again when files change. */
export class RunsSearch extends DisposableOwner {
  private readonly changes = this.own(new Emitter<void>());
  private readonly groups = new LruCache<string, Promise<readonly StepGroup[]>>(KEPT_STEPS);
  private client: RunsClient | undefined;
  private watchers: Disposable[] = [];
  private watched = '';
  private later: NodeJS.Timeout | undefined;
  private laterAt = Infinity;
  private isWanted = false;
  private isStale = true;
  private took = 0;
  private asked = 0;
  private known: RunLogs | undefined;
  private problem: string | undefined;
  private working: Promise<void> = Promise.resolve();

  /** More is known, or a search begins or ends. */
  readonly onDidChange: Event<void> = this.changes.event;

  constructor(
    private readonly workerPath: string,
    private readonly rootsNow: () => readonly NamedRoot[],
  ) {
    super();
  }

  /** The folders that were searched last. */
  roots: readonly NamedRoot[] = [];

  /** What is known so far; undefined before anything is. */
  get logs(): RunLogs | undefined {
    return this.known;
  }

  /** Why the last search failed, as a sentence. */
  get failure(): string | undefined {
    return this.problem;
  }

  /** Resolves when the search that goes on has ended. */
  get done(): Promise<void> {
    return this.working;
  }

  /** The rollouts of a step by their groups; those of the last few are kept while their log stays as it is. */
  rolloutsOf(log: RunLog, step: StepRollouts): Promise<readonly StepGroup[]> {
    const key = JSON.stringify([log.path, log.bytes, log.writtenAt, step.step]);
    const known = this.groups.get(key);
    if (known) return known;
    const asked = this.thread().remote.rollouts(log.files, step.ranges);
    this.groups.set(key, asked, 1);
    asked.catch(() => this.groups.delete(key));
    return asked;
  }

  /** Somebody looks at what is found, or no longer does: then nothing is searched. */
  show(isWanted: boolean): void {
    this.isWanted = isWanted;
    if (isWanted && this.isStale) this.refresh();
  }

  /** Searches now. */
  refresh(): void {
    this.forgetLater();
    this.isStale = false;
    this.working = this.search();
  }

  override dispose(): void {
    this.forgetLater();
    this.client?.dispose();
    for (const watcher of this.watchers) watcher.dispose();
    super.dispose();
  }

  private async search(): Promise<void> {
    const asked = ++this.asked;
    this.roots = this.rootsNow();
    this.watch();
    const begun = performance.now();
    try {
      if (this.roots.length === 0) this.known = NOTHING;
      else {
        const found = this.thread().remote.scan(
          this.roots.map(({ path: root, exclude }) => ({ path: root, exclude })),
        );
        this.changes.fire();
        await found;
      }
      if (asked === this.asked) this.problem = undefined;
    } catch (thrown) {
      if (this.isDisposed || errorCode(thrown) === 'cancelled') return;
      this.problem = errorMessage(thrown);
      this.known ??= NOTHING;
      this.client = undefined;
    }
    this.took = performance.now() - begun;
    if (asked !== this.asked) return;
    this.changes.fire();
    this.searchLater(Math.max(UNASKED_MS, UNASKED_FACTOR * this.took));
  }

  private thread(): RunsClient {
    if (this.client && !this.client.isDisposed) return this.client;
    const client = new RunsClient(this.workerPath);
    client.onDidChange((logs) => {
      this.known = logs;
      this.changes.fire();
    });
    this.client = client;
    return client;
  }

  private watch(): void {
    const wanted = this.roots.map((root) => root.path).join('\n');
    if (wanted === this.watched) return;
    this.watched = wanted;
    for (const watcher of this.watchers) watcher.dispose();
    this.watchers = this.roots.flatMap((root) => {
      const pattern = new vscode.RelativePattern(vscode.Uri.file(root.path), '**/*');
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      const touched = (uri: vscode.Uri): void => this.touched(uri.fsPath);
      return [
        watcher,
        watcher.onDidCreate(touched),
        watcher.onDidChange(touched),
        watcher.onDidDelete(touched),
      ];
    });
  }

  private touched(file: string): void {
    const parts = file.split(path.sep);
    const isOthers = parts.some((name) => name === 'node_modules' || name === '.git');
    if (isOthers || NEVER_LOGS.test(file)) return;
    this.isStale = true;
    if (this.isWanted) this.searchLater(Math.max(PAUSE_MS, PAUSE_FACTOR * this.took));
  }

  /** Searches in so many milliseconds, if somebody still looks then; the sooner of two such times counts. */
  private searchLater(pause: number): void {
    const at = performance.now() + pause;
    if (this.isDisposed || at >= this.laterAt) return;
    this.forgetLater();
    this.laterAt = at;
    this.later = setTimeout(() => {
      this.forgetLater();
      this.isStale = true;
      if (this.isWanted) void this.working.finally(() => this.refresh());
    }, pause).unref();
  }

  private forgetLater(): void {
    clearTimeout(this.later);
    this.laterAt = Infinity;
  }
}
