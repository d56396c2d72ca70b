import { h } from './dom';
import { pieceNodes } from './fileText';

/** A block of so many UTF-16 units is closed at its next line end: what is laid out again with each token stays small. */
const BLOCK = 2000;

/**
 * A text that grows. What stands is left alone: new text goes to the end of the last block, in as few nodes as it has
 * pieces.
 */
export class StreamedText {
  readonly element: HTMLElement;
  private shown = '';
  private block: HTMLElement | undefined;
  private blockLength = 0;

  constructor(className: string) {
    this.element = h('div', { class: `file-text streamed ${className}`, dir: 'auto' });
  }

  /** Shows a text: what it has more than the one before is added; another one takes its place. */
  show(text: string): void {
    if (!text.startsWith(this.shown)) this.clear();
    this.append(text.slice(this.shown.length));
    this.shown = text;
  }

  private clear(): void {
    this.element.replaceChildren();
    this.block = undefined;
    this.shown = '';
  }

  private append(added: string): void {
    let rest = added;
    while (rest !== '') {
      const end = this.blockLength >= BLOCK ? rest.indexOf('\n') : -1;
      const piece = end < 0 ? rest.slice(0, Math.max(BLOCK, 1)) : rest.slice(0, end + 1);
      this.add(piece);
      rest = rest.slice(piece.length);
      if (end >= 0) this.block = undefined;
    }
  }

  private add(text: string): void {
    if (!this.block) {
      this.block = h('div', { class: 'streamed-block' });
      this.blockLength = 0;
      this.element.append(this.block);
    }
    this.blockLength += text.length;
    for (const node of pieceNodes(text)) {
      const last = this.block.lastChild;
      if (last instanceof Text && node instanceof Text) last.appendData(node.data);
      else this.block.append(node);
    }
  }
}
