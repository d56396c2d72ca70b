import { CONCEPT_NAMES } from '../../metrics/concepts';
import { Printer } from '../text/printer';
import { safeLine } from '../text/safeText';
import type { Style } from '../text/style';
import { cellNumber } from './metricsText';
import type { RunStages } from './runStages';

/** What intervals are worth, measured: docs/stages.md. */
const INTERVALS = 'In made runs with known stages the true place was within in nine of ten.';

/** The stages of a run for a person. @param width cells to wrap at; undefined for no wrapping */
export function stagesText(found: RunStages, style: Style, width: number | undefined): string {
  const { run, report, curves, alarms } = found;
  const printer = new Printer({ style, width });
  printer.heading(style.bold(safeLine(run.name)));
  printer.heading(style.dim(`${safeLine(run.source)}, ${run.label}`));
  const sure = report.stages.length > 0 ? `, confidence ${report.confidence.toFixed(2)}` : '';
  printer.field('result', report.status + sure);
  printer.field('why', report.reason);
  if (report.namesWithheld) printer.field('names', report.namesWithheld);
  for (const { name, from, to, means, summary } of report.stages) {
    printer.blank();
    printer.heading(`${style.cyan(name)}, steps ${from} to ${to}`);
    const figures = curves.flatMap(({ concept, shown }) => {
      const mean = means[concept];
      return mean === undefined ? [] : [`${CONCEPT_NAMES[shown]} ${cellNumber(mean)}`];
    });
    printer.field('mean', figures.join(', '));
    if (summary !== '') printer.field('course', summary);
  }
  if (report.boundaries.length > 0) {
    printer.blank();
    for (const { step, interval } of report.boundaries)
      printer.field('boundary', `step ${step}, interval ${interval[0]} to ${interval[1]}`);
    printer.field('intervals', INTERVALS);
  }
  if (curves.length > 0) printer.blank();
  for (const { shown, key, note } of curves)
    printer.field('curve', `${CONCEPT_NAMES[shown]} = ${key}${note === undefined ? '' : `. ${note}`}`);
  for (const { message, threshold } of alarms)
    printer.field('alarm', `${message} (rule: ${threshold})`, style.yellow);
  return printer.take();
}
