import type { ImageView, TokenTrackView } from '../../protocol/trajectoryView';
import { h, icon, type Child } from '../shared/dom';
import type { Picture } from './imageCache';

/** What the nodes of a tree ask of the page. */
export interface NodeContext {
  /** A picture of this trajectory. */
  picture(image: ImageView, maxSide: number): Promise<Picture>;
  /** Puts the cursor on a part. */
  choose(part: number): void;
  /** The pointer is over something of this tool call, or left it. */
  hover(call: number | undefined): void;
  /** Tells how the part under the cursor is folded and unfolded by key. */
  addFold(part: number, toggle: () => void): void;
  /** Whether a part was read while it was written: it then stays open, and whole, when it is done. */
  wasWritten(part: number): boolean;
  /** Tokens and their log-probabilities, where they are to be shown. */
  readonly heat?: TokenTrackView | undefined;
}

/** The icon on the rail that runs down the left side. */
export function rail(name: string): HTMLElement {
  return h('span', { class: 'rail', 'aria-hidden': 'true' }, icon(name));
}

/** A part as an item of the tree, wired to the cursor and to the stage. */
export function partNode(
  options: {
    readonly part: number;
    readonly level: number;
    readonly kind: string;
    /** Read out before the content, where that does not say by itself what it is. */
    readonly label?: string;
    readonly call?: number | undefined;
    readonly tone?: string;
  },
  context: NodeContext,
  ...children: Child[]
): HTMLLIElement {
  const { part, level, kind, label, call, tone } = options;
  const node = h(
    'li',
    {
      class: `node ${kind}${tone === undefined ? '' : ` tone-${tone}`}`,
      role: 'treeitem',
      id: `part-${part}`,
      'data-part': part,
      'data-call': call,
      'aria-level': level,
      'aria-selected': 'false',
      onclick: (event: MouseEvent) => {
        event.stopPropagation();
        // A drag that marks text is no choice, and would lose the mark.
        if (getSelection()?.isCollapsed !== false) context.choose(part);
      },
    },
    label !== undefined && h('span', { class: 'visually-hidden' }, label),
    ...children,
  );
  if (call !== undefined) {
    node.addEventListener('mouseenter', () => context.hover(call));
    node.addEventListener('mouseleave', () => context.hover(undefined));
  }
  return node;
}

/** Is fired at something that is to be seen: whatever holds it folded unfolds. */
const REVEAL = 'reveal';

/** Unfolds whatever an element lies in. */
export function revealElement(element: Element): void {
  element.dispatchEvent(new CustomEvent(REVEAL, { bubbles: true }));
}

/** Lets a folded element unfold when something in it is to be seen. */
export function onReveal(element: Element, unfold: () => void): void {
  element.addEventListener(REVEAL, unfold);
}

/** Lines that a folded text shows. */
const FOLDED_LINES = 6;
/** About as many characters as fit into them. */
const FOLDED_LENGTH = 520;

/** Whether a text is long enough to start folded. */
export function isLong(text: string): boolean {
  return text.length > FOLDED_LENGTH || (text.match(/\n/g)?.length ?? 0) >= FOLDED_LINES;
}

/**
 * Makes a node foldable: a button under its body, and Enter on the part.
 * @param start whether it is folded at first
 */
export function makeFoldable(
  node: HTMLElement,
  body: HTMLElement,
  part: number,
  context: NodeContext,
  start = !context.wasWritten(part),
): HTMLElement {
  const press = h('button', { class: 'link-button small fold-button', type: 'button' });
  let folded = start;
  const apply = (): void => {
    body.classList.toggle('folded', folded);
    node.setAttribute('aria-expanded', String(!folded));
    press.textContent = folded ? 'Show more' : 'Show less';
  };
  const toggle = (): void => {
    folded = !folded;
    apply();
  };
  press.addEventListener('click', (event) => {
    event.stopPropagation();
    toggle();
  });
  context.addFold(part, toggle);
  onReveal(body, () => {
    if (folded) toggle();
  });
  apply();
  return press;
}
