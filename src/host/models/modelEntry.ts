import type { Disposable } from '../../common/disposable';
import type { Backend } from '../../inference/backend';
import type { RolloutConfig } from '../../rollout/rolloutConfig';

/** A model that a person can choose for rollouts: the one that ships, a checkpoint folder, or one behind a server. */
export type ModelEntry =
  | {
      readonly kind: 'demo' | 'folder';
      /** Names the entry across sessions. */
      readonly id: string;
      /** For people: the folder's last part. */
      readonly label: string;
      /** The checkpoint, absolute. */
      readonly folder: string;
    }
  | {
      readonly kind: 'server';
      readonly id: string;
      readonly label: string;
      /** As the person typed it. */
      readonly address: string;
      /** One of the server's models; absent: its only one. */
      readonly model?: string;
    };

/** A model that is ready for rollouts. Disposing it gives it back; a local one stays loaded for a while. */
export interface OpenedModel extends Disposable {
  readonly entry: ModelEntry;
  readonly backend: Backend;
  /** What travels with the checkpoint; empty for a server. */
  readonly config: RolloutConfig;
}
