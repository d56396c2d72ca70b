import assert from 'node:assert/strict';
import type { SignalName } from '../../../src/analysis/signals/signal';
import { signalInput, signalsOf } from '../../../src/analysis/signals/signals';
import { signalReports } from '../../../src/rollout/signalReports';
import { turnsOfResponse } from '../../../src/trajectory/segment';
import type { Trajectory } from '../../../src/trajectory/trajectory';

const CROP =
  '\n<|im_start|>user\n<|vision_start|><|image_pad|><|vision_end|><|im_end|>\n<|im_start|>assistant\n';
const REFUSED = '\n<|im_start|>user\nError: ZOOM IN ARGUMENTS ARE INVALID<|im_end|>\n<|im_start|>assistant\n';
const call = (...box: number[]): string =>
  `<tool_call>{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [${box.join(', ')}]}}</tool_call><|im_end|>`;

function rollout(response: string, more: Partial<Trajectory> = {}): Trajectory {
  return {
    origin: { file: 'f', index: 0, bytes: { start: 0, end: 0 } },
    prompt: {
      user: 'What?',
      question: 'What?',
      images: [{ kind: 'file', path: 'a.jpg', size: { width: 1000, height: 800 } }],
    },
    turns: turnsOfResponse(response, 'trainingV2'),
    outcome: { status: 'finished' },
    frame: 'original',
    zoomVariant: 'evaluation',
    extras: new Map(),
    ...more,
  };
}

const value = (name: SignalName, trajectory: Trajectory): boolean | undefined =>
  signalsOf(signalInput(trajectory, signalReports(trajectory)))[name];

describe('signalReports', () => {
  it('has a report of every call, by its own rules and by those of training', () => {
    const trajectory = rollout(call(10, 10, 30, 90) + CROP + call(990, 10, 1090, 90) + CROP);
    const { reports, trainingReports } = signalReports(trajectory);
    assert.equal(reports?.length, 2);
    assert.deepEqual(
      trainingReports?.map(({ rejected }) => rejected),
      ['tooSmall', 'tooSmall'],
    );
    assert.deepEqual(
      reports.map(({ rejected }) => rejected),
      [undefined, undefined],
    );
  });

  it('has none where nothing tells how large the picture is, or nothing was called', () => {
    const images = [{ kind: 'blank' as const }];
    const prompt = { user: 'What?', question: 'What?', images };
    assert.deepEqual(signalReports(rollout(call(1, 2, 300, 400) + CROP, { prompt })), {});
    assert.deepEqual(signalReports(rollout('<answer>cap</answer>')), {});
    const found = signalReports(rollout(call(1, 2, 300, 400) + CROP, { prompt }), [
      { width: 500, height: 500 },
    ]);
    assert.equal(found.reports?.length, 1);
  });

  it('settles what a box alone leaves open', () => {
    assert.equal(value('rejectedInTraining', rollout(call(10, 10, 110, 90) + CROP)), false);
    assert.equal(value('rejectedInTraining', rollout(call(990, 10, 1090, 90) + CROP)), true);
  });

  it("gives way to training's own word", () => {
    const training = { zoomVariant: 'trainingV2' as const };
    // By the rules it would have been refused; on record a crop came back, and the other way round.
    assert.equal(value('rejectedInTraining', rollout(call(10, 10, 30, 90) + CROP, training)), false);
    assert.equal(value('rejectedInTraining', rollout(call(10, 10, 310, 390) + REFUSED, training)), true);
    assert.equal(
      value('rejectedInTraining', rollout(call(10, 10, 30, 90), training)),
      true,
      'no reply on record',
    );
  });
});
