import { h, type Child } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';

/** Replies of a judge that are drawn. */
const REPLIES = 8;

/** A line of the details: a name, and what it is. */
export function fact(name: string, ...value: Child[]): HTMLElement {
  return h('div', { class: 'detail' }, h('dt', { class: 'soft' }, name), h('dd', {}, ...value));
}

/** A fact and, at the end of its line, where it comes from. */
export function factFrom(name: string, from: string, ...value: Child[]): HTMLElement {
  return fact(name, h('span', { class: 'detail-value' }, ...value), h('span', { class: 'from' }, from));
}

/** Words that stand back. */
export function soft(words: string): HTMLElement {
  return h('span', { class: 'soft' }, words);
}

/** A line of its own under a fact. */
export function ground(...content: Child[]): HTMLElement {
  return h('dd', { class: 'ground small soft' }, ...content);
}

/** A fact, and why it is so on lines of their own under it. */
export function withGrounds(row: HTMLElement, reason?: string, replies?: readonly string[]): HTMLElement {
  if (reason !== undefined) row.append(ground(textLine(reason, '', 400)));
  if (replies !== undefined && replies.length > 0)
    row.append(h('dd', { class: 'ground' }, repliesFold(replies)));
  return row;
}

function repliesFold(replies: readonly string[]): HTMLElement {
  const title = replies.length === 1 ? 'What the judge said' : `What the judge said, ${replies.length} times`;
  return h(
    'details',
    { class: 'replies small' },
    h('summary', {}, title),
    ...replies.slice(0, REPLIES).map((reply) => textBlock(reply.trim() || '(nothing)', 'reply', 2000)),
    replies.length > REPLIES && h('div', { class: 'soft' }, `and ${replies.length - REPLIES} more`),
  );
}
