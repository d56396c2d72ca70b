import { exponentialAverage } from '../../../src/analysis/smoothing';
import { stageCards } from '../../../src/analysis/stages/stageCards';
import { firstAt, thin } from '../../../src/analysis/thinning';
import type { MessagePortLike } from '../../../src/common/rpc';
import { Channel } from '../../../src/common/rpc';
import { ImcotError } from '../../../src/common/errors';
import type {
  CurveId,
  CurvesRequest,
  CurveView,
  DynamicsHostApi,
  DynamicsPageApi,
  DynamicsView,
  StepRolloutsView,
  TableView,
  XMode,
  ZoomHeatView,
} from '../../../src/protocol/dynamicsView';
import type { HeldCurve, HeldRun } from './dynamicsData';
import { readyView } from './dynamicsData';
import type { OpenOptions, TestPage } from './page';

/** What a fake host answers with. */
export interface DynamicsData {
  readonly view: DynamicsView;
  readonly runs: readonly HeldRun[];
  /** Milliseconds before points are answered. */
  readonly delay?: number;
  /** Why asking for points fails. */
  readonly curvesError?: string;
}

/** The other end of a dynamics page under test, and what it was asked. */
export interface DynamicsFakeHost {
  /** A line per call: method and what matters of its arguments. */
  readonly asked: string[];
  readonly requests: CurvesRequest[];
  readonly saved: { readonly kind: string; readonly content: Uint8Array | string }[];
  readonly page: Channel<DynamicsPageApi>['remote'];
  /** Exchanges what it answers with from now on. */
  use(data: DynamicsData): void;
}

function placeOf(run: HeldRun, step: number, mode: XMode): number {
  if (mode === 'step') return step;
  const time = run.timeOf?.(step) ?? NaN;
  return mode === 'wall' ? time : time - (run.timeOf?.(run.view.steps?.first ?? 0) ?? NaN);
}

function pick(from: Float64Array, kept: Uint32Array): Float64Array {
  return Float64Array.from(kept, (at) => from[at] ?? NaN);
}

function meanOf(curves: readonly HeldCurve[]): HeldCurve & { low: number[]; high: number[] } {
  const steps = [...new Set(curves.flatMap((curve) => curve.steps))].sort((a, b) => a - b);
  const all = steps.map((step) =>
    curves.flatMap((curve) => {
      const at = curve.steps.indexOf(step);
      return at < 0 ? [] : [curve.values[at] ?? NaN];
    }),
  );
  return {
    steps,
    values: all.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
    low: all.map((values) => Math.min(...values)),
    high: all.map((values) => Math.max(...values)),
  };
}

/** Answers from runs that are held, with the functions that the real one uses. */
class FakeEngine {
  constructor(private readonly data: () => DynamicsData) {}

  private run(id: string): HeldRun {
    const run = this.data().runs.find(({ view }) => view.id === id);
    if (!run) throw new ImcotError('missing', `There is no run ${id}.`);
    return run;
  }

  generation(): number {
    const { view } = this.data();
    return view.status === 'ready' ? view.generation : 0;
  }

  curve(id: string, members: readonly CurveId[], request: CurvesRequest): CurveView {
    const held = members.flatMap(({ run, key }) => this.run(run).curves[key] ?? []);
    const first = this.run(members[0]?.run ?? '');
    const mean = held.length > 1 ? meanOf(held) : undefined;
    const { steps, values } = mean ?? held[0] ?? { steps: [], values: [] };
    const x = Float64Array.from(steps, (step) => placeOf(first, step, request.x));
    if (x.some(Number.isNaN))
      return {
        id,
        raw: { x: new Float64Array(), y: new Float64Array(), steps: new Float64Array() },
        total: 0,
        shown: 0,
      };
    const y = Float64Array.from(values);
    const range = request.range ?? [x[0] ?? 0, x.at(-1) ?? 0];
    const { kept, total, shown } = thin({ x, y }, range, request.columns);
    const line = (ys: Float64Array): CurveView['raw'] => ({
      x: pick(x, kept),
      y: pick(ys, kept),
      steps: pick(Float64Array.from(steps), kept),
    });
    return {
      id,
      raw: line(y),
      ...(request.smoothing > 0 && { smooth: line(exponentialAverage(y, request.smoothing)) }),
      ...(mean && {
        band: {
          low: pick(Float64Array.from(mean.low), kept),
          high: pick(Float64Array.from(mean.high), kept),
        },
      }),
      total,
      shown,
      ...(x.length > 0 && { extent: [x[0] ?? 0, x.at(-1) ?? 0] as const }),
    };
  }

  marks({ marks, x }: CurvesRequest): Float64Array {
    return Float64Array.from(marks?.steps ?? [], (step) => placeOf(this.run(marks?.run ?? ''), step, x));
  }

  heat(id: string, x: XMode, range: readonly [number, number] | undefined, columns: number): ZoomHeatView {
    const run = this.run(id);
    const all = run.zoomDistributions ?? [];
    const [from, to] = range ?? [-Infinity, Infinity];
    const within = all.filter(({ step }) => placeOf(run, step, x) >= from && placeOf(run, step, x) <= to);
    const each = Math.max(1, Math.ceil(within.length / columns));
    const groups = Array.from({ length: Math.ceil(within.length / each) }, (_, at) =>
      within.slice(at * each, (at + 1) * each),
    );
    return {
      most: 4,
      columns: groups.map((group) => {
        const [first, last] = [group[0]?.step ?? 0, group.at(-1)?.step ?? 0];
        const counts = Array.from({ length: 6 }, (_, zooms) =>
          group.reduce((sum, one) => sum + (one.counts[zooms] ?? 0), 0),
        );
        return { from: first, to: last, x0: placeOf(run, first, x), x1: placeOf(run, last, x), counts };
      }),
    };
  }

  cards(id: string, boundaries: readonly number[]): ReturnType<typeof stageCards> {
    const run = this.run(id);
    const curves = (['zoomCount', 'toolCalls', 'responseLength', 'iou', 'accuracy'] as const).flatMap(
      (concept) => {
        const curve = run.curves[run.view.concepts[concept]?.[0] ?? ''];
        return curve ? [{ concept, ...curve }] : [];
      },
    );
    return stageCards(
      curves,
      boundaries,
      run.view.stages.stages.map(({ name }) => name),
    );
  }

  table(curves: readonly CurveId[], start: number, end: number): TableView {
    const held = curves.map(({ run, key }) => this.run(run).curves[key] ?? { steps: [], values: [] });
    const steps = Float64Array.from(new Set(held.flatMap((curve) => curve.steps))).sort();
    const first = curves[0] && this.run(curves[0].run);
    const rows = Array.from(steps.subarray(start, end), (step) => ({
      step,
      ...(first?.timeOf && { wallTime: first.timeOf(step) }),
      values: held.map((curve) => {
        const at = firstAt(curve.steps, step);
        return curve.steps[at] === step ? (curve.values[at] ?? null) : null;
      }),
    }));
    return { total: steps.length, rows };
  }

  rollouts(id: string): StepRolloutsView {
    const run = this.run(id);
    if (!run.rollouts) return { status: 'none' };
    return {
      status: 'ready',
      log: 'rollout_data_rank0.jsonl',
      rollouts: run.rollouts.perStep,
      correct: run.rollouts.correct,
    };
  }
}

function hostApi(
  data: () => DynamicsData,
  host: Pick<DynamicsFakeHost, 'asked' | 'requests' | 'saved'>,
): DynamicsHostApi {
  const engine = new FakeEngine(data);
  const { asked, requests, saved } = host;
  const keys = (curves: readonly CurveId[]): string =>
    curves.map(({ run, key }) => `${run}:${key}`).join(' ');
  return {
    ready: async () => data().view,
    curves: async (request) => {
      const { delay, curvesError } = data();
      requests.push(request);
      if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay));
      if (curvesError !== undefined) throw new ImcotError('internal', curvesError);
      return {
        generation: engine.generation(),
        curves: request.curves.map(({ id, members }) => engine.curve(id, members, request)),
        marks: engine.marks(request),
      };
    },
    stageCards: async (run, boundaries) => {
      asked.push(`stageCards ${run} ${boundaries.join(' ')}`);
      return engine.cards(run, boundaries);
    },
    zoomHeat: async (run, x, range, columns) => engine.heat(run, x, range, columns),
    table: async (curves, start, end) => {
      asked.push(`table ${start} ${end}`);
      return engine.table(curves, start, end);
    },
    stepRollouts: async (run) => engine.rollouts(run),
    openRollouts: async (run, step) => void asked.push(`openRollouts ${run} ${step}`),
    linkRollouts: async (run) => {
      asked.push(`linkRollouts ${run}`);
      return true;
    },
    revealPoint: async ({ run, key }, step) => void asked.push(`revealPoint ${run} ${key} ${step}`),
    savePicture: async (kind, content) => {
      saved.push({ kind, content });
      return true;
    },
    saveTable: async (curves) => {
      asked.push(`saveTable ${keys(curves)}`);
      return true;
    },
    reload: async () => void asked.push('reload'),
  };
}

function serve(port: MessagePortLike, first: DynamicsData): DynamicsFakeHost {
  let data = first;
  const host = { asked: [], requests: [], saved: [] };
  const channel = new Channel<DynamicsPageApi>(
    port,
    hostApi(() => data, host),
  );
  return { ...host, page: channel.remote, use: (next) => (data = next) };
}

/** Data of runs that are read through. */
export function dataOf(runs: readonly HeldRun[], more: Partial<DynamicsData> = {}): DynamicsData {
  return { view: readyView(runs), runs, ...more };
}

/** Opens a dynamics page whose host answers from data. */
export async function openDynamics(
  open: (options?: OpenOptions) => Promise<TestPage>,
  data: DynamicsData,
  options: OpenOptions = {},
): Promise<{ readonly opened: TestPage; readonly host: DynamicsFakeHost }> {
  let host: DynamicsFakeHost | undefined;
  const opened = await open({ ...options, name: 'dynamics', connect: (port) => (host = serve(port, data)) });
  if (!host) throw new Error('the page was opened without a connection');
  return { opened, host };
}
