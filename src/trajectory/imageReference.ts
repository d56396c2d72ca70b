import type { Size } from '../common/boundingBox';

/**
 * An image as a trajectory knows it. Nothing here opens a file: the store of `imaging` does, within the allowed roots.
 *
 * - `file`: a path or bare name as the log has it
 * - `inline`: bytes inside the record, named by their content hash
 * - `blank`: the log says that an image stood here and nothing else (DeepEyes' evaluation empties its data URLs,
 *   dumps keep pads at most). A blank observation can be rebuilt from the original and the tool call before it.
 *
 * `size` is in pixels as stored, `visualTokens` counts the pads that the policy saw; both only where the file tells.
 */
export type ImageReference =
  | { readonly kind: 'file'; readonly path: string; readonly size?: Size; readonly visualTokens?: number }
  | {
      readonly kind: 'inline';
      /** Lower-case hex SHA-256 of the decoded bytes. */
      readonly hash: string;
      readonly mediaType: string;
      readonly size?: Size;
      readonly visualTokens?: number;
    }
  | { readonly kind: 'blank'; readonly size?: Size; readonly visualTokens?: number };
