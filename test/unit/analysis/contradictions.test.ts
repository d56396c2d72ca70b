import assert from 'node:assert/strict';
import { contradictions } from '../../../src/analysis/contradictions';
import type { Size } from '../../../src/common/boundingBox';
import { reportedCalls } from '../../../src/rollout/reportedCalls';
import type { ToolOptions } from '../../../src/rollout/tools/imageZoomIn';
import { planCalls } from '../../../src/rollout/tools/planCalls';
import { parseTurn } from '../../../src/trajectory/parseTurn';
import type { TurnSemantics } from '../../../src/trajectory/environment';
import type { Trajectory } from '../../../src/trajectory/trajectory';
import type { ObservationPart, Turn } from '../../../src/trajectory/turn';

const PICTURE: Size = { width: 1000, height: 800 };

const zoom = (...box: number[]): string =>
  `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${box.join(', ')}]}}</tool_call>`;

function observed(more: Partial<ObservationPart> = {}): ObservationPart {
  return { kind: 'observation', raw: '', text: '', images: [{ kind: 'blank' }], ...more };
}

type Said = readonly [raw: string, observation?: ObservationPart];

function rollout(said: readonly Said[], more: Partial<Trajectory> = {}): Trajectory {
  const variant = more.zoomVariant ?? 'evaluation';
  const semantics: TurnSemantics = variant === 'trainingV2' ? 'trainingV2' : 'evaluation';
  const turns = said.map(([raw, observation]): Turn => ({
    raw,
    parts: parseTurn(raw, semantics).parts,
    ...(observation && { observation }),
  }));
  return {
    origin: { file: 'made', index: 0, bytes: { start: 0, end: 0 } },
    prompt: { user: '', question: '', images: [{ kind: 'blank', size: PICTURE }] },
    turns,
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: variant,
    extras: new Map(),
    ...more,
  };
}

/** `rule turn part: sentence` of each, with what the tools did. */
function marks(trajectory: Trajectory): string[] {
  const { zoomVariant: variant, frame, turns } = trajectory;
  const options: ToolOptions = { variant, frame };
  const calls = reportedCalls(planCalls(turns, PICTURE, options), options);
  return contradictions(trajectory, calls).map(
    ({ rule, turn, part, text }) => `${rule} ${turn} ${part}: ${text}`,
  );
}

describe('contradictions between text and file', () => {
  it('finds none in a rollout where all fits', () => {
    const fits = observed({ images: [{ kind: 'blank', visualTokens: 48 }] });
    const said: Said[] = [[`<think>a</think>${zoom(100, 100, 324, 268)}`, fits], ['<answer>B</answer>']];
    assert.deepEqual(marks(rollout(said, { prediction: 'b.' })), []);
    assert.deepEqual(marks(rollout([])), []);
  });

  it('a call behind an answer, in its turn and later', () => {
    const said: Said[] = [
      [`<answer>A</answer>${zoom(100, 100, 324, 268)}`, observed()],
      [zoom(100, 100, 324, 268), observed()],
    ];
    assert.deepEqual(marks(rollout(said)), [
      'afterAnswer 0 1: It stands behind an answer, with which a rollout ends.',
      'afterAnswer 1 0: It comes after the answer of turn 1, with which a rollout ends.',
    ]);
    assert.deepEqual(marks(rollout([[`${zoom(100, 100, 324, 268)}<answer>A</answer>`, observed()]])), []);
  });

  it('visual tokens, and pixels, that are not those of the box', () => {
    const call = zoom(100, 100, 324, 268);
    const tokens = observed({ images: [{ kind: 'blank', visualTokens: 50 }] });
    assert.deepEqual(marks(rollout([[call, tokens]])), [
      'otherTokens 0 observation: The file has 50 visual tokens here; the box gives 48 (224 × 168 px).',
    ]);
    const stored = (size: Size): ObservationPart =>
      observed({ images: [{ kind: 'file', path: 'crop.png', size }] });
    assert.deepEqual(marks(rollout([[call, stored({ width: 300, height: 168 })]])), [
      "otherSize 0 observation: The file's picture has 300 × 168 px; the box gives 224 × 168 px.",
    ]);
    assert.deepEqual(marks(rollout([[call, stored({ width: 225, height: 168 })]])), []);
  });

  it('a box beyond the picture, unless the tool said so itself', () => {
    const beyond = zoom(900, 100, 1035, 268);
    assert.deepEqual(marks(rollout([[beyond, observed()]])), [
      'beyondPicture 0 0: The box reaches 35 px beyond the right edge of the picture (1000 × 800 px).',
    ]);
    assert.deepEqual(marks(rollout([[zoom(900, 100, 1001, 268), observed()]])), [], 'rounding');
    assert.deepEqual(marks(rollout([[beyond, observed()]], { zoomVariant: 'trainingV2' })), [], 'clamped');
    const thousandths = rollout([[zoom(900, 100, 1100, 300), observed()]], { frame: 'relative1000' });
    assert.deepEqual(
      contradictions(thousandths).map(({ text }) => text),
      ['The box reaches 100 beyond the right edge of the picture (0 to 1000).'],
    );
  });

  it('a box that training would have refused, with its reason', () => {
    const [mark, ...others] = marks(rollout([[zoom(100, 100, 130, 400), observed()]]));
    assert.match(
      mark ?? '',
      /^refusedInTraining 0 0: DeepEyes' training environment would have refused this box: .*30/,
    );
    assert.deepEqual(others, []);
    const own = rollout([[zoom(100, 100, 130, 400), observed({ images: [], error: 'x' })]], {
      zoomVariant: 'trainingV2',
    });
    assert.deepEqual(marks(own), [], 'its own refusal is no contradiction');
  });

  it('an error for a call that is fine, and a picture for one that is not', () => {
    const error = observed({ images: [], error: 'Error: no' });
    assert.match(
      marks(rollout([[zoom(100, 100, 324, 268), error]])).join(),
      /^errorWithoutReason 0 observation/,
    );
    const refused = rollout([[zoom(300, 100, 100, 268), observed()]], { zoomVariant: 'trainingV2' });
    assert.match(marks(refused).join(), /^pictureDespiteRefusal 0 observation: .*the call is refused: /);
  });

  it('pictures that no call brought, or too many of them', () => {
    assert.deepEqual(marks(rollout([['just words', observed()]])), [
      'otherCount 0 observation: A picture came back, and no call of this turn was run.',
    ]);
    const two = observed({ images: [{ kind: 'blank' }, { kind: 'blank' }] });
    assert.deepEqual(marks(rollout([[zoom(100, 100, 324, 268), two]])), [
      'otherCount 0 observation: The calls of this turn bring 1 picture, and the file has 2 pictures.',
    ]);
  });

  it('a judged answer that the text never gave', () => {
    const said: Said[] = [['<answer>The cart is green.</answer> or rather <answer>red</answer>']];
    assert.deepEqual(marks(rollout(said, { prediction: 'blue' })), [
      'otherAnswer 0 2: The file judged another answer: "blue".',
    ]);
    for (const prediction of ['Red!', 'the cart is GREEN', 'It is red', ''])
      assert.deepEqual(marks(rollout(said, { prediction })), [], prediction);
  });

  it('leaves out what was found outside of the messages', () => {
    const found = rollout([['<answer>A</answer>'], [zoom(0, 0, 5000, 5), observed()]]);
    const turns = found.turns.map((turn, index) => (index === 1 ? { ...turn, recovered: true } : turn));
    assert.deepEqual(marks({ ...found, turns }), []);
  });
});
