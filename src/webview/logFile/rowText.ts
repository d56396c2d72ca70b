import { h } from '../shared/dom';
import { visiblePieces } from '../shared/visibleText';
import { ansiPieces } from './ansi';
import type { Palette } from './palette';

/** A text node of a row, and the raw text that it stands for. */
export interface TextSpan {
  readonly node: Text;
  /** First UTF-16 unit in the row's raw text, and how many. */
  readonly at: number;
  readonly length: number;
}

/** UTF-16 units of the raw text behind a piece that names a hidden character: `U+001B`, `U+E0001 ×3`. */
function hiddenLength(name: string): number {
  const [, code = '', count = '1'] = /^U\+([0-9A-F]+)(?: ×(\d+))?$/.exec(name) ?? [];
  return Number(count) * (parseInt(code, 16) > 0xffff ? 2 : 1);
}

/** Draws raw text with its colours. Hidden characters are named; nothing in it becomes an element. */
export function drawText(
  text: string,
  palette: Palette,
): { readonly nodes: Node[]; readonly spans: TextSpan[] } {
  const nodes: Node[] = [];
  const spans: TextSpan[] = [];
  for (const piece of ansiPieces(text)) {
    let { at } = piece;
    const drawn: Node[] = [];
    for (const { kind, text: words } of visiblePieces(piece.text)) {
      const node = document.createTextNode(words);
      const length = kind === 'text' ? words.length : hiddenLength(words);
      spans.push({ node, at, length });
      at += length;
      drawn.push(kind === 'text' ? node : h('span', { class: 'control-character' }, node));
    }
    if (Object.keys(piece.style).length === 0) nodes.push(...drawn);
    else {
      const span = h('span', {}, drawn);
      palette.apply(span, piece.style);
      nodes.push(span);
    }
  }
  return { nodes, spans };
}

const encoder = new TextEncoder();

/** UTF-16 units of a text that so many bytes of UTF-8 stand for; the nearest character's beginning. */
export function unitsOfBytes(text: string, bytes: number): number {
  let [units, seen] = [0, 0];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (seen > bytes) break;
    units += character.length;
  }
  return units;
}

/** Bytes of UTF-8 that the first units of a text stand for; `undefined` where the file had others for U+FFFD. */
export function bytesOfUnits(text: string, units: number): number | undefined {
  const part = text.slice(0, units);
  return part.includes('\ufffd') ? undefined : encoder.encode(part).length;
}
