/*
 * Elements without markup. Every string becomes a text node or a plain attribute, so that nothing a file says can
 * turn into an element, a script, a style or a request.
 */

/** What may stand inside an element; `undefined` and `false` are left out. */
export type Child = Node | string | undefined | false | readonly Child[];

/** Attributes by name, and listeners as functions under `on<event>`. `undefined` and `false` are left out. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: never) => void)>
>;

/** Attributes that load, navigate or style: they are set as properties, by the one place that needs each. */
const REFUSED = new Set([
  'style',
  'src',
  'srcset',
  'srcdoc',
  'href',
  'action',
  'formaction',
  'data',
  'poster',
]);
const SVG = 'http://www.w3.org/2000/svg';

function applyAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === 'function') {
      element.addEventListener(name.slice(2), value as unknown as EventListener);
    } else if (REFUSED.has(name) || name.startsWith('on')) {
      throw new Error(`The attribute ${name} is not set this way.`);
    } else element.setAttribute(name, value === true ? '' : String(value));
  }
}

function appendAll(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === undefined || child === false) continue;
    if (typeof child === 'string') parent.appendChild(document.createTextNode(child));
    else if (child instanceof Node) parent.appendChild(child);
    else appendAll(parent, child);
  }
}

/**
 * Makes an element.
 * @throws Error for attributes that could run, load or style something
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  applyAttributes(element, attributes);
  appendAll(element, children);
  return element;
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  applyAttributes(element, attributes);
  appendAll(element, children);
  return element;
}

/** Exchanges everything inside an element. */
export function replaceContent(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  appendAll(parent, children);
}

/** A codicon, silent for screen readers; `meaning` gives it a voice. */
export function icon(name: string, meaning?: string): HTMLElement {
  const spoken =
    meaning === undefined
      ? { 'aria-hidden': 'true' }
      : { role: 'img', 'aria-label': meaning, title: meaning };
  return h('span', { class: `codicon codicon-${name}`, ...spoken });
}
