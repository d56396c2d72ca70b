import type { MetricSink } from '../../../metrics/metricSink';
import type { StepLine } from '../stepLine';
import { parseStepLine } from '../stepLine';

/** A console line of metrics with its time and place in the file. */
interface StepRow extends StepLine {
  readonly wallTime: number | undefined;
  readonly start: number;
  readonly end: number;
}

/** A step's line is printed before its history is written; when so many lines have none, none will come. */
const MOST_HELD = 8;
/** A progress bar may go on without a line's end; then this much is a line, in UTF-16 units. */
const MAX_LINE = 1 << 20;

/**
 * The console output inside a run file, which comes in pieces of lines. Each line is told as a text. The metrics that
 * verl prints are rounded copies of the run's history: they become rows only when the run has none, as when somebody
 * started W&B beside a training that does not log to it.
 */
export class ConsoleLines {
  /** What has no line's end yet, by the stream it was printed to. */
  private readonly open = new Map<number, string>();
  /** Undefined once there is history. */
  private held: StepRow[] | undefined = [];

  constructor(private readonly sink: MetricSink) {}

  /** History has come: the console says nothing new. */
  hasHistory(): void {
    this.held = undefined;
  }

  /** A piece of output. @param stream 0 standard error, 1 standard output */
  add(stream: number, piece: string, wallTime: number | undefined, start: number, end: number): void {
    const lines = ((this.open.get(stream) ?? '') + piece).split('\n');
    const rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) lines.push(rest);
    this.open.set(stream, rest.length > MAX_LINE ? '' : rest);
    for (const line of lines) this.line(line, wallTime, start, end);
  }

  /** No more will come. */
  finish(): void {
    for (const rest of this.open.values()) if (rest !== '') this.sink.text('console', rest);
    this.open.clear();
    for (const row of this.held ?? []) this.row(row);
    this.held = undefined;
  }

  private line(line: string, wallTime: number | undefined, start: number, end: number): void {
    this.sink.text('console', line);
    const found = this.held && line.includes('step') ? parseStepLine(line) : undefined;
    if (!found || !this.held) return;
    const row = { ...found, wallTime, start, end };
    if (this.held.length >= MOST_HELD) this.row(row);
    else if (this.held.push(row) === MOST_HELD) for (const before of this.held) this.row(before);
  }

  private row({ step, values, wallTime, start, end }: StepRow): void {
    this.sink.row(step, wallTime, start, end);
    for (const [key, value] of values) this.sink.value(key, value);
  }
}
