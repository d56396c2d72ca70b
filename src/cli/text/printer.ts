import { wrap } from './layout';
import { safeText } from './safeText';
import type { Style } from './style';

type Paint = (text: string) => string;

/** How far the text below a heading is moved in. */
export const INDENT = '  ';

const LABEL_CELLS = 13;
const LEAST_WIDTH = 40;
/** Longer lines are hard to read, however wide the terminal. */
const MOST_WIDTH = 120;

/** Cells to wrap text at on a terminal of so many; undefined for no wrapping where there is none. */
export function readableWidth(columns: number | undefined): number | undefined {
  return columns === undefined ? undefined : Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, columns));
}

/** How lines look. */
export interface PrinterOptions {
  readonly style: Style;
  /** Cells to wrap at; undefined for no wrapping. */
  readonly width: number | undefined;
}

/** Lines of text for people, made safe for a terminal and wrapped. */
export class Printer {
  readonly lines: string[] = [];
  private lastWords: string | undefined;

  constructor(readonly options: PrinterOptions) {}

  /** All lines so far as one text with a line end at its end, or ''; the printer is empty afterwards. */
  take(): string {
    const lines = this.lines.splice(0);
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  }

  blank(): void {
    if (this.lines.at(-1) !== '') this.lines.push('');
  }

  /** A line of our own words, which may be painted. */
  heading(text: string): void {
    this.lines.push(text);
  }

  /** Text of a file or a model, indented below a heading. */
  block(text: string, paint: Paint = (line) => line): void {
    const { width } = this.options;
    const lines = wrap(safeText(text).trim(), width === undefined ? undefined : width - INDENT.length);
    for (const line of lines) this.lines.push(line === '' ? '' : INDENT + paint(line));
  }

  /** The same for the words of an observation: DeepEyes repeats its instructions with every crop. */
  words(text: string, paint: Paint): void {
    if (text.trim() === '') return;
    this.block(text === this.lastWords ? '(the same words as above)' : text, paint);
    this.lastWords = text;
  }

  /** A name and what there is to say for it; without a name the text stands below the one before. */
  field(name: string, text: string, paint: Paint = (line) => line): void {
    const { style, width } = this.options;
    const label = `${name.padEnd(LABEL_CELLS)} `;
    const room = width === undefined ? undefined : width - label.length;
    wrap(safeText(text).trim(), room).forEach((line, i) => {
      this.lines.push((i === 0 ? style.dim(label) : ' '.repeat(label.length)) + paint(line));
    });
  }
}
