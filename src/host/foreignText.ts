/*
 * Names and sentences that come from folders, settings and servers, where the editor would read more than text in them.
 */

/** Line ends and other controls, marks that turn the direction of writing, and characters without a shape. */
const UNSEEN = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/gu;

/**
 * One line of visible text.
 * @param limit characters (code points) at most; longer texts end in an ellipsis
 */
export function oneLine(text: string, limit = 200): string {
  const line = text.replace(UNSEEN, ' ').trim();
  const characters = [...line];
  return characters.length <= limit ? line : `${characters.slice(0, limit - 1).join('')}…`;
}

/** For labels in which `$(name)` would be an icon: the status bar's, the quick pick's. */
export function withoutIcons(text: string): string {
  return text.replace(/\$\(/g, '\\$(');
}

/** For messages, in which `[text](command:...)` would be a link. */
export function withoutLinks(text: string): string {
  return text.replace(/\]\(/g, '] (');
}

/** For Markdown, in which nothing of the text is to be more than text: CommonMark lets any ASCII punctuation be escaped. */
export function asMarkdownText(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
