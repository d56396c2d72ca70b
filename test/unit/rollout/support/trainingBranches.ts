import type { ScriptedTurn } from '../../../support/scriptedBackend';
import type { ScriptedRun } from './rolloutLog';
import { gradient } from './rolloutLog';
import type { GoldenTurn } from './transcript';

/** A path through the environment, and the rule of the DeepEyes protocol that it shows. */
export interface Branch {
  readonly name: string;
  /** The rule, in words. */
  readonly rule: string;
  readonly turns: readonly GoldenTurn[];
  readonly end: string;
  readonly run?: Omit<ScriptedRun, 'turns'>;
  readonly ends?: ScriptedTurn['end'];
}

const SUFFIX =
  'Think first, call **image_zoom_in_tool** if needed, then answer. Format strictly as:  <think>...</think>  <tool_call>...</tool_call> (if tools needed)  <answer>...</answer>';
/** What comes with a crop, for the picture's size and visual tokens. */
export const CROP = (picture: string): string =>
  `observation ${JSON.stringify(`<tool_response><image>\n${SUFFIX} </tool_response>`)} words ${JSON.stringify(SUFFIX)} [${picture}]`;
export const ERROR = (words: string): string => `observation ${JSON.stringify(words)} error`;
const INVALID = ERROR('Error: ZOOM IN ARGUMENTS ARE INVALID');

/** A call of the zoom tool, as text and as its line in the log. */
export function zoomOf(...box: readonly number[]): { readonly says: string; readonly call: string } {
  return {
    says: `<think>a</think><tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${box.join(', ')}]}}</tool_call>`,
    call: `call image_zoom_in_tool {"bbox_2d":[${box.join(',')}]}`,
  };
}

export const ANSWER: GoldenTurn = { says: '<think>b</think><answer>B</answer>', then: [] };
export const FINISHED = 'outcome {"status":"finished","prediction":"B"}';
const NO_ANSWER = 'outcome {"status":"finished","reason":"The turn has no answer and no tool call."}';

/** A box that the environment refuses. The image has 280 x 224 pixels. */
function refusedBox(name: string, rule: string, ...box: readonly number[]): Branch {
  const { says, call } = zoomOf(...box);
  return { name, rule, turns: [{ says, then: [call, INVALID] }, ANSWER], end: FINISHED };
}

/** A box that it cuts. */
function cutBox(name: string, rule: string, picture: string, ...box: readonly number[]): Branch {
  const { says, call } = zoomOf(...box);
  return { name, rule, turns: [{ says, then: [call, CROP(picture)] }, ANSWER], end: FINISHED };
}

function refusedText(name: string, rule: string, call: string, line: string, error: string): Branch {
  const says = `<think>a</think><tool_call>${call}</tool_call>`;
  return { name, rule, turns: [{ says, then: [line, ERROR(error)] }, ANSWER], end: FINISHED };
}

const GOOD = zoomOf(10, 10, 94, 66);
const JSON_RULE =
  'Section 2, item 4: what json.loads refuses comes back as "Error: Invalid tool call format: {text}. Error: {e}", and it goes on';
const NAME_RULE = 'Section 2, item 5: another name gives "Error: Unknown tool name: X"';
const KEY_RULE = 'Section 2, item 5: a missing key gives "Error: \'bbox_2d\'"';
const BOX_RULE = 'Section 2, item 5: a bad box gives "Error: ZOOM IN ARGUMENTS ARE INVALID"';
const THIN_RULE = 'Section 2, box rules: the longer side is at most 100 times the shorter';
const SIDE_RULE = 'Section 2, box rules: the shorter side must be longer than 30';

/** Every branch of training's environment, visual_toolbox_v2. */
export const TRAINING_BRANCHES: readonly Branch[] = [
  cutBox(
    'a valid call',
    'Section 2, item 6: the crop comes in tool_response, then the text of v2',
    '84x56=6',
    10,
    10,
    94,
    66,
  ),
  cutBox(
    'a box that is clamped',
    'Section 2, box rules: each side is moved to the image',
    '56x56=4',
    224,
    168,
    400,
    400,
  ),
  cutBox(
    'the smallest box',
    `${SIDE_RULE}; section 10: 31 x 31 is seen as 56 x 56, 4 tokens`,
    '56x56=4',
    0,
    0,
    31,
    31,
  ),
  cutBox(
    'a box with fractions',
    'Section 2, box rules: floats go to the crop, which rounds half to even',
    '84x56=6',
    9.5,
    10.5,
    94.5,
    66.5,
  ),
  {
    name: 'words after the call',
    rule: 'Section 2: nothing stops the text at the end of the call, so more may follow in the turn',
    turns: [{ says: `${GOOD.says} and now I wait`, then: [GOOD.call, CROP('84x56=6')] }, ANSWER],
    end: FINISHED,
  },
  {
    name: 'two calls',
    rule: 'Section 2, item 3: the last call counts',
    turns: [
      { says: `${zoomOf(0, 0, 280, 224).says}${GOOD.says}`, then: [GOOD.call, CROP('84x56=6')] },
      ANSWER,
    ],
    end: FINISHED,
  },
  {
    name: 'the rotate tool, which is not declared',
    rule: 'Section 1: the rotate tool is executable in v1, v2 and v5, on the original image',
    turns: [
      {
        says: '<tool_call>{"name": "image_rotate_tool", "arguments": {"angle": 90}}</tool_call>',
        then: ['call image_rotate_tool {"angle":90}', CROP('280x224=80')],
      },
      ANSWER,
    ],
    end: FINISHED,
  },
  refusedText(
    'bad JSON',
    JSON_RULE,
    '{"name": }',
    'call  undefined',
    'Error: Invalid tool call format: {"name": }. Error: Expecting value: line 1 column 10 (char 9)',
  ),
  refusedText(
    'a text that is only blank',
    JSON_RULE,
    ' ',
    'call  undefined',
    'Error: Invalid tool call format: . Error: Expecting value: line 1 column 1 (char 0)',
  ),
  refusedText(
    'another tool',
    NAME_RULE,
    '{"name": "search", "arguments": {}}',
    'call search {}',
    'Error: Unknown tool name: search',
  ),
  refusedText(
    'no box',
    KEY_RULE,
    '{"name": "image_zoom_in_tool", "arguments": {"bbox": [0, 0, 90, 90]}}',
    'call image_zoom_in_tool {"bbox":[0,0,90,90]}',
    "Error: 'bbox_2d'",
  ),
  refusedBox('an inverted box', BOX_RULE, 94, 10, 10, 66),
  refusedBox('an empty box', BOX_RULE, 10, 10, 10, 66),
  refusedBox('a box outside', BOX_RULE, 300, 10, 400, 66),
  refusedBox('a box that is too small', SIDE_RULE, 0, 0, 30, 100),
  {
    ...refusedBox('a box that is too thin', THIN_RULE, 0, 0, 3200, 31),
    run: { task: { pictures: [gradient(3200, 40)] } },
  },
  {
    name: 'call and answer in one turn',
    rule: 'Section 2, item 2: an answer beats a call of the same turn, which does not run',
    turns: [{ says: `${GOOD.says}<answer>B</answer>`, then: [] }],
    end: FINISHED,
  },
  {
    name: 'several answers',
    rule: 'Section 2, item 2: the last answer counts',
    turns: [{ says: '<answer>A</answer><answer>B</answer>', then: [] }],
    end: FINISHED,
  },
  {
    name: 'an empty answer beside a call',
    rule: 'Section 2, item 2: only an answer that is not empty ends the rollout',
    turns: [{ says: `<answer></answer>${GOOD.says}`, then: [GOOD.call, CROP('84x56=6')] }, ANSWER],
    end: FINISHED,
  },
  {
    name: 'a call that is not closed',
    rule: 'Section 2, item 3: an unclosed call is none, and no call is the end',
    turns: [{ says: '<think>a</think><tool_call>{"name": "image_zoom_in_tool"', then: [] }],
    end: NO_ANSWER,
  },
  {
    name: 'a call without any text',
    rule: 'Section 2, item 3: an empty match is no call, and no call is the end',
    turns: [{ says: '<think>a</think><tool_call></tool_call>', then: [] }],
    end: NO_ANSWER,
  },
  {
    name: 'neither call nor answer',
    rule: 'Section 2, item 3: no call is the end',
    turns: [{ says: 'It is B.', then: [] }],
    end: NO_ANSWER,
  },
  {
    name: 'a turn that is cut off',
    rule: 'Section 2, item 1: finish_reason "length" is the end, and the tool is not called',
    turns: [{ says: `${GOOD.says} more`, heard: 12, then: [] }],
    end: 'outcome {"status":"length","reason":"The turn was cut off at the limit of 12 tokens."}',
    run: { settings: { maxTokensPerTurn: 12 } },
  },
  {
    name: 'a turn without tokens',
    rule: 'Section 2, item 1: 0 tokens are the end',
    turns: [{ says: '', heard: 0, then: [] }],
    end: 'outcome {"status":"finished","reason":"The model said nothing."}',
    ends: 'silent',
  },
];
