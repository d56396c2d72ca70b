import type { MarkdownIt } from 'markdown-it';

/*
 * Formulas in Markdown: `$…$` and `\(…\)` inside a line, `$$…$$` and `\[…\]` there or on lines of their own. A single
 * dollar opens only before what is no white space, and closes only after such and not before a digit, so that prices
 * stay prices. The token's content is the LaTeX, its `markup` what opened it, its `info` the whole as it was written.
 */

/** Type of the tokens that hold a formula. */
export const FORMULA = 'formula';
/** A formula that does not end within so many UTF-16 units is none. */
const FARTHEST = 4000;

const PAIRS: readonly (readonly [open: string, close: string])[] = [
  ['$$', '$$'],
  ['\\[', '\\]'],
  ['\\(', '\\)'],
  ['$', '$'],
];

interface Found {
  readonly open: string;
  readonly tex: string;
  /** One past the closing mark. */
  readonly end: number;
}

function closesDollar(text: string, at: number): boolean {
  return !/\s/.test(text[at - 1] ?? ' ') && text[at - 1] !== '\\' && !/\d/.test(text[at + 1] ?? '');
}

/** The formula that begins at a place, if one does. */
export function formulaAt(text: string, start: number): Found | undefined {
  const pair = PAIRS.find(([open]) => text.startsWith(open, start));
  if (!pair) return undefined;
  const [open, close] = pair;
  const from = start + open.length;
  if (open === '$' && /\s/.test(text[from] ?? ' ')) return undefined;
  const window = text.slice(from, from + FARTHEST);
  let at = window.indexOf(close);
  while (open === '$' && at >= 0 && !closesDollar(window, at)) at = window.indexOf(close, at + 1);
  if (at < 0 || window.slice(0, at).trim() === '') return undefined;
  const tex = window.slice(0, at);
  if (open === '$' && tex.includes('\n\n')) return undefined;
  return { open, tex, end: from + at + close.length };
}

/** Adds the rules to a parser. */
export function addFormulas(parser: MarkdownIt): void {
  parser.inline.ruler.before('escape', FORMULA, (state, silent) => {
    const found = formulaAt(state.src.slice(0, state.posMax), state.pos);
    if (!found) return false;
    if (!silent) {
      const token = state.push(FORMULA, 'math', 0);
      token.content = found.tex;
      token.markup = found.open;
      token.info = state.src.slice(state.pos, found.end);
    }
    state.pos = found.end;
    return true;
  });
  parser.block.ruler.before(
    'fence',
    FORMULA,
    (state, startLine, endLine, silent) => {
      const start = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
      const found =
        state.src.startsWith('$$', start) || state.src.startsWith('\\[', start)
          ? formulaAt(state.src, start)
          : undefined;
      if (!found) return false;
      let last = startLine;
      while (last < endLine && (state.eMarks[last] ?? Infinity) < found.end) last++;
      // What stands behind it on its last line makes it part of a sentence.
      if (last >= endLine || state.src.slice(found.end, state.eMarks[last]).trim() !== '') return false;
      if (silent) return true;
      const token = state.push(FORMULA, 'math', 0);
      token.block = true;
      token.content = found.tex;
      token.markup = found.open;
      token.info = state.src.slice(start, found.end);
      token.map = [startLine, last + 1];
      state.line = last + 1;
      return true;
    },
    { alt: ['paragraph', 'blockquote', 'list'] },
  );
}
