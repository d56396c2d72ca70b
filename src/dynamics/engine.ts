import { firstAt } from '../analysis/thinning';
import type { StageCard } from '../analysis/stages/stageCards';
import { DisposableOwner } from '../common/disposable';
import { ImcotError } from '../common/errors';
import { Emitter } from '../common/event';
import { silentLogger, type Logger } from '../common/logger';
import { POLL_MS } from '../files/followFile';
import type {
  CurveId,
  CurvesRequest,
  CurvesResponse,
  DynamicsView,
  StepRolloutsView,
  TableView,
  XMode,
  ZoomHeatView,
} from '../protocol/dynamicsView';
import { CurveTable, csvPiece } from './curveTable';
import { drawCurves } from './drawnCurves';
import type { DynamicsApi, DynamicsTarget, PointPlace, StepRecords } from './dynamicsApi';
import type { DynamicsRun } from './dynamicsRun';
import type { RolloutAccess } from './linkedRollouts';
import { RunFeed } from './runFeed';
import { zoomHeat } from './zoomHeat';

/** What the engine works with. */
export interface EngineOptions {
  readonly rollouts: RolloutAccess;
  readonly logger?: Logger;
  /** Time between two looks at the files, in milliseconds. */
  readonly pollMs?: number;
}

/** Answers what a page asks of the runs that were opened; what they are, `RunFeed` reads. Runs in any thread. */
export class DynamicsEngine extends DisposableOwner implements DynamicsApi {
  private readonly changes = this.own(new Emitter<DynamicsView>());
  /** All that follows what `open` resolved to, and what was shown before. */
  readonly onDidChange = this.changes.event;
  private opened: RunFeed | undefined;
  private lastTable:
    { readonly curves: string; readonly generation: number; readonly table: CurveTable } | undefined;

  constructor(private readonly options: EngineOptions) {
    super();
  }

  async open(target: DynamicsTarget): Promise<DynamicsView> {
    if (this.opened) throw new ImcotError('internal', 'Curves were opened twice in one thread.');
    const { rollouts, logger = silentLogger, pollMs = POLL_MS } = this.options;
    this.opened = this.own(new RunFeed({ target, rollouts, logger, pollMs }));
    this.own(this.opened.onDidChange((view) => this.changes.fire(view)));
    return this.opened.first;
  }

  /** Looks at the files now, without waiting for the next time. */
  look(): Promise<void> {
    return this.feed.look();
  }

  /** What there is now; `onDidChange` tells of it a little later. */
  view(): DynamicsView {
    return this.feed.view();
  }

  async curves(request: CurvesRequest): Promise<CurvesResponse> {
    const { generation, runs } = this.feed;
    return { generation, ...drawCurves(runs, request) };
  }

  async stageCards(run: string, boundaries: readonly number[]): Promise<readonly StageCard[]> {
    return this.feed.findingsOf(this.run(run)).cards(boundaries);
  }

  async zoomHeat(
    run: string,
    x: XMode,
    range: readonly [number, number] | undefined,
    columns: number,
  ): Promise<ZoomHeatView> {
    return zoomHeat(this.run(run), x, range, columns);
  }

  async table(curves: readonly CurveId[], start: number, end: number): Promise<TableView> {
    const table = this.tableOf(curves);
    return { total: table.total, rows: table.rows(start, end) };
  }

  async csv(
    curves: readonly CurveId[],
    from: number,
  ): Promise<{ readonly text: string; readonly next?: number }> {
    return csvPiece(this.tableOf(curves), from);
  }

  async stepRollouts(run: string, step: number): Promise<StepRolloutsView> {
    const { rollouts } = this.run(run);
    if (!rollouts) return { status: 'none' };
    const found = rollouts.at(step);
    if (!found && rollouts.isReading) return { status: 'reading' };
    if (!rollouts.run) return { status: 'none' };
    return {
      status: 'ready',
      log: rollouts.name,
      rollouts: found?.rollouts ?? 0,
      ...(found && found.judged > 0 && { correct: found.correct }),
    };
  }

  async stepRecords(run: string, step: number): Promise<StepRecords | undefined> {
    const { rollouts } = this.run(run);
    const found = rollouts?.at(step);
    return rollouts && found && { paths: rollouts.paths, ranges: found.ranges };
  }

  async rolloutPaths(run: string): Promise<readonly string[]> {
    return this.run(run).rollouts?.paths ?? [];
  }

  async sourcePath(run: string): Promise<string> {
    return this.run(run).origin.sourcePath;
  }

  async link(run: string, path: string): Promise<void> {
    this.feed.links.choose(this.run(run).origin.sourcePath, path);
    // Reading it takes its time, and `changed` tells how far it is.
    void this.feed.look();
  }

  async place({ run: id, key }: CurveId, step: number): Promise<PointPlace | undefined> {
    const run = this.run(id);
    const series = run.isComputed(key) ? undefined : run.series(key);
    const at = series ? firstAt(series.steps, step) : 0;
    if (!series || series.steps[at] !== step) return undefined;
    const [part, row] = [series.parts[at] as number, series.rows[at] as number];
    const [raw, file] = [run.metrics?.parts[part], run.metrics?.files[part]];
    return raw && file !== undefined ? { file, start: raw.starts.at(row), end: raw.ends.at(row) } : undefined;
  }

  private get feed(): RunFeed {
    if (!this.opened) throw new ImcotError('internal', 'Nothing was opened yet.');
    return this.opened;
  }

  private run(id: string): DynamicsRun {
    const run = this.feed.runs.get(id);
    if (!run) throw new ImcotError('missing', 'This run is no longer there. Reload to see what is.');
    return run;
  }

  /** The table is asked for page by page. */
  private tableOf(ids: readonly CurveId[]): CurveTable {
    const { generation, runs } = this.feed;
    const curves = JSON.stringify(ids.map(({ run, key }) => [run, key]));
    if (this.lastTable?.curves !== curves || this.lastTable.generation !== generation) {
      const named = ids.map(({ run, key }) => {
        const found = runs.get(run);
        return { name: found ? `${found.origin.name}: ${key}` : key, series: found?.series(key) };
      });
      this.lastTable = { curves, generation, table: new CurveTable(named) };
    }
    return this.lastTable.table;
  }
}
