/*
 * Colours and styles of terminal text (ECMA-48 SGR: 16 and 256 colours, RGB). All other escape sequences draw nothing:
 * they would move a cursor that a log does not have. A style ends with its line, since lines are read from anywhere.
 */

/** A colour: 0 to 255 of the terminal's palette, or red, green and blue from 0 to 255. */
export type AnsiColor = number | readonly [number, number, number];

/** How a stretch of text is drawn. Absent: as the text around it. */
export interface AnsiStyle {
  readonly color?: AnsiColor;
  readonly background?: AnsiColor;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

/** A stretch of text of one style. */
export interface AnsiPiece {
  readonly text: string;
  /** Where it stands in the raw text, in UTF-16 units. */
  readonly at: number;
  readonly style: AnsiStyle;
}

/** CSI sequences, OSC and other strings up to their end, and escapes of two or three characters. */
const ESCAPE =
  // eslint-disable-next-line no-control-regex -- escape sequences are what is looked for
  /\x1b\[([0-9;:?<=>]*)[ -/]*([@-~])|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]+[0-~]|\x1b[0-OQ-WYZ\\`-~]/g;

/** Splits a line's raw text into stretches; together they are the text without its escape sequences. */
export function ansiPieces(text: string): AnsiPiece[] {
  const pieces: AnsiPiece[] = [];
  let style: AnsiStyle = {};
  let from = 0;
  const add = (to: number): void => {
    if (to > from) pieces.push({ text: text.slice(from, to), at: from, style });
  };
  if (text.includes('\x1b')) {
    for (const match of text.matchAll(ESCAPE)) {
      add(match.index);
      from = match.index + match[0].length;
      if (match[2] === 'm') style = applySgr(style, match[1] ?? '');
    }
  }
  add(text.length);
  return pieces;
}

type Flag = Exclude<keyof AnsiStyle, 'color' | 'background'>;

const ON: Readonly<Record<number, Flag>> = {
  1: 'bold',
  2: 'dim',
  3: 'italic',
  4: 'underline',
  7: 'inverse',
  9: 'strike',
};
const OFF: Readonly<Record<number, readonly Flag[]>> = {
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
};

function without(style: AnsiStyle, ...names: readonly (keyof AnsiStyle)[]): AnsiStyle {
  return Object.fromEntries(Object.entries(style).filter(([name]) => !names.some((other) => other === name)));
}

/** The style after a sequence with these parameters. */
function applySgr(before: AnsiStyle, parameters: string): AnsiStyle {
  const numbers = parameters.split(/[;:]/).map((word) => (word === '' ? 0 : Number(word)));
  let style = before;
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    const flag = ON[code];
    if (code === 0) style = {};
    else if (flag) style = { ...style, [flag]: true };
    else if (OFF[code]) style = without(style, ...OFF[code]);
    else if (code === 39) style = without(style, 'color');
    else if (code === 49) style = without(style, 'background');
    else if (code === 38 || code === 48) {
      const { color, used } = extended(numbers.slice(at + 1));
      at += used;
      if (color !== undefined) style = { ...style, [code === 38 ? 'color' : 'background']: color };
    } else style = { ...style, ...basicColor(code) };
  }
  return style;
}

function basicColor(code: number): AnsiStyle {
  if (code >= 30 && code <= 37) return { color: code - 30 };
  if (code >= 40 && code <= 47) return { background: code - 40 };
  if (code >= 90 && code <= 97) return { color: code - 82 };
  if (code >= 100 && code <= 107) return { background: code - 92 };
  return {};
}

const isByte = (value: number | undefined): value is number =>
  value !== undefined && Number.isInteger(value) && value >= 0 && value <= 255;

/** The colour behind 38 or 48, and how many parameters it took. */
function extended([kind, first, second, third]: readonly number[]): {
  readonly color?: AnsiColor;
  readonly used: number;
} {
  if (kind === 5) return { used: 2, ...(isByte(first) && { color: first }) };
  if (kind !== 2) return { used: 0 };
  const isColor = isByte(first) && isByte(second) && isByte(third);
  return { used: 4, ...(isColor && { color: [first, second, third] as const }) };
}
