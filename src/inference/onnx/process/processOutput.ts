import { StringDecoder } from 'node:string_decoder';
import type { Logger } from '../../../common/logger';

/** Lines per window that reach the log; the rest is counted. */
const LINES = 40;
const WINDOW_MS = 10_000;
const LONGEST_LINE = 500;
/** How much of the output's end is kept to tell why a process ended, in characters. */
const TAIL = 4000;

/** Colour and cursor codes of terminals (ECMA-48 control sequences). */
// eslint-disable-next-line no-control-regex
const TERMINAL_CODES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/**
 * What a process prints, line by line into the log, with a bound: a library that complains at each token must not fill
 * it. The end of it is kept whole.
 */
export class ProcessOutput {
  private readonly decoder = new StringDecoder('utf8');
  private partial = '';
  private kept = '';
  private windowStart = -Infinity;
  private inWindow = 0;
  private dropped = 0;

  /** @param now milliseconds of any steady clock */
  constructor(
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The last lines, without terminal codes. */
  get tail(): string {
    return this.kept + this.partial;
  }

  push(chunk: Buffer): void {
    const text = (this.partial + this.decoder.write(chunk)).replaceAll('\r', '');
    const lines = text.split('\n');
    // A line without an end is cut as well.
    this.partial = (lines.pop() ?? '').slice(-TAIL);
    for (const line of lines) this.line(line.replace(TERMINAL_CODES, ''));
  }

  /** Nothing more comes. */
  end(): void {
    if (this.partial !== '') this.line(this.partial.replace(TERMINAL_CODES, ''));
    this.partial = '';
    this.sayDropped();
  }

  private line(line: string): void {
    if (line.trim() === '') return;
    this.kept = `${this.kept}${line}\n`.slice(-TAIL);
    if (this.now() - this.windowStart > WINDOW_MS) {
      this.sayDropped();
      this.windowStart = this.now();
      this.inWindow = 0;
    }
    this.inWindow++;
    if (this.inWindow <= LINES) this.logger.info(`model process: ${line.slice(0, LONGEST_LINE)}`);
    else this.dropped++;
  }

  private sayDropped(): void {
    if (this.dropped > 0) this.logger.info(`model process: ${this.dropped} more lines are left out.`);
    this.dropped = 0;
  }
}
