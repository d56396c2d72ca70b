import type { Size } from '../../common/boundingBox';
import type { Turn } from '../../trajectory/turn';
import type { ToolReport } from '../../trajectory/toolReport';

/** Which picture of a rollout a call worked on. */
export type CallSource =
  | {
      readonly kind: 'prompt';
      /** Position among the prompt's images. */
      readonly image: number;
    }
  | {
      /** A crop that came back earlier. */
      readonly kind: 'observation';
      /** Position of the turn whose observation brought it. */
      readonly turn: number;
      /** Position among the pictures of that observation. */
      readonly image: number;
    };

/** A picture that calls can name by its place in the conversation. */
export interface ConversationPicture {
  readonly source: CallSource;
  /** Pixels that tools cut from; absent where neither the file nor the call that made it tells. */
  readonly size?: Size;
}

/** The prompt's pictures, which stand before all others. */
export function promptPictures(sizes: readonly (Size | undefined)[]): ConversationPicture[] {
  return sizes.map((size, image) => ({ source: { kind: 'prompt', image }, ...(size && { size }) }));
}

/**
 * The pictures that a turn's observation adds. A crop stands there at the size at which the model got it, and later
 * calls cut from that.
 * @param makers reports of the calls that made them, by position
 */
export function observedPictures(
  { observation }: Turn,
  turn: number,
  makers: ReadonlyMap<number, ToolReport>,
): ConversationPicture[] {
  return (observation?.images ?? []).map((reference, image) => {
    const size = reference.size ?? makers.get(image)?.resizedSize;
    return { source: { kind: 'observation', turn, image }, ...(size && { size }) };
  });
}
