import type { StageCard } from '../analysis/stages/stageCards';
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
import type { RecordRange } from './rolloutRun';

/*
 * What the extension host and the thread that holds the curves say to each other, over the channel of `common/rpc`. All
 * reading, merging, thinning and searching for stages happens in that thread (`dynamicsWorker.ts`); the host passes the
 * page's checked requests on.
 */

/** What to open. */
export interface DynamicsTarget {
  /** Files or folders, absolute. */
  readonly paths: readonly string[];
  /** Where curves that were worked out from rollouts are kept; nowhere when absent. */
  readonly cacheFolder?: string;
  /** Logs of rollouts that a person has linked, by the source path of a run. */
  readonly links: Readonly<Record<string, string>>;
  /** Whether growth is followed. */
  readonly follow: boolean;
  /**
   * Set in a restricted workspace: the folders that may be read. What was opened and linked stands in them, as the host
   * has checked; links inside a folder are followed nowhere, and no rollouts are looked for beside a log.
   */
  readonly within?: readonly string[];
}

/** Where a point was read from. Both bytes 0 where the file has no bytes of its own for it, as in a database. */
export interface PointPlace {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** The rollouts of a step, with the log's own path or paths. */
export interface StepRecords {
  readonly paths: readonly string[];
  readonly ranges: readonly RecordRange[];
}

/** What the thread answers. */
export interface DynamicsApi {
  /** To be called first, and once. Resolves when what is there at first is known; `changed` tells of all that follows. */
  open(target: DynamicsTarget): Promise<DynamicsView>;
  curves(request: CurvesRequest): Promise<CurvesResponse>;
  stageCards(run: string, boundaries: readonly number[]): Promise<readonly StageCard[]>;
  zoomHeat(
    run: string,
    x: XMode,
    range: readonly [number, number] | undefined,
    columns: number,
  ): Promise<ZoomHeatView>;
  table(curves: readonly CurveId[], start: number, end: number): Promise<TableView>;
  /** All points of the curves as CSV, in pieces: asks again with the `next` of the last answer until there is none. */
  csv(curves: readonly CurveId[], from: number): Promise<{ readonly text: string; readonly next?: number }>;
  stepRollouts(run: string, step: number): Promise<StepRolloutsView>;
  /** Undefined where no log of rollouts is known, or it has none of that step. */
  stepRecords(run: string, step: number): Promise<StepRecords | undefined>;
  /** The log of rollouts that belongs to the run: its path, or those of its step files; empty where none is known. */
  rolloutPaths(run: string): Promise<readonly string[]>;
  /** Where the run was read from: the key under which its link is remembered. */
  sourcePath(run: string): Promise<string>;
  /** Links a log of rollouts to a run; it replaces one that was found. */
  link(run: string, path: string): Promise<void>;
  /** Undefined where the curve has no such point, or it was computed. */
  place(curve: CurveId, step: number): Promise<PointPlace | undefined>;
}

/** What the thread tells. */
export interface DynamicsEvents {
  changed(view: DynamicsView): Promise<void>;
  /** For the log that a person may read later. */
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): Promise<void>;
}
