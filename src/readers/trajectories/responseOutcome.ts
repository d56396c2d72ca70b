import { decide } from '../../trajectory/decision';
import type { TurnSemantics } from '../../trajectory/environment';
import { hasSpecialTokens, IM_END } from '../../trajectory/specialTokens';
import type { Outcome } from '../../trajectory/trajectory';
import type { Turn } from '../../trajectory/turn';

/**
 * How a dumped response ended, which no dump says: told from its last piece. With special tokens a generation that was
 * not cut ends with `<|im_end|>`.
 */
export function outcomeOfResponse(
  response: string,
  turns: readonly Turn[],
  semantics: TurnSemantics,
): Outcome {
  const last = turns.at(-1);
  if (!last) return { status: 'finished', reason: 'The response is empty.' };
  if (last.observation) {
    return {
      status: 'length',
      reason: 'The response ends with an observation: the length limit was reached.',
    };
  }
  if (hasSpecialTokens(response) && !last.raw.trimEnd().endsWith(IM_END)) {
    return { status: 'length', reason: 'The last turn has no end: the length limit was reached.' };
  }
  if (!decide(last.raw, semantics).ends) {
    return {
      status: 'turnLimit',
      reason: 'The last call got no reply: the limit of turns or of length was reached.',
    };
  }
  return { status: 'finished' };
}
