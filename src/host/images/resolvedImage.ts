import type { Size } from '../../common/boundingBox';
import type { ImageInput } from '../../imaging/imageStore';
import type { ToolReport } from '../../trajectory/toolReport';

/** An image of a trajectory after it was looked for: what to decode, or a sentence about why it can't be. */
export type ResolvedImage =
  | { readonly state: 'available'; readonly input: ImageInput; readonly size: Size }
  | {
      readonly state: 'missing' | 'denied' | 'unknown';
      readonly message: string;
      /** Paths that were tried, in order. */
      readonly tried?: readonly string[];
    };

/** How the picture for one image id is made: an image as it is, or what a tool made of the original. */
export type ImagePlan =
  | { readonly kind: 'whole'; readonly input: ImageInput }
  | { readonly kind: 'rebuilt'; readonly original: ImageInput; readonly report: ToolReport };

/** Id of the prompt's image number `position`, from 0. */
export function originalId(position: number): string {
  return `original:${position}`;
}

/** Id of image number `position` in the observation of turn number `turn`, both from 0. */
export function observationId(turn: number, position: number): string {
  return `observation:${turn}:${position}`;
}
