import { textDigest } from '../../common/textDigest';
import type { Trajectory } from '../../trajectory/trajectory';

/**
 * The group of a rollout within its step: the file's own, else rollouts of equal prompt, images and ground truth.
 * Always short, however long the prompt is.
 */
export function groupKeyOf({ group, prompt, groundTruth }: Trajectory): string {
  if (group && group.key.length <= 64) return group.key;
  if (group) return textDigest(group.key);
  const images = prompt.images.map((image) =>
    image.kind === 'file' ? image.path : image.kind === 'inline' ? image.hash : '',
  );
  return textDigest(JSON.stringify([prompt.raw ?? prompt.user, images, groundTruth ?? null]));
}
