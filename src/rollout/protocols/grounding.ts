import { parseGroundingTurn } from '../../trajectory/grounding';
import type { ReadTurn } from './protocol';

/** Divides a turn of Mini-o3. */
export function readGroundingTurn(text: string): ReadTurn {
  const { parts, decision } = parseGroundingTurn(text);
  const acted = parts.flatMap((part) => (part.kind === 'toolCall' && part.acted ? [part.call] : []));
  const { answer, ends } = decision;
  return {
    parts,
    acted,
    ends,
    ...(answer && { answer: text.slice(answer.inner.start, answer.inner.end).trim() }),
  };
}
