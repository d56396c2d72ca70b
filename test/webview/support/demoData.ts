import type { BoundingBox } from '../../../src/common/boundingBox';
import type { RowView } from '../../../src/protocol/listView';
import type {
  ImageView,
  PartView,
  ToolCallView,
  TrajectoryView,
  TurnView,
} from '../../../src/protocol/trajectoryView';
import { SCENE, scenePicture } from './demoScene';
import { readySource, rowOf, type HostData } from './fakeHost';

const BIN: BoundingBox = { x1: 1262, y1: 1128, x2: 1330, y2: 1212 };
const MACHINE: BoundingBox = { x1: 1176, y1: 1128, x2: 1252, y2: 1236 };

const ORIGINAL: ImageView = {
  id: 'original:0',
  kind: 'original',
  state: 'available',
  label: 'street.jpg',
  size: SCENE,
  resizedSize: { width: 2240, height: 1512 },
  visualTokens: 4320,
};

function thought(text: string, tokens: number): PartView {
  return { kind: 'thought', text, closed: true, tokens };
}

/** A zoom call on the scene, parsed and carried out. */
export function zoomCall(
  number: number,
  box: BoundingBox,
  label: string,
  more: Partial<ToolCallView> = {},
): PartView {
  const { x1, y1, x2, y2 } = box;
  const text = `{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${x1}, ${y1}, ${x2}, ${y2}], "label": "${label}"}}`;
  const size = { width: x2 - x1, height: y2 - y1 };
  return {
    kind: 'toolCall',
    text,
    closed: true,
    tokens: 44,
    call: {
      status: 'parsed',
      text,
      name: 'image_zoom_in_tool',
      box,
      label,
      acted: true,
      number,
      report: {
        tool: 'zoom',
        requested: box,
        frame: 'original',
        placed: box,
        cut: box,
        clamped: false,
        grown: false,
        cropSize: size,
      },
      ...more,
    },
  };
}

function crop(
  turn: number,
  box: BoundingBox,
  width: number,
  height: number,
  more: Partial<ImageView> = {},
): PartView {
  const image: ImageView = {
    id: `observation:${turn}:0`,
    kind: 'rebuilt',
    state: 'available',
    label: 'crop',
    size: { width: box.x2 - box.x1, height: box.y2 - box.y1 },
    resizedSize: { width, height },
    visualTokens: (width / 28) * (height / 28),
    ...more,
  };
  return { kind: 'observation', text: '', images: [image] };
}

function turn(...parts: PartView[]): TurnView {
  const raw = parts
    .filter((part) => part.kind !== 'observation')
    .map((part) => {
      if (part.kind === 'thought') return `<think>${part.text}</think>`;
      if (part.kind === 'toolCall') return `<tool_call>${part.text}</tool_call>`;
      return part.kind === 'answer' ? `<answer>${part.text}</answer>` : part.text;
    })
    .join('\n');
  return { raw: `${raw}<|im_end|>`, parts, recovered: false };
}

/** A rollout with the least that one can have. */
export function plainRollout(index: number, more: Partial<TrajectoryView> = {}): TrajectoryView {
  return {
    index,
    question: 'What is the price on the red machine?',
    user: 'What is the price on the red machine?',
    originals: [ORIGINAL],
    turns: [],
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'trainingV2',
    zoomCount: 0,
    toolCalls: 0,
    settings: [],
    extras: [],
    bytes: { start: index * 20_000, end: index * 20_000 + 19_204 },
    ...more,
  };
}

/** Two crops: the first beside the point, the second right. */
export function twoCropRollout(index: number): TrajectoryView {
  return plainRollout(index, {
    system:
      'You are a helpful assistant.\n\n# Tools\nYou may call one or more functions to assist with the user query.',
    user: 'What is the price on the red machine?\nThink first, call image_zoom_in_tool if needed, then answer. Format strictly as: <think>...</think> <tool_call>...</tool_call> (if tools needed) <answer>...</answer>',
    turns: [
      turn(
        thought(
          'There are four stalls and, in front of the tea shop, something small. The machine should be to the right of the book stall. I will zoom in on it.',
          41,
        ),
        zoomCall(1, BIN, 'vending machine'),
        crop(0, BIN, 56, 84),
      ),
      turn(
        thought(
          'This is only a wall and a bin. The red machine stands further to the left, so I will look there.',
          33,
        ),
        zoomCall(2, MACHINE, 'red machine'),
        crop(1, MACHINE, 84, 112),
      ),
      turn(thought('The white panel on the red machine reads 2.50.', 27), {
        kind: 'answer',
        text: '2.50',
        closed: true,
        tokens: 5,
      }),
    ],
    groundTruth: '2.50',
    verdict: { correct: true, provenance: 'recovered' },
    reward: {
      total: 2,
      formula: 'deepeyes',
      parts: [
        { name: 'accuracy', value: 1, weight: 0.8, provenance: 'recovered' },
        { name: 'format', value: 0, weight: 0.2, provenance: 'recovered' },
        { name: 'tool', value: 1, weight: 1.2, provenance: 'recovered' },
      ],
    },
    group: { key: 'q-0213', provenance: 'uid' },
    step: 46,
    split: 'visual_search',
    zoomCount: 2,
    toolCalls: 2,
    modelTokens: 189,
    observationTokens: 18,
    extras: [
      ['temperature', '1.0'],
      ['data_source', '"vstar"'],
    ],
  });
}

const LONG = Array.from(
  { length: 14 },
  (_, i) =>
    `Step ${i + 1}: the picture shows a row of stalls, and I compare their signs one by one before I decide where to look.`,
).join(' ');

/** Everything that can go wrong with a call: rejected, clamped, unparsable, an error in the observation. */
export function troubledRollout(index: number): TrajectoryView {
  const outside: BoundingBox = { x1: 2100, y1: 1300, x2: 2400, y2: 1600 };
  const inverted: BoundingBox = { x1: 800, y1: 700, x2: 640, y2: 900 };
  const call = '{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [1, 2, 3}';
  return plainRollout(index, {
    question:
      'Which stall has a green roof, and what is written above its left window when you look at it closely?',
    user: 'Which stall has a green roof, and what is written above its left window when you look at it closely?',
    turns: [
      turn(
        thought(LONG, 392),
        zoomCall(1, inverted, 'fruit stall', {
          report: {
            tool: 'zoom',
            requested: inverted,
            frame: 'original',
            placed: inverted,
            clamped: false,
            grown: false,
            rejected: 'inverted',
            rejection: 'right 640 is left of left 800',
          },
        }),
        { kind: 'observation', text: '', error: 'Error: Invalid bounding box', images: [] },
      ),
      turn(
        {
          kind: 'toolCall',
          text: call,
          closed: true,
          tokens: 31,
          call: {
            status: 'unparsable',
            text: call,
            error: "Expecting ',' delimiter: line 1 column 66 (char 65)",
            acted: true,
            number: 2,
          },
        },
        { kind: 'observation', text: '', error: 'Error: Invalid tool call format', images: [] },
      ),
      turn(
        zoomCall(3, outside, 'corner', {
          report: {
            tool: 'zoom',
            requested: outside,
            frame: 'original',
            placed: outside,
            cut: { x1: 2100, y1: 1300, x2: 2240, y2: 1512 },
            clamped: true,
            grown: false,
            cropSize: { width: 140, height: 212 },
          },
        }),
        crop(2, { x1: 2100, y1: 1300, x2: 2240, y2: 1512 }, 140, 224),
      ),
      turn({ kind: 'text', text: 'I could not find it.', closed: true, tokens: 7 }),
    ],
    outcome: { status: 'turnLimit', reason: 'max_turns 4 reached' },
    groundTruth: 'APPLES',
    verdict: { correct: false, provenance: 'stored' },
    reward: { total: -0.2, parts: [{ name: 'format', value: -1, weight: 0.2, provenance: 'recovered' }] },
    step: 46,
    zoomCount: 1,
    toolCalls: 3,
    modelTokens: 474,
  });
}

/** The image is not where the log says; its size is known. */
export function missingImageRollout(index: number): TrajectoryView {
  const missing: ImageView = {
    ...ORIGINAL,
    state: 'missing',
    message: 'No file of this name was found beside the log or in the image folders.',
    tried: ['/data/vstar/direct_attributes/street.jpg', '/data/images/street.jpg'],
  };
  const base = twoCropRollout(index);
  const gone = {
    state: 'missing',
    message: 'The original is not here, so the crop can’t be rebuilt.',
  } as const;
  return {
    ...base,
    originals: [missing],
    turns: [
      turn(
        thought('I will zoom in.', 12),
        zoomCall(1, { x1: 640, y1: 620, x2: 1040, y2: 1170 }, 'fruit'),
        crop(0, BIN, 56, 84, gone),
      ),
      turn(thought('Closer.', 8), zoomCall(2, MACHINE, 'red machine'), crop(1, MACHINE, 84, 112, gone)),
      turn({ kind: 'answer', text: 'two fifty', closed: true, tokens: 4 }),
    ],
    verdict: { correct: false, provenance: 'stored' },
  };
}

const BAD: Extract<RowView, { status: 'bad' }> = {
  status: 'bad',
  index: 3,
  reason: 'Not JSON: an unexpected end after 1,204 characters.',
  offset: 60_000,
  bytes: 1204,
};

const RECORDS = 115;

function record(index: number): TrajectoryView | typeof BAD {
  if (index === 3) return BAD;
  if (index === 1) return troubledRollout(1);
  if (index === 2) return missingImageRollout(2);
  if (index === 0) return twoCropRollout(0);
  const right = (index * 7) % 5 !== 0;
  const answer = ['2.50', '25', 'two euros', '2.00'][index % 4] ?? '';
  const { reward: _reward, ...rollout } = twoCropRollout(index);
  return {
    ...rollout,
    turns: [
      ...rollout.turns.slice(0, index % 3),
      turn(thought('I can read it.', 9), {
        kind: 'answer',
        text: right ? '2.50' : answer,
        closed: true,
        tokens: 5,
      }),
    ],
    verdict: { correct: right, provenance: 'stored' },
    reward: { total: right ? 2 : 0, parts: [] },
    zoomCount: index % 3,
    toolCalls: index % 3,
    modelTokens: 60 + ((index * 37) % 300),
  };
}

/** A file of 115 rollouts over one drawn scene: good, troubled, without image, unreadable. */
export const DEMO: HostData = {
  source: readySource(RECORDS, { name: 'rollout_step_46.jsonl', label: 'RL Logging Board' }),
  row: (index) => {
    const found = record(index);
    return 'status' in found ? found : rowOf(found);
  },
  record,
  image: async (_index, id, maxSide) => {
    const piece = id === 'observation:0:0' ? BIN : id === 'observation:1:0' ? MACHINE : undefined;
    if (id === 'observation:2:0') return scenePicture(maxSide, { x1: 2100, y1: 1300, x2: 2240, y2: 1512 });
    return scenePicture(maxSide, piece);
  },
};
