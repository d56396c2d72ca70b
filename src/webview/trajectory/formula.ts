import katex, { type KatexOptions } from 'katex';
import { h } from '../shared/dom';
import { pieceNodes } from '../shared/fileText';
import { visibleLine, visiblePieces } from '../shared/visibleText';

/** A formula beyond this many UTF-16 units stays as it was written. */
const LONGEST = 4000;

const MATHML = 'http://www.w3.org/1998/Math/MathML';

/** Elements of presentation MathML; none of them loads, links or runs anything. */
const ELEMENTS = new Set(
  (
    'math mrow mi mn mo ms mtext mspace msup msub msubsup mfrac msqrt mroot mover munder munderover mtable mtr mtd ' +
    'mstyle mpadded mphantom menclose mmultiscripts mprescripts merror'
  ).split(' '),
);

/** Attributes that say how it looks or stretches, in words and lengths of MathML. */
const ATTRIBUTES = new Set(
  (
    'display displaystyle scriptlevel mathvariant mathsize stretchy fence separator lspace rspace minsize maxsize ' +
    'symmetric largeop movablelimits accent accentunder linethickness width height depth voffset notation ' +
    'columnalign columnspacing rowspacing columnlines rowlines rowalign frame side'
  ).split(' '),
);

/** A node of KaTeX's own tree: an element, words, or a space; whatever else it has is not looked at. */
interface TreeNode {
  readonly type?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly children?: readonly TreeNode[];
  readonly text?: string;
  readonly character?: string | null;
  readonly width?: number;
}

/** The step before KaTeX's markup, which its types leave out; its version is pinned. */
const { __renderToDomTree: treeOf } = katex as unknown as {
  __renderToDomTree(tex: string, options: KatexOptions): TreeNode;
};

function elementOf({ type, attributes, width }: TreeNode): Element | undefined {
  const isSpace = type === undefined && typeof width === 'number';
  const name = isSpace ? 'mspace' : type;
  if (name === undefined || !ELEMENTS.has(name)) return undefined;
  const element = document.createElementNS(MATHML, name);
  if (isSpace) element.setAttribute('width', `${width}em`);
  for (const [attribute, value] of Object.entries(attributes ?? {}))
    if (ATTRIBUTES.has(attribute)) element.setAttribute(attribute, String(value));
  return element;
}

/** Makes what the lists above name; of any other node only what is inside. */
function build(source: TreeNode, target: Node): void {
  if (source.type === 'annotation') return;
  const words = source.text ?? source.character;
  if (typeof words === 'string') {
    target.appendChild(document.createTextNode(words));
    return;
  }
  const element = elementOf(source);
  if (element) target.appendChild(element);
  for (const child of source.children ?? []) build(child, element ?? target);
}

/**
 * A formula in LaTeX as MathML; one that is no LaTeX, is very long or hides characters stands as it was written.
 *
 * Nothing is parsed as markup: KaTeX's own tree is walked, and named elements and attributes are made from it.
 * @param display on a line of its own
 * @param written the formula with what marks it as one
 */
export function formulaNode(tex: string, display: boolean, written: string): Node {
  const asWritten = (): Node => h('span', { class: 'formula-source mono' }, pieceNodes(written));
  if (tex.length > LONGEST || visiblePieces(tex).some(({ kind }) => kind === 'control')) return asWritten();
  let tree: TreeNode;
  try {
    tree = treeOf(tex, {
      output: 'mathml',
      displayMode: display,
      trust: false,
      throwOnError: false,
      strict: 'ignore',
      maxExpand: 200,
      maxSize: 20,
    });
  } catch {
    // Its parser says what it does not know by `throwOnError`; what else it meets is no formula either.
    return asWritten();
  }
  const built = document.createDocumentFragment();
  build(tree, built);
  const hasWords = (built.textContent ?? '').trim() !== '';
  if (built.firstElementChild?.localName !== 'math' || !hasWords) return asWritten();
  return h('span', { class: display ? 'formula display' : 'formula', title: visibleLine(written) }, built);
}
