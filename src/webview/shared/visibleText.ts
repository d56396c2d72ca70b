/** A stretch of text as it may be drawn, or the name of a character that would be invisible or move its neighbours. */
export interface TextPiece {
  readonly kind: 'text' | 'control';
  readonly text: string;
}

/**
 * Control characters but tab and line feed; marks that reorder, hide or glue text; tags and fillers that draw nothing.
 * Joiners (U+200C, U+200D) and variation selectors stay: scripts and emoji need them, and they move nothing.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * Splits a text so that every character in it can be seen. A carriage return before a line feed is left out; a run of
 * one hidden character is one piece with its count, or thousands of them would be thousands of elements.
 */
export function visiblePieces(text: string): TextPiece[] {
  const source = text.replace(/\r\n/g, '\n');
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of source.matchAll(HIDDEN)) {
    if (match.index < from) continue;
    if (match.index > from) pieces.push({ kind: 'text', text: source.slice(from, match.index) });
    from = match.index;
    while (source.startsWith(match[0], from)) from += match[0].length;
    const count = (from - match.index) / match[0].length;
    pieces.push({ kind: 'control', text: `${nameOf(match[0])}${count > 1 ? ` ×${count}` : ''}` });
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
    .replace(HIDDEN, (character) => `[${nameOf(character)}]`);
  return line.length > limit || text.length > limit * 2 ? `${cutText(line, limit)}…` : line;
}

/** The first `limit` UTF-16 units, never half a character. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}
