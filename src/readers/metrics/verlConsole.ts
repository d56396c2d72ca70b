import type { MetricSink } from '../../metrics/metricSink';
import { LineStream } from './lineStream';
import type { StreamMetricReader } from './metricReader';
import { parseStepLine } from './stepLine';

const [S, T, E, P, COLON, BLANK] = [0x73, 0x74, 0x65, 0x70, 0x3a, 0x20];

/** Whether `step:` or `step ` stands anywhere in the bytes. */
function namesStep(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from + 3; at < to - 1; at++) {
    if (bytes[at] !== P || bytes[at - 1] !== E || bytes[at - 2] !== T || bytes[at - 3] !== S) continue;
    if (bytes[at + 1] === COLON || bytes[at + 1] === BLANK) return true;
  }
  return false;
}

/** What `python … | tee` leaves of a training with verl or a fork of it: `step:` lines among everything else. */
export const verlConsoleReader: StreamMetricReader = {
  format: 'verl-console',
  label: 'verl console log',
  layout: 'stream',
  sniff: ({ path, lines }) => {
    // What quotes a console in JSON is no console.
    if (/\.json$/.test(path)) return 0;
    if (lines.some((line) => parseStepLine(line) !== undefined)) return 0.9;
    // The first step may come after minutes of start-up messages: then only its look says that this is a console log.
    const isConsole =
      /\.(?:log|out|txt)$/.test(path) &&
      lines.some((line) => /\((?:TaskRunner|main_task|WorkerDict) pid=\d+/.test(line));
    return isConsole ? 0.5 : 0;
  },
  start: (sink) => new LineStream({ wants: namesStep, ...stepLines(sink) }),
};

function stepLines(
  sink: MetricSink,
): Pick<ConstructorParameters<typeof LineStream>[0], 'line' | 'cut' | 'tooLong'> {
  const take = (text: string, start: number, end: number, isCut: boolean): void => {
    const found = parseStepLine(text, isCut);
    if (!found) return;
    sink.row(found.step, undefined, start, end);
    for (const [key, value] of found.values) sink.value(key, value);
  };
  return {
    line: (text, start, end) => take(text, start, end, false),
    cut: (text, start, end) => take(text, start, end, true),
    tooLong: (start, end) => sink.damaged('The line is longer than 64 MiB and was passed over.', start, end),
  };
}
