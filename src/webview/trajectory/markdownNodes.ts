import { h } from '../shared/dom';
import { pieceNodes } from '../shared/fileText';
import { formulaNode } from './formula';
import type { MarkdownToken } from './markdown';
import { mayLink } from './markdown';
import { FORMULA } from './markdownFormulas';

/** Formulas of one text; more of them stay as they were written. */
const MOST_FORMULAS = 400;

/** The elements that tokens open; headings are paragraphs, or they would be headings of the page. */
const OPENED: Readonly<Record<string, keyof HTMLElementTagNameMap>> = {
  paragraph_open: 'p',
  heading_open: 'p',
  bullet_list_open: 'ul',
  ordered_list_open: 'ol',
  list_item_open: 'li',
  blockquote_open: 'blockquote',
  table_open: 'table',
  thead_open: 'thead',
  tbody_open: 'tbody',
  tr_open: 'tr',
  th_open: 'th',
  td_open: 'td',
  em_open: 'em',
  strong_open: 'strong',
  s_open: 's',
};

/** Walks tokens and makes elements of them, each by name; whatever has none is shown as its text. */
class MarkdownDrawer {
  private readonly open: HTMLElement[];
  private formulas = 0;

  constructor(private readonly root: HTMLElement) {
    this.open = [root];
  }

  draw(tokens: readonly MarkdownToken[]): void {
    for (const token of tokens) this.token(token);
  }

  private get top(): HTMLElement {
    return this.open.at(-1) ?? this.root;
  }

  private token(token: MarkdownToken): void {
    const { type, content } = token;
    // A paragraph of a tight list has no element of its own.
    if (token.hidden) return;
    if (token.children) return this.draw(token.children);
    if (token.nesting === 1) return this.enter(token);
    if (token.nesting === -1) {
      if (this.open.length > 1) this.open.pop();
      return;
    }
    if (type === 'softbreak' || type === 'hardbreak') this.top.append(h('br'));
    else if (type === 'code_inline') this.top.append(h('code', {}, pieceNodes(content)));
    else if (type === 'fence' || type === 'code_block')
      this.top.append(h('pre', {}, h('code', {}, pieceNodes(content))));
    else if (type === 'hr') this.top.append(h('hr'));
    else if (type === FORMULA) this.top.append(this.formula(token));
    else this.top.append(...pieceNodes(content));
  }

  private formula({ content, markup, info }: MarkdownToken): Node {
    this.formulas += 1;
    if (this.formulas > MOST_FORMULAS) return h('span', { class: 'formula-source mono' }, pieceNodes(info));
    return formulaNode(content, markup === '$$' || markup === '\\[', info);
  }

  private enter(token: MarkdownToken): void {
    const element = token.type === 'link_open' ? this.link(token) : this.block(token);
    this.top.append(element);
    this.open.push(element);
  }

  private block(token: MarkdownToken): HTMLElement {
    const element = h(OPENED[token.type] ?? 'span', {
      class: token.type === 'heading_open' ? `md-heading md-${token.tag}` : undefined,
    });
    const start = Number(token.attrGet('start'));
    if (element instanceof HTMLOListElement && Number.isSafeInteger(start) && start > 0)
      element.start = start;
    return element;
  }

  /** A link to an address that the parser let through, with that address in sight before anybody follows it. */
  private link(token: MarkdownToken): HTMLElement {
    const address = String(token.attrGet('href') ?? '');
    if (!mayLink(address)) return h('span');
    const link = h('a', { class: 'file-link', rel: 'noreferrer noopener', title: address });
    link.href = address;
    link.addEventListener('click', (event) => event.stopPropagation());
    return link;
  }
}

/** Draws tokens into an element, without markup on the way: text as text, elements and attributes by their names. */
export function drawMarkdown(tokens: readonly MarkdownToken[], into: HTMLElement): void {
  new MarkdownDrawer(into).draw(tokens);
}
