import type { MetricSink } from './metricSink';

/** Takes everything and keeps nothing: what a sink of few interests begins with. */
export class SilentSink implements MetricSink {
  run(..._: Parameters<MetricSink['run']>): void {}
  row(..._: Parameters<MetricSink['row']>): void {}
  value(..._: Parameters<MetricSink['value']>): void {}
  text(..._: Parameters<MetricSink['text']>): void {}
  setting(..._: Parameters<MetricSink['setting']>): void {}
  break(..._: Parameters<MetricSink['break']>): void {}
  state(..._: Parameters<MetricSink['state']>): void {}
  damaged(..._: Parameters<MetricSink['damaged']>): void {}
}
