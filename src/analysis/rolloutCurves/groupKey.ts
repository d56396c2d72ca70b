import type { Trajectory } from '../../trajectory/trajectory';

/**
 * The group of a rollout within its step: the file's own, else rollouts of equal prompt, images and ground truth.
 * Always short, however long the prompt is.
 */
export function groupKeyOf({ group, prompt, groundTruth }: Trajectory): string {
  if (group && group.key.length <= 64) return group.key;
  if (group) return digest(group.key);
  const images = prompt.images.map((image) =>
    image.kind === 'file' ? image.path : image.kind === 'inline' ? image.hash : '',
  );
  return digest(JSON.stringify([prompt.raw ?? prompt.user, images, groundTruth ?? null]));
}

/** 64 bits that tell texts apart: FNV-1a over the UTF-16 units in two halves, with different beginnings. */
function digest(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit ^ (a >>> 15), 0x85ebca6b);
  }
  return `${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}`;
}
