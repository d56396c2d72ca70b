import type { ZoomDistribution } from '../../analysis/alarms';
import type { MetricRun } from '../../files/metricRuns';
import type { FormatId } from '../../readers/reader';

/** Curves of one run: of a trainer's log, or worked out from a log of rollouts. */
export interface CurveRun extends Omit<MetricRun, 'format'> {
  readonly format: MetricRun['format'] | FormatId;
  /** How many rollouts of each step zoomed how often; of logs of rollouts alone. */
  readonly zoomDistributions?: readonly ZoomDistribution[];
}
