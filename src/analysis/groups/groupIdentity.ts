import type { ImageReference } from '../../trajectory/imageReference';
import type { Trajectory } from '../../trajectory/trajectory';

/** What tells the groups of a step apart, and how sure that is. */
export interface GroupIdentity {
  readonly key: string;
  /** `uid`: the file says so. `derived`: equal prompts, right answers and pictures. */
  readonly provenance: 'uid' | 'derived';
}

/**
 * The group that a rollout belongs to within its step. Dumps of DeepEyes name none and reorder their rows, so rollouts of
 * equal prompt and ground truth are taken for siblings; the pictures' names, contents or numbers of visual tokens keep
 * apart questions that are asked of several pictures.
 * @returns undefined where the rollout tells neither a group nor a prompt
 */
export function groupIdentity({ group, prompt, groundTruth }: Trajectory): GroupIdentity | undefined {
  if (group?.provenance === 'uid') return { key: group.key, provenance: 'uid' };
  const text = group?.key ?? prompt.raw ?? prompt.user;
  if (text === '') return undefined;
  const parts = [text, groundTruth ?? null, ...prompt.images.map(pictureIdentity)];
  return { key: digest(JSON.stringify(parts)), provenance: 'derived' };
}

function pictureIdentity(image: ImageReference): string {
  const name = image.kind === 'file' ? image.path : image.kind === 'inline' ? image.hash : '';
  return `${name}:${image.visualTokens ?? ''}`;
}

/** Two FNV-1a sums of 32 bits with different beginnings, so that the key of a long prompt is short. */
function digest(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9747b28c];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit ^ (a >>> 15), 0x85ebca6b);
  }
  return `${(a >>> 0).toString(16).padStart(8, '0')}${(b >>> 0).toString(16).padStart(8, '0')}`;
}
