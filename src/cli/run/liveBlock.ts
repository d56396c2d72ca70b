import { displayWidth, wrap } from '../text/layout';
import { INDENT } from '../text/printer';
import { safeText } from '../text/safeText';

/** The longest word that is waited for, in UTF-16 units. */
const LONGEST_WORD = 200;
/** From here on (CJK and behind) every character can end a line, so none waits for a blank. */
const FIRST_WIDE = 0x2e80;
const HIGH_SURROGATE = /[\ud800-\udbff]$/;

/**
 * An indented block of text that is written while it arrives: as `Printer.block` writes it, word by word. Blanks at its
 * beginning and end are left out, and more than one empty line in a row.
 */
export class LiveBlock {
  private out = '';
  private word = '';
  private blanks = 0;
  private lineEnds = 0;
  /** Cells of the present line; 0 before the first. */
  private column = 0;

  /** @param width cells to wrap at; undefined for no wrapping */
  constructor(
    private readonly width: number | undefined,
    private readonly paint: (text: string) => string = (text) => text,
  ) {}

  /** Adds text; gives back what can be written now. */
  push(text: string): string {
    for (const character of text) {
      if (character === '\n') this.endLine();
      else if (character === ' ') {
        this.flushWord();
        if (this.column > 0) this.blanks++;
      } else this.add(character);
    }
    return this.take();
  }

  /** The rest, with a line end; '' where nothing was ever written. */
  end(): string {
    this.flushWord();
    if (this.column > 0) this.out += '\n';
    this.column = 0;
    return this.take();
  }

  private take(): string {
    const { out } = this;
    this.out = '';
    return out;
  }

  private add(character: string): void {
    this.word += character;
    const isWide = (character.codePointAt(0) ?? 0) >= FIRST_WIDE;
    // Half of a character waits for its other half.
    if ((isWide || this.word.length >= LONGEST_WORD) && !HIGH_SURROGATE.test(this.word)) this.flushWord();
  }

  private endLine(): void {
    this.word = this.word.replace(/\r$/, '');
    this.flushWord();
    this.blanks = 0;
    if (this.column > 0) this.lineEnds = Math.min(2, this.lineEnds + 1);
  }

  private flushWord(): void {
    if (this.word === '') return;
    const text = safeText(this.word);
    this.word = '';
    const cells = displayWidth(text);
    const width = this.width ?? Infinity;
    if (this.column === 0) this.startLine('');
    else if (this.lineEnds > 0) this.startLine('\n'.repeat(this.lineEnds));
    else if (this.column + this.blanks + cells > width) {
      this.blanks = 0;
      this.startLine('\n');
    }
    const gap = Math.min(this.blanks, Math.max(0, width - this.column - 1));
    this.blanks = 0;
    this.column += gap;
    this.write(' '.repeat(gap), text, cells, width);
  }

  private startLine(lineEnds: string): void {
    this.out += lineEnds + INDENT;
    this.lineEnds = 0;
    this.column = INDENT.length;
  }

  private write(gap: string, text: string, cells: number, width: number): void {
    this.out += gap;
    if (this.column + cells <= width) {
      this.out += this.paint(text);
      this.column += cells;
      return;
    }
    const lines = wrap(text, width - INDENT.length);
    this.out += lines.map((line) => this.paint(line)).join(`\n${INDENT}`);
    this.column = INDENT.length + displayWidth(lines.at(-1) ?? '');
  }
}
