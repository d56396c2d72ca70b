import { firstAt, thin, type Thinned } from '../analysis/thinning';
import type { Series } from '../metrics/mergeRestarts';
import type { CurvesRequest, CurvesResponse, CurveView, LineView, XMode } from '../protocol/dynamicsView';
import type { DynamicsRun } from './dynamicsRun';
import { meanBySteps, meanByTime, type MemberCurve } from './memberCurves';
import { inOrder, placeCurve, smoothed, type PlacedCurve } from './placedCurve';

/** A curve of a run that was asked for, and its place on the axis. */
interface Member {
  readonly series: Series;
  readonly placed: PlacedCurve;
}

type Range = readonly [from: number, to: number];

/** Answers what a page wants to draw. @param runs by id; what is asked of others is empty */
export function drawCurves(
  runs: ReadonlyMap<string, DynamicsRun>,
  request: CurvesRequest,
): Omit<CurvesResponse, 'generation'> {
  const { x, marks } = request;
  const wanted = request.curves.map(({ id, members }) => ({
    id,
    members: members.flatMap(({ run, key }) => membersOf(runs.get(run), key, x)),
  }));
  // One range for all, so that their columns are those of the plot that they share.
  const range = request.range ?? unite(wanted.map(({ members }) => extentOf(members))) ?? [0, 0];
  const marked = marks && runs.get(marks.run);
  return {
    curves: wanted.map(({ id, members }) => ({
      id,
      ...(members.length === 1
        ? drawOne(members[0] as Member, request, range)
        : drawMean(members, request, range)),
      ...withExtent(extentOf(members)),
    })),
    marks: Float64Array.from(marks?.steps ?? [], (step) => marked?.placeOf(step, x) ?? NaN),
  };
}

function membersOf(run: DynamicsRun | undefined, key: string, mode: XMode): Member[] {
  const series = run?.series(key);
  if (!run || !series) return [];
  const placed = placeCurve(series, mode, run.startTime);
  return placed.x.length > 0 ? [{ series, placed }] : [];
}

function extentOf(members: readonly Member[]): Range | undefined {
  return unite(members.map(({ placed: { x } }) => [x[0] as number, x.at(-1) as number]));
}

function unite(extents: readonly (Range | undefined)[]): Range | undefined {
  const there = extents.filter((extent) => extent !== undefined);
  if (there.length === 0) return undefined;
  return [Math.min(...there.map(([from]) => from)), Math.max(...there.map(([, to]) => to))];
}

const withExtent = (extent: Range | undefined): Pick<CurveView, 'extent'> => (extent ? { extent } : {});

type Drawn = Omit<CurveView, 'id' | 'extent'>;

function drawOne({ series, placed }: Member, { columns, smoothing }: CurvesRequest, range: Range): Drawn {
  const thinned = thin(placed, range, columns);
  const average = { ...placed, y: smoothing > 0 ? inOrder(smoothed(series, smoothing), placed) : placed.y };
  return {
    raw: lineOf(placed, thinned),
    ...(smoothing > 0 && { smooth: lineOf(average, thin(average, range, columns)) }),
    total: thinned.total,
    shown: thinned.shown,
  };
}

/**
 * Several members. By steps the mean of all points is averaged; by time each member is averaged over all its points, and
 * the mean of these is taken on the grid.
 */
function drawMean(members: readonly Member[], request: CurvesRequest, range: Range): Drawn {
  const { x, columns, smoothing } = request;
  const placed = members.map((member) => member.placed);
  if (x === 'step') {
    const mean = meanBySteps(placed);
    const drawn = drawOne({ series: asSeries(mean), placed: mean }, request, range);
    const thinned = thin({ ...mean, band: mean }, range, columns);
    const band = { low: pick(mean.low, thinned), high: pick(mean.high, thinned) };
    return { ...drawn, raw: lineOf(mean, thinned), band, total: thinned.total, shown: thinned.shown };
  }
  const places = gridOf(placed, range, columns);
  const mean = meanByTime(placed, places);
  const averaged = (): MemberCurve =>
    meanByTime(
      members.map(({ series, placed: own }) => ({ ...own, y: inOrder(smoothed(series, smoothing), own) })),
      places,
    );
  const total = placed.reduce(
    (sum, own) => sum + firstAt(own.x, range[1], true) - firstAt(own.x, range[0]),
    0,
  );
  const inside = firstAt(places, range[1], true) - firstAt(places, range[0]);
  return {
    raw: { x: mean.x, y: mean.y, steps: mean.steps },
    ...(smoothing > 0 && { smooth: lineFrom(averaged()) }),
    band: { low: mean.low, high: mean.high },
    total,
    shown: Math.min(total, inside),
  };
}

/** The middles of the columns that hold anything, and one beyond each side. */
function gridOf(placed: readonly PlacedCurve[], [from, to]: Range, columns: number): Float64Array {
  const extent = unite(placed.map(({ x }) => [x[0] as number, x.at(-1) as number]));
  if (!extent) return new Float64Array(0);
  const count = Math.max(1, Math.floor(columns));
  const width = (to - from) / count;
  if (!(width > 0)) return Float64Array.of(from);
  const places = Float64Array.from({ length: count + 2 }, (_, at) => from + (at - 0.5) * width);
  // The first and the last place of all have their points too, or the line would end a column before them.
  const ends = extent.filter((end) => end > from - width && end < to + width);
  return Float64Array.from(
    new Set([...places.filter((x) => x > extent[0] && x < extent[1]), ...ends]),
  ).sort();
}

function asSeries({ x, y }: MemberCurve): Series {
  const none = new Float64Array(0);
  return { key: '', steps: x, values: y, wallTimes: none, parts: none, rows: none };
}

const lineFrom = ({ x, y, steps }: PlacedCurve): LineView => ({ x, y, steps });

function lineOf(curve: PlacedCurve, thinned: Thinned): LineView {
  const y = pick(curve.y, thinned).map((value) => (Number.isFinite(value) ? value : NaN));
  return { x: pick(curve.x, thinned), y, steps: pick(curve.steps, thinned) };
}

/** A loop: `Float64Array.from` goes through an iterator, which took most of the time of an answer. */
function pick(list: Float64Array, { kept }: Thinned): Float64Array {
  const picked = new Float64Array(kept.length);
  for (let at = 0; at < picked.length; at++) picked[at] = list[kept[at] as number] as number;
  return picked;
}
