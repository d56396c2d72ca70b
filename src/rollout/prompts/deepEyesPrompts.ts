/*
 * The texts that DeepEyes' models were trained with, byte for byte: another wording is another model input. None ends
 * with a line break unless its last entry is empty. From Visual-Agent/DeepEyes,
 * `verl/workers/agent/envs/mm_process_engine/prompt.py` (Apache-2.0; see THIRD_PARTY_NOTICES). Do not edit: a test
 * knows their hashes.
 */

/** System text of `visual_toolbox`: zoom and rotate, every line of the body indented. */
export const SYSTEM_PROMPT_V1 = [
  'You are a helpful assistant.',
  '',
  '    # Tools',
  '',
  '    You may call one or more functions to assist with the user query.',
  '',
  '    You are provided with function signatures within <tools></tools> XML tags:',
  '    <tools>',
  '    {"type":"function","function":{"name":"image_zoom_in_tool","description":"Zoom in on a specific region of an image by cropping it based on a bounding box (bbox).","parameters":{"type":"object","properties":{"image_path":{"type":"string","description":"Path or URL of the image to zoom in."},"bbox":{"type":"array","items":{"type":"number"},"minItems":4,"maxItems":4,"description":"The bounding box of the region to zoom in, as [x1, y1, x2, y2], where (x1, y1) is the top-left corner and (x2, y2) is the bottom-right corner."}},"required":["image_path","bbox"]}}}',
  '    {"type":"function","function":{"name":"image_rotate_tool","description":"Rotate an image by a specified angle (clockwise or counterclockwise).","parameters":{"type":"object","properties":{"image_path":{"type":"string","description":"Path or URL of the image to be rotated."},"angle":{"type":"integer","description":"Rotation angle in degrees (e.g., 90, 180, 270). Positive values for clockwise, negative for counterclockwise."}},"required":["image_path","angle"]}}}',
  '    </tools>',
  '',
  '    For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:',
  '    <tool_call>',
  '    {"name": <function-name>, "arguments": <args-json-object>}',
  '    </tool_call>',
].join('\n');

/** System text of `visual_toolbox_v2`, of the released data and of the evaluation. Blanks at line ends are part of it. */
export const SYSTEM_PROMPT_V2 = [
  'You are a helpful assistant.',
  '',
  '# Tools',
  'You may call one or more functions to assist with the user query.',
  'You are provided with function signatures within <tools></tools> XML tags:',
  '<tools>',
  '{"type":"function","function":{"name":"image_zoom_in_tool","description":"Zoom in on a specific region of an image by cropping it based on a bounding box (bbox) and an optional object label.","parameters":{"type":"object","properties":{"bbox_2d":{"type":"array","items":{"type":"number"},"minItems":4,"maxItems":4,"description":"The bounding box of the region to zoom in, as [x1, y1, x2, y2], where (x1, y1) is the top-left corner and (x2, y2) is the bottom-right corner."},"label":{"type":"string","description":"The name or label of the object in the specified bounding box (optional)."}},"required":["bbox"]}}}',
  '</tools>',
  '',
  '# How to call a tool',
  'Return a json object with function name and arguments within <tool_call></tool_call> XML tags:',
  '<tool_call>',
  '{"name": <function-name>, "arguments": <args-json-object>}',
  '</tool_call>',
  '',
  '**Example**:  ',
  '<tool_call>  ',
  '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [10, 20, 100, 200], "label": "the apple on the desk"}}  ',
  '</tool_call>',
].join('\n');

/** System text of `visual_toolbox_v5`: several calls in one turn. */
export const SYSTEM_PROMPT_V5 = [
  'You are a helpful assistant.',
  '',
  '# Tools',
  'You are provided with function signatures within <tools></tools> XML tags:',
  '<tools>',
  '{"type":"function","function":{"name":"image_zoom_in_tool","description":"Zoom in on a specific region of an image by cropping it based on a bounding box (bbox) and an optional object label.","parameters":{"type":"object","properties":{"bbox_2d":{"type":"array","items":{"type":"number"},"minItems":4,"maxItems":4,"description":"The bounding box of the region to zoom in, as [x1, y1, x2, y2], where (x1, y1) is the top-left corner and (x2, y2) is the bottom-right corner."},"label":{"type":"string","description":"The name or label of the object in the specified bounding box (optional)."}},"required":["bbox"]}}}',
  '</tools>',
  '',
  '# How to call a tool',
  'Return a json object with function name and arguments within <tool_call></tool_call> XML tags:',
  '<tool_call>',
  '{"name": <function-name>, "arguments": <args-json-object>}',
  '</tool_call>',
  '',
  'You may call **one or more** functions to assist with the user query.',
  '**Example**:  ',
  '<tool_call>  ',
  '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [10, 20, 100, 200], "label": "the apple on the desk"}}  ',
  '</tool_call>',
  '<tool_call>  ',
  '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [8, 40, 50, 150], "label": "the person under the tree"}}  ',
  '</tool_call>',
].join('\n');

/** What follows the question in v1; it does not mention tools. */
export const USER_PROMPT_V1 = [
  '',
  'Reason in your mind and then give the final answer. Output strictly following the format <think>[your inner thoughts]</think><answer>[your final answer]</answer>.',
].join('\n');

/** What follows the question, and each crop, in v2. */
export const USER_PROMPT_V2 = [
  '',
  'Think first, call **image_zoom_in_tool** if needed, then answer. Format strictly as:  <think>...</think>  <tool_call>...</tool_call> (if tools needed)  <answer>...</answer> ',
].join('\n');

/** What follows the question in v3, which has no system text. */
export const USER_PROMPT_V3 = [
  '',
  "If the images provided above are sufficient to answer the user's question, please put your final answer within <answer></answer>. ",
  'Otherwise generate a new grouding in JSON format:',
  '```json',
  '{',
  '  "function": "zoom_in",',
  '  "bbox_2d": [x1, y1, x2, y2],',
  '  "label": "object_name"',
  '}',
  '``` ',
  'The zoomed-in image of your grounding will be provided in next turn.',
  '',
].join('\n');

/** What follows the question in v4, which has no system text. */
export const USER_PROMPT_V4 = [
  '',
  'If the current images are insufficient to answer the question, request a zoom-in by providing this tool_call object within tags:',
  '<tool_call>',
  '{"function": "zoom_in", "bbox_2d": [x1, y1, x2, y2], "label": "object_name"}',
  '</tool_call>',
  '',
  'The zoomed image will be provided in the next turn. Otherwise, provide your answer within <answer> </answer> tags.',
  '',
].join('\n');

/** What follows the question, and the crops of each turn, in v5. */
export const TURN_PROMPT_V5 = [
  '',
  'Think in the mind first, and then decide whether to call tools one or more times OR provide final answer. Format strictly as: <think>...</think> <tool_call>...</tool_call> <tool_call>...</tool_call> (if any tools needed) OR <answer>...</answer> (if no tools needed).',
].join('\n');
