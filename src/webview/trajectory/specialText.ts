import { h } from '../shared/dom';
import { pieceNodes } from '../shared/fileText';
import { numberWords } from './words';

/** Tokens that are no text, and the tags that this kind of rollout is divided by; a run of one counts as one. */
const SPECIAL = /(<\|[a-z_0-9]{1,40}\|>)\1*|<\/?(?:think|tool_call|tool_response|tools|answer)>|<image>/g;

/** A text as nodes, with special tokens and tags set off from what was said; runs of pads with their count. */
export function specialNodes(text: string): Node[] {
  const nodes: Node[] = [];
  let from = 0;
  for (const match of text.matchAll(SPECIAL)) {
    if (match.index > from) nodes.push(...pieceNodes(text.slice(from, match.index)));
    const one = match[1] ?? match[0];
    const count = match[0].length / one.length;
    const words = count > 1 ? `${one} ×${numberWords(count)}` : one;
    nodes.push(h('span', { class: 'special-token' }, words));
    from = match.index + match[0].length;
  }
  if (from < text.length) nodes.push(...pieceNodes(text.slice(from)));
  return nodes;
}
