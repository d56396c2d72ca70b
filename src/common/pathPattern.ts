/** Longest pattern that is taken: settings may be another's. */
const MOST_CHARACTERS = 500;

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;
const asText = (text: string): string => text.replace(SPECIAL, '\\$&');

/** Pieces of a pattern that mean something; the longest first. */
const PIECES = /(?:\*\*\/)+|\/\*\*$|\*{2,}|\*|\?|\[!?[^\]/]+\]|\{|\}|,|[^*?[{},/]+|./gs;

/**
 * An expression for the paths that a pattern of the editor's settings means (`files.exclude`): `*` and `?` within a
 * name, `**` over folders, `{a,b}`, `[a-z]`, `[!a-z]`.
 * https://code.visualstudio.com/docs/editor/glob-patterns
 * @returns matches a path from the folder, with forward slashes; undefined where the pattern can't be used
 */
export function pathPattern(pattern: string): RegExp | undefined {
  if (pattern.length > MOST_CHARACTERS) return undefined;
  let depth = 0;
  const source = (pattern.replace(/(?<=.)\/$/, '').match(PIECES) ?? []).map((piece) => {
    if (piece.endsWith('**/')) return '(?:[^/]+/)*';
    if (piece === '/**') return '(?:/.*)?';
    if (piece.startsWith('**')) return '.*';
    if (piece === '*') return '[^/]*';
    if (piece === '?') return '[^/]';
    if (piece.length > 2 && piece.startsWith('[')) return characters(piece.slice(1, -1));
    if (piece === '{') return (depth++, '(?:');
    if (piece === '}' && depth > 0) return (depth--, ')');
    if (piece === ',' && depth > 0) return '|';
    return asText(piece);
  });
  try {
    return new RegExp(`^${source.join('')}${')'.repeat(depth)}$`, 'su');
  } catch {
    return undefined;
  }
}

function characters(inside: string): string {
  const isNot = inside.startsWith('!');
  return `[${isNot ? '^/' : ''}${inside.slice(isNot ? 1 : 0).replace(/[\\^[\]]/g, '\\$&')}]`;
}
