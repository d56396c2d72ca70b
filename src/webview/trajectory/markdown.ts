import Parser from 'markdown-it';
import type { MarkdownIt, Token } from 'markdown-it';
import { addFormulas } from './markdownFormulas';

/** Tokens of Markdown, as the parser has them. */
export type MarkdownToken = Token;

/**
 * What a text must hold to be anything but plain: a mark of emphasis, code, lists, quotes, headings, tables, links or
 * formulas.
 */
const MARKED = /[*_`~$|]|\\[([]|^\s{0,3}(?:#{1,6}\s|[-+>]|\d+[.)]\s)|\]\(|<(?:https?|mailto):/m;

/** Whether an address may become a link: https and mailto, nothing that the editor would run or a page would load. */
export function mayLink(address: string): boolean {
  return /^(?:https:\/\/|mailto:)[^\s\p{Cc}\p{Cf}]+$/iu.test(address);
}

function makeParser(): MarkdownIt {
  const parser = new Parser({ html: false, linkify: false, typographer: false, breaks: true });
  parser.validateLink = mayLink;
  // Pictures are never loaded. The others hide or alter what was written: indented lines are no code, a line of dashes
  // makes no heading, a definition does not vanish, an entity is no character.
  parser.disable(['image', 'code', 'lheading', 'reference', 'entity']);
  addFormulas(parser);
  return parser;
}

let parser: MarkdownIt | undefined;

/** Whether Markdown would show a text in any other way than as it stands. */
export function isMarked(text: string): boolean {
  // The parser replaces U+0000, which is to be named instead.
  return MARKED.test(text) && !text.includes('\u0000');
}

/** The tokens of a text. */
export function parseMarkdown(text: string): readonly MarkdownToken[] {
  parser ??= makeParser();
  return parser.parse(text, {});
}
