import type { Size } from '../common/boundingBox';
import type { Trajectory } from '../trajectory/trajectory';

/** Size of a rollout's first image, and what there is to say about it. */
export interface OriginalSize {
  readonly size?: Size;
  /** Sentences for a person. */
  readonly notes: readonly string[];
}

/** The size that the file itself records. */
export async function originalSize(trajectory: Trajectory): Promise<OriginalSize> {
  const size = trajectory.prompt.images[0]?.size;
  return { ...(size && { size }), notes: [] };
}
