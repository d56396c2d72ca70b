import assert from 'node:assert/strict';
import { trajectoryFacts, zoomCount } from '../../../src/analysis/trajectoryFacts';
import { turnsOfResponse } from '../../../src/trajectory/segment';
import type { Trajectory } from '../../../src/trajectory/trajectory';

function trajectory(response: string, more: Partial<Trajectory> = {}): Trajectory {
  return {
    origin: { file: 'f', index: 0, bytes: { start: 0, end: 0 } },
    prompt: { user: '', question: '', images: [] },
    turns: turnsOfResponse(response, 'trainingV2'),
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'trainingV2',
    extras: new Map(),
    ...more,
  };
}
const call = (box: string, label = ''): string =>
  `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": ${box}${label}}}</tool_call><|im_end|>`;
const crop =
  '\n<|im_start|>user\n<|vision_start|><|image_pad|><|image_pad|><|vision_end|><|im_end|>\n<|im_start|>assistant\n';
const failure = '\n<|im_start|>user\nError: ZOOM IN ARGUMENTS ARE INVALID<|im_end|>\n<|im_start|>assistant\n';

describe('trajectoryFacts', () => {
  it('counts calls that failed as calls, and only crops as zooms', () => {
    const facts = trajectoryFacts(
      trajectory(
        `${call('[1,2,50,60]', ', "label": "cap"')}${crop}${call('[1,2,3,4]')}${failure}<answer>x</answer>`,
      ),
    );
    assert.deepEqual([facts.zoomCount, facts.toolCalls, facts.toolErrors, facts.repeatedBoxes], [1, 2, 1, 0]);
    assert.deepEqual(
      facts.boxes.map(({ isLabelled, turn }) => [isLabelled, turn]),
      [
        [true, 0],
        [false, 1],
      ],
    );
  });

  it('an unreadable call is an error once, its complaint included', () => {
    assert.equal(trajectoryFacts(trajectory(`<tool_call>{</tool_call><|im_end|>${failure}x`)).toolErrors, 1);
    assert.equal(trajectoryFacts(trajectory('<tool_call>{</tool_call>')).toolErrors, 1);
  });

  it('a box is repeated when all four numbers are those of an earlier one', () => {
    const boxes = ['[1,2,50,60]', '[1,2,50,61]', '[1.0,2,50,60]', '[1,2,50,60]'].map(
      (box) => call(box) + crop,
    );
    assert.equal(trajectoryFacts(trajectory(boxes.join(''))).repeatedBoxes, 2);
  });

  it('a turn with call and answer is told', () => {
    assert.equal(
      trajectoryFacts(trajectory(`${call('[1,2,3,4]')}<answer>x</answer>`)).turnsWithCallAndAnswer,
      1,
    );
  });

  it('counts nothing of a recovered turn but its error', () => {
    const [turn] = turnsOfResponse(call('[5,6,1,2]') + crop, 'evaluation');
    assert.ok(turn);
    const given = trajectory('', { turns: [{ ...turn, recovered: true }], outcome: { status: 'error' } });
    const facts = trajectoryFacts(given);
    assert.deepEqual([facts.zoomCount, facts.toolCalls, facts.toolErrors, facts.boxes.length], [0, 0, 1, 0]);
    assert.equal(zoomCount(given), 0);
  });

  it('tokens are unknown without a track, and split by the mask with one', () => {
    assert.equal('modelTokens' in trajectoryFacts(trajectory('x')), false);
    const tokens = { texts: ['a', 'b', 'c'], actionMask: [true, false, false] };
    const facts = trajectoryFacts(trajectory('x', { tokens }));
    assert.deepEqual([facts.modelTokens, facts.observationTokens], [1, 2]);
  });
});
