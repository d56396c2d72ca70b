import type { SignalReports } from '../analysis/signals/signals';
import type { Size } from '../common/boundingBox';
import type { ToolReport } from '../trajectory/toolReport';
import type { Trajectory } from '../trajectory/trajectory';
import { recordedToolOptions } from './recordedToolOptions';
import type { ToolOptions } from './tools/imageZoomIn';
import { planCalls } from './tools/planCalls';

/**
 * What the tools did with the calls of a rollout, and what the released training environment would have done: for the
 * signals. Nothing where the size of a picture that a call works on is not known.
 * @param sizes of the prompt's pictures, where more is known than the record tells
 */
export function signalReports(
  trajectory: Trajectory,
  sizes: readonly (Size | undefined)[] = trajectory.prompt.images.map(({ size }) => size),
): SignalReports {
  const [first] = sizes;
  if (!first || !trajectory.turns.some(({ parts }) => parts.some(({ kind }) => kind === 'toolCall')))
    return {};
  const own = (image: Size): ToolOptions => recordedToolOptions(trajectory, image);
  const training = (image: Size): ToolOptions => {
    const { frame, resized } = own(image);
    return { variant: 'trainingV2', frame, ...(resized && { resized }) };
  };
  const reports = reportsOf(trajectory, sizes, own);
  const trainingReports = reportsOf(trajectory, sizes, training);
  return { ...(reports && { reports }), ...(trainingReports && { trainingReports }) };
}

/** The reports of all calls of the counted turns; undefined where one is missing. */
function reportsOf(
  { turns }: Trajectory,
  sizes: readonly (Size | undefined)[],
  options: (image: Size) => ToolOptions,
): readonly ToolReport[] | undefined {
  const isCounted = (turn: number): boolean => turns[turn]?.recovered !== true;
  const planned = planCalls(turns, sizes, options).filter(({ turn }) => isCounted(turn));
  const calls = turns
    .filter((_, turn) => isCounted(turn))
    .reduce((count, { parts }) => count + parts.filter(({ kind }) => kind === 'toolCall').length, 0);
  return planned.length === calls ? planned.map(({ report }) => report) : undefined;
}
