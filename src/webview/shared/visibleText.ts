import { codePointName, HIDDEN_CHARACTERS } from '../../common/hiddenCharacters';

/** A stretch of text as it may be drawn, or the name of a character that would be invisible or move its neighbours. */
export interface TextPiece {
  readonly kind: 'text' | 'control';
  readonly text: string;
}

/**
 * Splits a text so that every character in it can be seen. A carriage return before a line feed is left out; a run of
 * one hidden character is one piece with its count, or thousands of them would be thousands of elements.
 */
export function visiblePieces(text: string): TextPiece[] {
  const source = text.replace(/\r\n/g, '\n');
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of source.matchAll(HIDDEN_CHARACTERS)) {
    if (match.index < from) continue;
    if (match.index > from) pieces.push({ kind: 'text', text: source.slice(from, match.index) });
    from = match.index;
    while (source.startsWith(match[0], from)) from += match[0].length;
    const count = (from - match.index) / match[0].length;
    pieces.push({ kind: 'control', text: `${codePointName(match[0])}${count > 1 ? ` ×${count}` : ''}` });
  }
  if (from < source.length) pieces.push({ kind: 'text', text: source.slice(from) });
  return pieces;
}

/**
 * The same as one line, for tooltips and names: white space becomes a space, hidden characters become their names
 * in brackets, and what is longer than `limit` UTF-16 units ends in an ellipsis.
 */
export function visibleLine(text: string, limit = 300): string {
  const line = cutText(text, limit * 2)
    .replace(/\s+/g, ' ')
    .trim()
    .replace(HIDDEN_CHARACTERS, (character) => `[${codePointName(character)}]`);
  return line.length > limit || text.length > limit * 2 ? `${cutText(line, limit)}…` : line;
}

/** The first `limit` UTF-16 units, never half a character. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}
