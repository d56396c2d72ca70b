import type { ReportedCall } from '../analysis/contradictions';
import type { ToolOptions } from './tools/imageZoomIn';
import type { PlannedCall } from './tools/planCalls';
import { planCall } from './tools/planCalls';

/**
 * Calls with what DeepEyes' training environment does with them, for rollouts that are not from there. It knows the
 * first picture of the prompt alone: calls on others are left without.
 * @param options the rules of the rollout's own producer
 */
export function reportedCalls(planned: readonly PlannedCall[], options: ToolOptions): ReportedCall[] {
  const isTraining = options.variant === 'trainingV2' || options.variant === 'trainingV5';
  const { minSideAbove: _own, ...shared } = options;
  return planned.map((call) => {
    const { source, sourceSize } = call;
    const isFirst = source?.kind === 'prompt' && source.image === 0;
    if (isTraining || !isFirst || !sourceSize || call.report.tool !== 'zoom') return call;
    return { ...call, trainingReport: planCall(call.call, sourceSize, { ...shared, variant: 'trainingV2' }) };
  });
}
