import { eventFile, simpleValue } from './tfEvents';

/** A curve by step, to be written as a training writes it. */
export interface NamedCurve {
  readonly key: string;
  readonly values: readonly number[];
}

/** `{"curves": {name: [[step, value], ...]}}`. */
export function curvesJson(curves: readonly NamedCurve[]): string {
  const entries = curves.map(({ key, values }) => [key, values.map((value, step) => [step, value])] as const);
  return JSON.stringify({ source: 'a test', curves: Object.fromEntries(entries) }, null, 1);
}

/** What verl prints in a Ray actor, with lines of others between its own. */
export function verlConsole(curves: readonly NamedCurve[]): string {
  const steps = curves[0]?.values ?? [];
  const lines = steps.flatMap((_, step) => {
    const pairs = curves.map(({ key, values }) => `${key}:np.float64(${values[step]})`);
    return [
      `\u001b[36m(WorkerDict pid=311)\u001b[0m rollout of step ${step} took 3 s`,
      `\u001b[36m(TaskRunner pid=207)\u001b[0m step:${step} - ${pairs.join(' - ')} - timing_s/step:4.5`,
    ];
  });
  return `${lines.join('\n')}\n`;
}

/** An event file as PyTorch writes it: values are single floats. */
export function curveEvents(curves: readonly NamedCurve[], firstStep = 0): Uint8Array {
  const steps = curves[0]?.values ?? [];
  return eventFile([
    { wallTime: 1e9, fileVersion: 'brain.Event:2' },
    ...steps.map((_, step) => ({
      step: firstStep + step,
      wallTime: 1e9 + step,
      values: curves.map(({ key, values }) => simpleValue(key, values[step] as number)),
    })),
  ]);
}

/** A table with the step in its first column. */
export function curveCsv(curves: readonly NamedCurve[]): string {
  const steps = curves[0]?.values ?? [];
  const rows = steps.map((_, step) => [step, ...curves.map(({ values }) => values[step])].join(','));
  return [['step', ...curves.map(({ key }) => key)].join(','), ...rows, ''].join('\n');
}
