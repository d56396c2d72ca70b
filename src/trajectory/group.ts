/**
 * Rollouts of one question at one step, which GRPO compares with each other.
 *
 * - `uid`: the file says so
 * - `derived`: equal step, prompt and ground truth; may join several images that share a question
 */
export interface GroupKey {
  readonly key: string;
  readonly provenance: 'uid' | 'derived';
}
