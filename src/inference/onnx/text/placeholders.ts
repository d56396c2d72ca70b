import type { SpecialTokens } from '../checkpoint/modelConfig';
import type { Tokenizer } from './tokenizer';

/** How Qwen's tokenizers spell what stands for pictures and videos. Source: Qwen2.5-VL's tokenizer_config.json. */
const SPELLED = ['<|vision_start|>', '<|vision_end|>', '<|vision_pad|>', '<|image_pad|>', '<|video_pad|>'];

/**
 * The tokens that stand for pictures and videos in a sequence, and the markers around them: those that the
 * configuration names and those that the tokenizer has. What ends a turn is none of them, whatever it is called.
 */
export function placeholderIds(
  special: SpecialTokens,
  tokenizer: Pick<Tokenizer, 'idOf'>,
): readonly number[] {
  const spelled = SPELLED.flatMap((text) => tokenizer.idOf(text) ?? []);
  const ids = new Set([...special.placeholders, ...spelled]);
  for (const id of special.endOfTurn) ids.delete(id);
  return [...ids];
}
