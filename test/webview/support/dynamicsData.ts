import { findAlarms } from '../../../src/analysis/alarms';
import type { ZoomDistribution } from '../../../src/analysis/alarms';
import { randomDraws } from '../../../src/analysis/randomDraws';
import { findStages } from '../../../src/analysis/stages/findStages';
import type { StageConcept, StageCurve } from '../../../src/analysis/stages/stageCurve';
import { conceptKeysOf } from '../../../src/metrics/concepts';
import type { DynamicsView, KeyView, RunRolloutsView, RunView } from '../../../src/protocol/dynamicsView';
import { figure3 } from '../../support/figure3';
import { stageRuns } from '../../support/stageRuns';

/** A curve of a run that a fake host holds. */
export interface HeldCurve {
  readonly steps: readonly number[];
  readonly values: readonly number[];
}

/** A run as a fake host holds it: what the page is told of it, and its points. */
export interface HeldRun {
  readonly view: RunView;
  readonly curves: Readonly<Record<string, HeldCurve>>;
  /** Seconds since 1970 of a step; absent where the run tells no times. */
  readonly timeOf?: (step: number) => number;
  readonly zoomDistributions?: readonly ZoomDistribution[];
  /** Rollouts of each step, and how many were right. */
  readonly rollouts?: { readonly perStep: number; readonly correct: number };
}

/** What a run is made of. */
export interface RunParts {
  readonly id: string;
  readonly name?: string;
  readonly curves: Readonly<Record<string, HeldCurve>>;
  readonly times?: boolean;
  readonly zoomDistributions?: readonly ZoomDistribution[];
  readonly rollouts?: { readonly perStep: number; readonly correct: number };
  readonly more?: Partial<RunView>;
}

const STAGED: ReadonlySet<string> = new Set([
  'zoomCount',
  'toolCalls',
  'responseLength',
  'iou',
  'accuracy',
  'toolSuccess',
]);
/** A Tuesday in November, and how long a step takes, in seconds. */
const BEGUN = 1_763_500_000;
const STEP_TIME = 97;

function keysOf(curves: RunParts['curves'], concepts: ReturnType<typeof conceptKeysOf>): KeyView[] {
  return Object.entries(curves).map(([key, { values }]) => {
    const known = [...concepts].flatMap(([concept, found]) =>
      found.filter((one) => one.key === key).map(({ rule }) => ({ concept, note: rule.note })),
    )[0];
    const last = values.findLast(Number.isFinite);
    return {
      key,
      points: values.length,
      ...(last !== undefined && { last }),
      ...(known && { concept: known.concept }),
      ...(known?.note !== undefined && { note: known.note }),
      ...(key.startsWith('rollouts/') && { computed: true as const }),
    };
  });
}

/** Makes a run of curves: concepts, stages and alarms are what the real functions say of them. */
export function heldRun(parts: RunParts): HeldRun {
  const { id, name = id, curves, times = true, zoomDistributions, rollouts, more } = parts;
  const concepts = conceptKeysOf(Object.keys(curves));
  const first = new Map([...concepts].map(([concept, found]) => [concept, curves[found[0]?.key ?? '']]));
  const staged = [...first].flatMap(([concept, curve]): StageCurve[] =>
    curve && STAGED.has(concept) ? [{ concept: concept as StageConcept, ...curve }] : [],
  );
  const steps = Object.values(curves).flatMap((curve) => curve.steps);
  const different = new Set(steps).size;
  const [zoomCount, reward, accuracy] = [
    first.get('zoomCount') ?? first.get('toolCalls'),
    first.get('score'),
    first.get('accuracy'),
  ];
  const responseLength = first.get('responseLength');
  const ofRollouts: RunRolloutsView | undefined = rollouts && {
    name: 'rollout_data_rank0.jsonl',
    link: 'found',
    records: rollouts.perStep * different,
    badRecords: 0,
    hasZoomCounts: zoomDistributions !== undefined,
  };
  const view: RunView = {
    id,
    name,
    source: `${name}/console.log`,
    label: 'verl console log',
    live: false,
    ...(steps.length > 0 && {
      steps: {
        first: steps.reduce((least, step) => Math.min(least, step), Infinity),
        last: steps.reduce((most, step) => Math.max(most, step), -Infinity),
        count: different,
      },
    }),
    hasWallTimes: times,
    keys: keysOf(curves, concepts),
    concepts: Object.fromEntries(
      [...concepts].map(([concept, found]) => [concept, found.map(({ key }) => key)]),
    ),
    breaks: [],
    stages: findStages(staged),
    alarms: findAlarms({
      ...(zoomCount && { zoomCount }),
      ...(reward && { reward }),
      ...(accuracy && { accuracy }),
      ...(responseLength && { responseLength }),
      ...(zoomDistributions && { zoomDistributions }),
    }),
    ...(ofRollouts && { rollouts: ofRollouts }),
    notices: [],
    ...more,
  };
  return {
    view,
    curves,
    ...(times && { timeOf: (step: number) => BEGUN + step * STEP_TIME + (step % 7) }),
    ...(zoomDistributions && { zoomDistributions }),
    ...(rollouts && { rollouts }),
  };
}

/** Curves of a made run under the names that DeepEyes' trainer gives them. */
function trainerNames(curves: readonly StageCurve[]): Record<string, HeldCurve> {
  const names: Readonly<Record<string, string>> = {
    zoomCount: 'agent/tool_call_mean',
    responseLength: 'response_length/mean',
    iou: 'rollouts/iou',
  };
  return Object.fromEntries(
    curves.map(({ concept, steps, values }) => [
      names[concept] ?? concept,
      { steps: Array.from(steps), values: Array.from(values) },
    ]),
  );
}

/** The paper's curves; with a seed, the same with noise of their own upon them. */
function paperCurves(seed?: number): Record<string, HeldCurve> {
  const curves = trainerNames(figure3().curves);
  if (seed === undefined) return curves;
  const draws = randomDraws(seed);
  return Object.fromEntries(
    Object.entries(curves).map(([key, { steps, values }]) => {
      const shift = 1 + 0.04 * draws.normal();
      return [key, { steps, values: values.map((value) => value * shift * (1 + 0.03 * draws.normal())) }];
    }),
  );
}

/** Zoom counts of 256 rollouts of a step that zoom `mean` times on average: Poisson, by its probabilities. */
function zoomCounts(mean: number): number[] {
  let share = Math.exp(-mean);
  return Array.from({ length: 6 }, (_, zooms) => {
    const count = Math.round(256 * share);
    share *= mean / (zooms + 1);
    return count;
  });
}

const SETTINGS = [
  'actor/lr',
  'actor/grad_norm',
  'actor/pg_loss',
  'perf/throughput',
  'timing_s/gen',
  'global_seqlen/mean',
];

/** The paper's figure as a run with a dump of rollouts beside it; accuracy and the trainer's other keys are made up. */
export function paperRun(more: Partial<RunView> = {}, id = 'deepeyes-7b'): HeldRun {
  const draws = randomDraws(7);
  const curves = paperCurves();
  const tools = curves['agent/tool_call_mean'] as HeldCurve;
  const others = SETTINGS.map((key) => [
    key,
    { steps: tools.steps, values: tools.steps.map(() => 1 + 0.1 * draws.normal()) },
  ]);
  return heldRun({
    id,
    curves: {
      ...curves,
      'val-core/vstar/acc/mean@1': {
        steps: [0, 16, 32, 48, 64, 79],
        values: [0.712, 0.815, 0.868, 0.895, 0.884, 0.901],
      },
      'response_length/max': { steps: tools.steps, values: tools.values.map((value) => 1800 * value) },
      ...(Object.fromEntries(others) as Record<string, HeldCurve>),
    },
    zoomDistributions: tools.values.map((mean, step) => ({ step, counts: zoomCounts(mean) })),
    rollouts: { perStep: 4096, correct: 3617 },
    more,
  });
}

/** A run whose curves wander and turn nowhere together. */
export function noisyRun(): HeldRun {
  const run = stageRuns(3, 6).find(({ kind, curves }) => kind === 'autocorrelated' && curves.length === 3);
  if (!run) throw new Error('no such run among those that are made');
  return heldRun({ id: 'ablation-no-grounding', curves: trainerNames(run.curves), times: false });
}

/** Two seeds of the paper's run, and a run of another trainer with keys of its own. */
export function threeRuns(): HeldRun[] {
  const other = stageRuns(3, 6).find(({ length, curves }) => length < 150 && curves.length === 3);
  if (!other) throw new Error('no such run among those that are made');
  const names = ['tools/call_frequency', 'completions/mean_length', 'grounding/iou'];
  const curves = Object.fromEntries(
    other.curves.map(({ steps, values }, at) => [
      names[at] ?? '',
      { steps: Array.from(steps), values: Array.from(values) },
    ]),
  );
  return [
    heldRun({ id: 'deepeyes-7b-seed1', curves: paperCurves(1) }),
    heldRun({ id: 'deepeyes-7b-seed2', curves: paperCurves(2), more: { state: 'finished' } }),
    heldRun({
      id: 'trl-grpo-3b',
      curves,
      more: {
        label: 'trainer_state.json',
        source: 'trl-grpo-3b/trainer_state.json',
        state: 'running',
        live: true,
      },
    }),
  ];
}

/** The first steps of a run, as if it were still going on. */
export function cutRun(run: HeldRun, steps: number): HeldRun {
  const curves = Object.fromEntries(
    Object.entries(run.curves).map(([key, curve]) => {
      const count = curve.steps.filter((step) => step < steps).length;
      return [key, { steps: curve.steps.slice(0, count), values: curve.values.slice(0, count) }];
    }),
  );
  const { id, name } = run.view;
  return heldRun({
    id,
    name,
    curves,
    ...(run.zoomDistributions && {
      zoomDistributions: run.zoomDistributions.filter(({ step }) => step < steps),
    }),
    ...(run.rollouts && { rollouts: run.rollouts }),
    more: { live: true, state: 'running' },
  });
}

/** What is open: these runs. */
export function readyView(
  runs: readonly HeldRun[],
  more: Partial<Extract<DynamicsView, { status: 'ready' }>> = {},
): DynamicsView {
  return {
    status: 'ready',
    name: runs.length === 1 ? (runs[0]?.view.name ?? '') : 'outputs',
    runs: runs.map(({ view }) => view),
    notices: [],
    generation: 1,
    ...more,
  };
}
