import { h } from './dom';
import { cutText, visibleLine, visiblePieces } from './visibleText';

/** So many UTF-16 units of one text are drawn at first; a person reads no more at a glance and layout stays quick. */
const FIRST = 4_000;
/** So many more with each press: layout of one text node of this size takes well under a second. */
const MORE = 200_000;

/** A text as nodes, with the characters that hide named. */
export function pieceNodes(text: string): Node[] {
  return visiblePieces(text).map((piece) =>
    piece.kind === 'text'
      ? document.createTextNode(piece.text)
      : h('span', { class: 'control-character' }, piece.text),
  );
}

/** Buttons that stand for the rest of a text, and what draws all of it. */
const RESTS = new WeakMap<Element, () => void>();

/**
 * A button for the rest of a text that is drawn in part.
 * @param press draws more of it
 * @param drawAll draws all of it, and takes the button away
 */
export function restButton(label: string, press: () => void, drawAll = press): HTMLButtonElement {
  const button = h('button', { class: 'link-button rest-button', type: 'button' }, label);
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    press();
  });
  RESTS.set(button, drawAll);
  return button;
}

/** Draws what texts within an element have kept back so far. */
export function drawRests(within: ParentNode): void {
  for (const button of within.querySelectorAll('.rest-button')) RESTS.get(button)?.();
}

function moreLabel(shown: number, total: number): string {
  const rest = total - shown;
  return rest <= MORE
    ? `Show all ${total.toLocaleString('en-US')} characters`
    : `Show ${MORE.toLocaleString('en-US')} more of ${total.toLocaleString('en-US')} characters`;
}

/**
 * Text out of a file, as a block: its direction is its own, characters that hide are named, long text is cut with a
 * button for the rest. Nothing in it becomes an element.
 * @param nodesOf how a stretch of it is drawn
 */
export function textBlock(text: string, className = '', first = FIRST, nodesOf = pieceNodes): HTMLElement {
  const body = h('span', { class: 'file-text-body' });
  const block = h('div', { class: `file-text ${className}`, dir: 'auto' }, body);
  let shown = 0;
  const grow = (limit: number): void => {
    const next = cutText(text, limit);
    body.append(...nodesOf(next.slice(shown)));
    shown = next.length;
  };
  grow(first);
  if (shown === text.length) return block;
  const press = (): void => {
    grow(shown + MORE);
    if (shown === text.length) more.remove();
    else more.textContent = moreLabel(shown, text.length);
  };
  const drawAll = (): void => {
    while (shown < text.length) press();
  };
  const more = restButton(moreLabel(shown, text.length), press, drawAll);
  block.append(' ', more);
  return block;
}

/** Text out of a file, on one line among our own words. */
export function textLine(text: string, className = '', limit = 300): HTMLElement {
  return h('bdi', { class: `file-line ${className}` }, visibleLine(text, limit));
}
