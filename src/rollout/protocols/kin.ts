import { QWEN25_LIMITS } from '../../common/smartResize';
import { indexedPicture, namedPicture } from '../../trajectory/pictureOfCall';
import { SYSTEM_PROMPT_V2, TURN_PROMPT_V5 } from '../prompts/deepEyesPrompts';
import { DEEPEYES_V2, DEEPEYES_V5, withSuffix } from './deepEyes';
import { readGroundingTurn } from './grounding';
import type { RolloutProtocol } from './protocol';

/*
 * Other models that look again, as far as their wire format is known: names, arguments, frames and sizes are theirs,
 * the sentences around them are this project's own. Limits and the rules of a turn are DeepEyes'.
 */

const ZOOM_WITH_INDEX = JSON.stringify({
  type: 'function',
  function: {
    name: 'image_zoom_in_tool',
    description: 'Look closer: cut a box out of one of the images and see it enlarged.',
    parameters: {
      type: 'object',
      properties: {
        bbox_2d: {
          type: 'array',
          items: { type: 'number' },
          minItems: 4,
          maxItems: 4,
          description:
            'The box as [x1, y1, x2, y2] in thousandths of the width and height of the image: top left, bottom right.',
        },
        label: { type: 'string', description: 'What is in the box.' },
        img_idx: {
          type: 'number',
          description: 'Which image, counted from 0 in the order of the conversation.',
        },
      },
      required: ['bbox_2d', 'label', 'img_idx'],
    },
  },
});

const QWEN3_SYSTEM = `# Tools

These functions are available, one declaration per line within <tools></tools>:
<tools>
${ZOOM_WITH_INDEX}
</tools>

To call one, write a JSON object with its name and arguments within <tool_call></tool_call>:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call>`;

/** Qwen3-VL with Qwen-Agent's zoom tool: any picture so far, boxes in thousandths. */
export const QWEN3_VL: RolloutProtocol = {
  ...DEEPEYES_V2,
  name: 'qwen3-vl',
  label: 'Qwen3-VL: boxes in thousandths of any image',
  system: QWEN3_SYSTEM,
  variant: 'qwen3Vl',
  frame: 'relative1000',
  // Source: Qwen-Agent `image_zoom_in_qwen3vl.py`.
  cropLimits: { factor: 32, minPixels: 256 * 32 * 32, maxPixels: QWEN25_LIMITS.maxPixels },
  userText: withSuffix(''),
  sourceOf: indexedPicture,
  observation: (pictures) => [
    '<tool_response>\n',
    ...Array.from({ length: pictures }, (_, picture) => ({ picture })),
    '\n</tool_response>',
  ],
  refusal: 'Tool Execution Error: the call is not valid',
};

const MINI_O3_SYSTEM = `Think within <think> and </think> first. To see a part of an image larger, write
<grounding>{"bbox_2d": [x0, y0, x1, y1], "source": "original_image"}</grounding>
with the corners of the box as fractions of the image's width and height; the source is original_image, or observation_i for the i-th part that you were shown. Write the final answer within <answer> and </answer>.`;

/** Mini-o3: fractions, crops of crops. */
export const MINI_O3: RolloutProtocol = {
  ...DEEPEYES_V2,
  name: 'mini-o3',
  label: 'Mini-o3: fractions, crops of crops',
  system: MINI_O3_SYSTEM,
  writesParts: true,
  variant: 'miniO3',
  frame: 'relative1',
  userText: withSuffix(''),
  readTurn: readGroundingTurn,
  sourceOf: namedPicture,
  // The prompt has one picture, so the next observation's number is that of the pictures so far.
  observation: (_pictures, before) => [
    `After the above Action ${before - 1}, here is the the zoom-in image (Observation ${before}):\n`,
    { picture: 0 },
  ],
  refusal: 'Error: the grounding is not valid',
};

/** Chain-of-Focus: boxes half as large again, crops twice as large. How it words an observation is not known; v5's. */
export const CHAIN_OF_FOCUS: RolloutProtocol = {
  ...DEEPEYES_V5,
  name: 'chain-of-focus',
  label: 'Chain-of-Focus: enlarged boxes, scaled crops',
  system: SYSTEM_PROMPT_V2,
  variant: 'chainOfFocus',
  userText: withSuffix(TURN_PROMPT_V5),
};
