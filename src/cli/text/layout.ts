const MARKS = /^\p{M}$/u;

/** East Asian wide and emoji ranges, as terminals draw them. Source: Unicode EastAsianWidth, W and F, merged coarsely. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

function cellWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (MARKS.test(character)) return 0;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** Terminal cells that a text of printable characters takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += cellWidth(character);
  return width;
}

function hardSplit(word: string, width: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let used = 0;
  for (const character of word) {
    const cells = cellWidth(character);
    if (used + cells > width && piece !== '') {
      pieces.push(piece);
      piece = '';
      used = 0;
    }
    piece += character;
    used += cells;
  }
  pieces.push(piece);
  return pieces;
}

function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  let current = '';
  let used = 0;
  for (const token of line.split(/( +)/)) {
    const cells = displayWidth(token);
    if (used + cells <= width) {
      current += token;
      used += cells;
      continue;
    }
    if (/^ +$/.test(token)) continue;
    if (used > 0) lines.push(current.trimEnd());
    const pieces = hardSplit(token, width);
    lines.push(...pieces.slice(0, -1));
    current = pieces.at(-1) ?? '';
    used = displayWidth(current);
  }
  lines.push(current.trimEnd());
  return lines;
}

/**
 * Breaks text into lines of at most `width` cells, at blanks where there are any. Its own line breaks stay.
 * @param width at least 2; undefined for no wrapping
 */
export function wrap(text: string, width: number | undefined): string[] {
  const lines = text.split('\n');
  return width === undefined ? lines : lines.flatMap((line) => wrapLine(line, Math.max(2, width)));
}

/** Cuts to `width` cells with an ellipsis at the end. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  return `${hardSplit(text, Math.max(1, width - 1))[0] ?? ''}…`;
}

/** Columns side by side, two blanks between them; the columns in `right` are aligned right. No blanks at line ends. */
export function table(
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const gap = ' '.repeat((widths[column] ?? 0) - displayWidth(cell));
        return right.has(column) ? gap + cell : cell + gap;
      })
      .join('  ')
      .trimEnd(),
  );
}
