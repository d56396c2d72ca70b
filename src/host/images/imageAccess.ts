import type { BoundingBox, Size } from '../../common/boundingBox';
import type { LookupResult } from '../../imaging/imageLookup';
import type { EncodedImage } from '../../imaging/imageStore';
import type { InlineImages } from '../../readers/reader';
import type { ImageReference } from '../../trajectory/imageReference';
import type { GroundTruthBoxes } from '../../protocol/trajectoryView';
import type { Trajectory } from '../../trajectory/trajectory';
import type { ImagePlan, ResolvedImage } from './resolvedImage';

/** Finds what a log names, within the roots that are allowed at that moment. */
export type FindImage = (logged: string) => Promise<LookupResult>;

/** The images of one log: looked for within the roots that are allowed now, and turned into pictures. */
export interface ImageAccess {
  /** Never rejects: what can't be had is a state with its sentence. */
  resolve(reference: ImageReference, inline: InlineImages): Promise<ResolvedImage>;
  /**
   * The picture of a plan, its longer side at most `maxSide` pixels; never enlarged.
   * @throws ImcotError `missing`, `denied`, `input` or `limit` when the image can't be read any more
   */
  picture(plan: ImagePlan, maxSide: number): Promise<EncodedImage>;
  /**
   * The picture of a plan with exactly the pixels that the policy saw, as PNG.
   * @param seen the size at which the policy saw it; as it was cut, or is stored, where that is not known
   * @throws ImcotError as `picture`
   */
  seen(plan: ImagePlan, seen: Size | undefined): Promise<EncodedImage>;
  /**
   * A piece of the picture of a plan, in pixels of that picture and cut to what lies inside, its longer side at most
   * `maxSide` pixels.
   * @returns the piece, and which one it is after it was cut to the picture
   * @throws ImcotError as `picture`; `input` where nothing of it lies inside
   */
  region(
    plan: ImagePlan,
    box: BoundingBox,
    maxSide: number,
  ): Promise<{ readonly image: EncodedImage; readonly box: BoundingBox }>;
  /**
   * The boxes that the answer is about: of the record, else of the file that a person chose, else of the JSON file beside
   * the image. Never rejects.
   * @param options.quick for a row of the list: a folder of images without boxes is not searched for every row
   */
  truthBoxes(
    trajectory: Trajectory,
    options?: { readonly quick: boolean },
  ): Promise<GroundTruthBoxes | undefined>;
}
