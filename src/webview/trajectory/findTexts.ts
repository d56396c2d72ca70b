import type { TextMatch } from '../../analysis/expression/textFinder';

/** What holds the words of a file in the tree and in the raw view, each of them once; labels of ours are no part of it. */
const TEXTS = '.file-text-body, .file-markdown > .markdown, .streamed, .ground-truth .file-line';
/** Elements that no word goes across. */
const BLOCKS = new Set('P LI PRE TD TH BLOCKQUOTE UL OL TABLE TR HR DIV'.split(' '));
/** A text beyond so many UTF-16 units is cut at its next line end: each piece is searched in one go. */
const PIECE = 8000;

/** A run of text as it is drawn, over however many nodes it goes. */
export class DrawnText {
  text = '';
  private readonly nodes: { readonly node: Text; readonly at: number }[] = [];

  /** @param element that the text stands in */
  constructor(readonly element: HTMLElement) {}

  add(node: Text, from: number, to: number): void {
    // A node that goes on after a cut begins before this text.
    this.nodes.push({ node, at: this.text.length - from });
    this.text += node.data.slice(from, to);
  }

  /** A match in it as a place of the page. */
  rangeOf([start, end]: TextMatch): StaticRange {
    const first = this.nodeAt(start);
    const last = this.nodeAt(end - 1);
    return new StaticRange({
      startContainer: first.node,
      startOffset: start - first.at,
      endContainer: last.node,
      endOffset: end - last.at,
    });
  }

  private nodeAt(unit: number): { readonly node: Text; readonly at: number } {
    let [low, high] = [0, this.nodes.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const entry = this.nodes[middle];
      if (entry && this.startOf(middle) <= unit) low = middle;
      else high = middle - 1;
    }
    const found = this.nodes[low];
    if (!found) throw new Error('There is no text at this place.');
    return found;
  }

  /** Where a node begins in the text; the first one may begin before it. */
  private startOf(index: number): number {
    return Math.max(0, this.nodes[index]?.at ?? 0);
  }
}

class Collector {
  readonly found: DrawnText[] = [];
  private current: DrawnText | undefined;

  text(element: HTMLElement): void {
    this.current = undefined;
    this.walk(element, element);
    this.current = undefined;
  }

  private walk(node: Node, root: HTMLElement): void {
    for (const child of node.childNodes) {
      if (child instanceof Text) this.take(child, root);
      else if (child instanceof HTMLBRElement) this.current = undefined;
      else {
        const isBlock = BLOCKS.has(child.nodeName);
        if (isBlock) this.current = undefined;
        this.walk(child, root);
        if (isBlock) this.current = undefined;
      }
    }
  }

  private take(node: Text, root: HTMLElement): void {
    let from = 0;
    while (from < node.length) {
      const room = PIECE - (this.current?.text.length ?? 0);
      const line = node.length - from > room ? node.data.indexOf('\n', from + Math.max(0, room)) : -1;
      const to = line < 0 ? node.length : line + 1;
      if (!this.current) this.found.push((this.current = new DrawnText(root)));
      this.current.add(node, from, to);
      if (line >= 0) this.current = undefined;
      from = to;
    }
  }
}

/** All texts of a file within elements, in reading order; folded ones as well. */
export function drawnTexts(within: readonly Element[]): DrawnText[] {
  const collector = new Collector();
  for (const part of within) {
    if (part.matches('.question-heading')) collector.text(part as HTMLElement);
    for (const element of part.querySelectorAll<HTMLElement>(TEXTS)) collector.text(element);
  }
  return collector.found;
}
