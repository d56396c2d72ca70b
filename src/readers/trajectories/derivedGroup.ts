import type { GroupKey } from '../../trajectory/group';
import type { Codecs } from '../codecs';

/**
 * The group of a rollout whose file has no uid: rollouts of equal step, prompt and ground truth. Several images that
 * share a question and a size fall together.
 */
export function derivedGroup(
  codecs: Codecs,
  step: number | undefined,
  prompt: string,
  groundTruth: unknown,
): GroupKey {
  // A ground truth can be any JSON value; only plain ones tell groups apart here, so that no depth is ever walked.
  const truth = typeof groundTruth === 'object' ? null : (groundTruth ?? null);
  const text = JSON.stringify([step ?? null, prompt, String(truth)]);
  return { key: codecs.sha256(new TextEncoder().encode(text)).slice(0, 16), provenance: 'derived' };
}
