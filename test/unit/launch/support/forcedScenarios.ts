/** What a model is made to say about a scene of 226 x 152 pixels, and what must come of it. Boxes in its pixels. */
export interface ForcedScenario {
  readonly name: string;
  readonly protocol: string;
  readonly turns: readonly string[];
  /** The boxes of the calls as they lie on the scene; undefined for a call that names none. */
  readonly places: readonly (readonly [number, number, number, number] | undefined)[];
  /** Each crop: what it was cut from (the scene, or a crop before it), and where in that. */
  readonly crops: readonly {
    readonly from?: number;
    readonly box: readonly [number, number, number, number];
  }[];
  /** How many calls the environment refuses, each in a turn of its own. */
  readonly errors: number;
}

const zoom = (box: readonly number[], label = 'sign'): string =>
  `<tool_call>${JSON.stringify({ name: 'image_zoom_in_tool', arguments: { bbox_2d: box, label } })}</tool_call>`;
const ground = (box: readonly number[], source: string): string =>
  `<grounding>${JSON.stringify({ bbox_2d: box, source })}</grounding>`;
/** A turn that ends a conversation. */
export const ANSWER = '<think>It is clear now.</think><answer>red</answer>';

/** A usual conversation, and those where a call is refused, two come at once, or one works on a crop. */
export const SCENARIOS: readonly ForcedScenario[] = [
  {
    name: 'a zoom, its crop and an answer',
    protocol: 'deepeyes-v2',
    turns: [`<think>Too small. Näher hin.</think>${zoom([20, 30, 130, 120])}`, ANSWER],
    places: [[20, 30, 130, 120]],
    crops: [{ box: [20, 30, 130, 120] }],
    errors: 0,
  },
  {
    name: 'two calls that are refused before one that is not',
    protocol: 'deepeyes-v2',
    turns: [
      `<think>Tiny.</think>${zoom([10, 10, 20, 20])}`,
      '<think>Again.</think><tool_call>{"name": "image_zoom_in_tool", "arguments": </tool_call>',
      `<think>Larger.</think>${zoom([100, 20, 180, 90])}`,
      ANSWER,
    ],
    places: [[10, 10, 20, 20], undefined, [100, 20, 180, 90]],
    crops: [{ box: [100, 20, 180, 90] }],
    errors: 2,
  },
  {
    name: 'two calls in one turn',
    protocol: 'deepeyes-v5',
    turns: [`<think>Both.</think>${zoom([0, 0, 90, 60])}${zoom([120, 70, 220, 150], 'car')}`, ANSWER],
    places: [
      [0, 0, 90, 60],
      [120, 70, 220, 150],
    ],
    crops: [{ box: [0, 0, 90, 60] }, { box: [120, 70, 220, 150] }],
    errors: 0,
  },
  {
    name: 'a crop of a crop',
    protocol: 'mini-o3',
    turns: [
      `<think>The right half.</think>${ground([0.5, 0, 1, 1], 'original_image')}`,
      `<think>Its lower half.</think>${ground([0, 0.5, 1, 1], 'observation_1')}`,
      ANSWER,
    ],
    places: [
      [113, 0, 226, 152],
      [113, 76, 226, 152],
    ],
    // 113 x 152 is seen as 112 x 140, of which the second call takes the lower half.
    crops: [{ box: [113, 0, 226, 152] }, { from: 0, box: [0, 70, 112, 140] }],
    errors: 0,
  },
];
