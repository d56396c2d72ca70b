import { textDigest } from '../../common/textDigest';
import type { ImageReference } from '../../trajectory/imageReference';
import type { Trajectory } from '../../trajectory/trajectory';

/** What tells the groups of a step apart, and how sure that is. */
export interface GroupIdentity {
  /** At most 64 characters. */
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
  if (group?.provenance === 'uid') return { key: shortKey(group.key), provenance: 'uid' };
  const text = group?.key ?? prompt.raw ?? prompt.user;
  if (text === '') return undefined;
  const parts = [text, groundTruth ?? null, ...prompt.images.map(pictureIdentity)];
  return { key: textDigest(JSON.stringify(parts)), provenance: 'derived' };
}

/** A group may be named by its whole prompt: keys of a million rollouts are kept at once. */
function shortKey(key: string): string {
  return key.length <= 64 ? key : textDigest(key);
}

function pictureIdentity(image: ImageReference): string {
  const name = image.kind === 'file' ? image.path : image.kind === 'inline' ? image.hash : '';
  return `${name}:${image.visualTokens ?? ''}`;
}
