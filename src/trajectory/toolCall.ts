import type { BoundingBox } from '../common/boundingBox';

/** The zoom tool's name on the wire. Source: DeepEyes `prompt.py`, SYSTEM_PROMPT_V2. */
export const ZOOM_TOOL = 'image_zoom_in_tool';
/** The rotate tool's name on the wire. Source: DeepEyes `prompt.py`, SYSTEM_PROMPT_V1. */
export const ROTATE_TOOL = 'image_rotate_tool';

/**
 * A call that the model made, failed ones included. `text` is what stood between the tags, byte for byte.
 *
 * - `parsed`: the text was an object with a name; `box` is there when `arguments.bbox_2d` was four numbers
 * - `unparsable`: it was not; `error` says why in the words of the parser that the environment uses, or like it
 */
export type ToolCall =
  | {
      readonly status: 'parsed';
      readonly text: string;
      readonly name: string;
      readonly arguments: ReadonlyMap<string, unknown>;
      /** As requested, unclamped; in the coordinate frame of the trajectory. */
      readonly box?: BoundingBox;
      readonly label?: string;
      /** Degrees, as requested. */
      readonly angle?: number;
    }
  | { readonly status: 'unparsable'; readonly text: string; readonly error: string };
