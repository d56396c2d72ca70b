import { h } from '../shared/dom';
import { restButton, textBlock } from '../shared/fileText';
import { isMarked, parseMarkdown } from './markdown';
import { drawMarkdown } from './markdownNodes';
import { countWords } from './words';

/** So many UTF-16 units of a text are drawn at first, at the end of a paragraph where one is near. */
const FIRST = 4000;
/** A text beyond this length stays plain: nobody reads it whole, and parsing it would be felt. */
const LONGEST = 200_000;

/** The beginning of a text: up to its last empty line, else line, within `limit`. */
function beginning(text: string, limit: number): string {
  const cut = text.slice(0, limit);
  for (const end of [cut.lastIndexOf('\n\n'), cut.lastIndexOf('\n')])
    if (end > limit / 2) return cut.slice(0, end);
  return cut;
}

/**
 * Text of the policy as a block: Markdown and formulas where it holds any, else plain. Of a long one the beginning,
 * with a button for the rest.
 * @param first how many UTF-16 units are drawn at first
 */
export function markdownBlock(text: string, className = '', first = FIRST): HTMLElement {
  if (text.length > LONGEST || !isMarked(text)) return textBlock(text, className, first);
  const body = h('div', { class: 'markdown' });
  const block = h('div', { class: `file-markdown ${className}`, dir: 'auto' }, body);
  const draw = (part: string): void => {
    body.replaceChildren();
    drawMarkdown(parseMarkdown(part), body);
  };
  if (text.length <= first) {
    draw(text);
    return block;
  }
  draw(beginning(text, first));
  const words = `Show all ${countWords(text.length, 'character')}`;
  const more = restButton(words, () => {
    draw(text);
    more.remove();
  });
  block.append(more);
  return block;
}
