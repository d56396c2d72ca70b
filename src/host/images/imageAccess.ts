import type { EncodedImage } from '../../imaging/imageStore';
import type { InlineImages } from '../../readers/reader';
import type { ImageReference } from '../../trajectory/imageReference';
import type { ImagePlan, ResolvedImage } from './resolvedImage';

/** The images of one log: looked for within the roots that are allowed now, and turned into pictures. */
export interface ImageAccess {
  /** Never rejects: what can't be had is a state with its sentence. */
  resolve(reference: ImageReference, inline: InlineImages): Promise<ResolvedImage>;
  /**
   * The picture of a plan, its longer side at most `maxSide` pixels; never enlarged.
   * @throws ImcotError `missing`, `denied`, `input` or `limit` when the image can't be read any more
   */
  picture(plan: ImagePlan, maxSide: number): Promise<EncodedImage>;
}
